import { takeBatch } from "../../../../local/simulator/amqp-transport";
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

describe("takeBatch", () => {
  it("takes from the head what fits one send and leaves the rest in order", () => {
    const large = "\u20ac".repeat(30_000);
    const queue = Array.from({ length: 5 }, (_, n) => ({ message: message("a", String(n), large) }));
    const taken: string[] = [];
    while (queue.length > 0) {
      const batch = takeBatch(queue);
      expect(batch.reduce((sum, item) => sum + Buffer.byteLength(item.message.body), 0)).toBeLessThan(
        256 * 1024,
      );
      taken.push(...batch.map((item) => item.message.messageId));
    }
    expect(taken).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("takes a message that is alone too large, for the service to refuse", () => {
    expect(takeBatch([{ message: message("a", "1", "x".repeat(500_000)) }])).toHaveLength(1);
  });

  it("takes many small ones together", () => {
    expect(
      takeBatch(Array.from({ length: 700 }, (_, n) => ({ message: message("a", String(n)) }))),
    ).toHaveLength(500);
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
