import * as fc from "fast-check";
import type { ClockGate } from "../../../../local/simulator/clock-gate";
import { countingLedger, type Ledger } from "../../../../local/simulator/ledger";
import type { OutgoingMessage, Tick } from "../../../../local/simulator/message";
import { Sender } from "../../../../local/simulator/sender";
import type { Transport } from "../../../../local/simulator/transport";

const tickMs = 500;
const slackMs = 1500;

function ticksOf(sizes: readonly number[]): readonly Tick[] {
  let made = 0;
  return sizes.map((size, n) => ({
    atMs: (n + 1) * tickMs,
    messages: Array.from({ length: size }, (): OutgoingMessage => {
      made += 1;
      return {
        messageId: `m-${made}`,
        sendAtMs: n * tickMs + 1,
        via: made % 4 === 0 ? "mqtt" : "amqp",
        fault: null,
        deviceId: "d",
        body: "{}",
      };
    }),
  }));
}

/** A clock that is always as far as it may be: the worst case for lateness. */
class EagerClock implements ClockGate {
  nowMs = 0;
  #waiting: { readonly atMs: number; readonly wake: () => void } | undefined;

  reach(atMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.nowMs >= atMs) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting = { atMs, wake: resolve };
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  release(untilMs: number): void {
    this.nowMs = Math.max(this.nowMs, untilMs);
    if (this.#waiting !== undefined && this.#waiting.atMs <= this.nowMs) this.#waiting.wake();
  }
}

function recordingLedger(resumeAt = 0, lastId = ""): Ledger & { readonly ids: string[] } {
  const ids: string[] = [];
  return {
    ...countingLedger(),
    ids,
    resumeAt,
    checkResume: (id) => {
      if (id !== lastId) throw new Error(`another run: ${id}`);
    },
    append: (messages) => ids.push(...messages.map(({ messageId }) => messageId)),
  };
}

const never = new AbortController().signal;

describe("Sender", () => {
  it("notes every message once in order, and nothing on time is stored 3 s after its event time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 }),
        fc.scheduler(),
        async (sizes, scheduler) => {
          const gate = new EagerClock();
          const ledger = recordingLedger();
          const behindMs: number[] = [];
          const transport: Transport = {
            async send(messages) {
              for (const { sendAtMs } of messages) {
                await scheduler.schedule(Promise.resolve());
                expect(gate.nowMs).toBeGreaterThanOrEqual(sendAtMs);
                behindMs.push(gate.nowMs - sendAtMs);
              }
            },
            close: async () => {},
          };
          const ticks = ticksOf(sizes);
          const sender = new Sender({
            ticks,
            transports: { amqp: transport, mqtt: transport },
            gate,
            ledger,
            slackMs,
          });
          await scheduler.waitFor(sender.run(never));
          expect(ledger.ids).toEqual(
            ticks.flatMap(({ messages }) => messages.map(({ messageId }) => messageId)),
          );
          expect(Math.max(0, ...behindMs)).toBeLessThan(tickMs + slackMs + 1);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("skips what an earlier run has noted", async () => {
    const sent: string[] = [];
    const transport: Transport = {
      send: async (messages) => {
        sent.push(...messages.map(({ messageId }) => messageId));
      },
      close: async () => {},
    };
    const ledger = recordingLedger(4, "m-4");
    await new Sender({
      ticks: ticksOf([3, 0, 3, 2]),
      transports: { amqp: transport, mqtt: transport },
      gate: new EagerClock(),
      ledger,
      slackMs,
    }).run(never);
    expect(ledger.ids).toEqual(["m-5", "m-6", "m-7", "m-8"]);
    expect(sent.sort()).toEqual(["m-5", "m-6", "m-7", "m-8"]);
  });

  it.each([
    ["another message at the place", 4, "m-9"],
    ["more messages than there are", 20, "m-20"],
  ])("stops over a ledger that has %s", async (_what, resumeAt, lastId) => {
    const transport: Transport = { send: async () => {}, close: async () => {} };
    const sender = new Sender({
      ticks: ticksOf([3, 3]),
      transports: { amqp: transport, mqtt: transport },
      gate: new EagerClock(),
      ledger: recordingLedger(resumeAt, lastId),
      slackMs,
    });
    await expect(sender.run(never)).rejects.toThrow("another run");
  });

  it("ends when a message cannot be sent, even while it waits for the clock", async () => {
    const transport: Transport = {
      send: () => Promise.reject(new Error("the disk is full")),
      close: async () => {},
    };
    const gate: ClockGate = {
      reach: (atMs, signal) =>
        atMs <= tickMs
          ? Promise.resolve()
          : new Promise((_resolve, reject) =>
              signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
            ),
      release: () => {},
    };
    const sender = new Sender({
      ticks: ticksOf([1, 1]),
      transports: { amqp: transport, mqtt: transport },
      gate,
      ledger: recordingLedger(),
      slackMs,
    });
    await expect(sender.run(never)).rejects.toThrow("the disk is full");
  });

  it("ends when it is told to", async () => {
    const stop = new AbortController();
    const transport: Transport = {
      send: (_messages, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
        ),
      close: async () => {},
    };
    const running = new Sender({
      ticks: ticksOf([1]),
      transports: { amqp: transport, mqtt: transport },
      gate: new EagerClock(),
      ledger: recordingLedger(),
      slackMs,
    }).run(stop.signal);
    stop.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
  });
});
