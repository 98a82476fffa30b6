import { batchesByDevice } from "../../../../local/simulator/amqp-transport";
import type { OutgoingMessage } from "../../../../local/simulator/message";
import { wallPace } from "../../../../local/simulator/pace";
import { untilSent } from "../../../../local/simulator/transport";

const never = new AbortController().signal;

const message = (deviceId: string, messageId: string, body = "{}"): OutgoingMessage => ({
  messageId,
  sendAtMs: 0,
  via: "amqp",
  fault: null,
  deviceId,
  body,
});

describe("batchesByDevice", () => {
  it("keeps each device's order in batches of its own", () => {
    const batches = batchesByDevice([message("a", "1"), message("b", "2"), message("a", "3")]);
    expect(batches.map((batch) => batch.map(({ messageId }) => messageId))).toEqual([["1", "3"], ["2"]]);
  });

  it("cuts a batch before it grows beyond what a send may carry", () => {
    const large = "\u20ac".repeat(30_000);
    const batches = batchesByDevice(Array.from({ length: 5 }, (_, n) => message("a", String(n), large)));
    for (const batch of batches) {
      expect(batch.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0)).toBeLessThan(256 * 1024);
    }
    expect(batches.flat()).toHaveLength(5);
  });
});

describe("untilSent", () => {
  it("repeats until the attempt succeeds and reports each failure", async () => {
    let attempts = 0;
    const failures: string[] = [];
    await untilSent(
      async () => {
        attempts += 1;
        if (attempts < 3) throw new Error(`failure ${attempts}`);
      },
      (error) => failures.push((error as Error).message),
      never,
    );
    expect(failures).toEqual(["failure 1", "failure 2"]);
  });

  it("ends with the signal", async () => {
    const stop = new AbortController();
    const running = untilSent(
      () => Promise.reject(new Error("away")),
      () => stop.abort(new Error("enough")),
      stop.signal,
    );
    await expect(running).rejects.toThrow("enough");
  });
});

describe("wallPace", () => {
  it("lets the rate through and catches up a second at most", async () => {
    let nowMs = 0;
    const pace = wallPace(100, () => nowMs);
    const delay = async (messages: number) => {
      const before = Date.now();
      await pace(messages, never);
      return Date.now() - before;
    };
    nowMs = 10_000;
    expect(await delay(100)).toBeLessThan(20);
    expect(await delay(4)).toBeLessThan(20);
    expect(await delay(1)).toBeGreaterThanOrEqual(35);
  });
});
