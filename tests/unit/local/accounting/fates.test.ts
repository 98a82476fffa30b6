import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { compareWindows, type FactoryTelemetry, type ViewWindow } from "../../../../contracts";
import { Buckets } from "../../../../local/accounting/buckets";
import { decideFates, type LoggedMessage, type StoredEvent } from "../../../../local/accounting/fates";
import { aggregateValueNames, recomputeFactoryAggregates } from "../../../../local/accounting/recompute";

const startMs = Date.parse("2026-01-05T08:00:00Z");
const toleranceMs = 10_000;

function eventOf(number: number, atMs: number, temperature = 20): FactoryTelemetry {
  return {
    eventId: `e-${number}`,
    schemaVersion: 1,
    eventTime: new Date(atMs).toISOString(),
    deviceId: `d-${number % 3}`,
    factoryId: "f-1",
    lineId: `l-${number % 2}`,
    temperature,
    vibration: 1,
    pressure: 500,
    powerKw: 10,
    units: 2,
    defects: 0,
  };
}

interface Sent {
  readonly event: number;
  readonly atMs: number;
  readonly delayMs: number;
  readonly retry: boolean;
  readonly kind: "valid" | "malformed" | "invalid";
  readonly partition: number;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  event: fc.integer({ min: 0, max: 12 }),
  atMs: fc.constant(0),
  delayMs: fc.constantFrom(-300_001, -300_000, 0, 1, 9_999, 10_000, 10_001, 60_000),
  retry: fc.boolean(),
  kind: fc.constantFrom(
    "valid" as const,
    "valid" as const,
    "valid" as const,
    "malformed" as const,
    "invalid" as const,
  ),
  partition: fc.integer({ min: 0, max: 2 }),
});

/** A log of copies, retries and refused messages; an event's time follows from its number. */
function logOf(list: readonly Sent[]): LoggedMessage[] {
  const messages: LoggedMessage[] = [];
  list.forEach(({ event, delayMs, retry, kind, partition }, n) => {
    const atMs = startMs + event * 7_000;
    const valid = JSON.stringify(eventOf(event, atMs));
    const body =
      kind === "malformed"
        ? `${valid.slice(0, -5)}${n}`
        : kind === "invalid"
          ? valid.replace('"temperature":20', `"temperature":"${n}"`)
          : valid;
    const message = {
      messageId: `m-${n}`,
      body,
      enqueuedMs: atMs + delayMs,
      partition,
      sequence: BigInt(n * 2),
    };
    messages.push(message);
    if (retry)
      messages.push({ ...message, enqueuedMs: message.enqueuedMs + 20_000, sequence: BigInt(n * 2 + 1) });
  });
  return messages;
}

/** The rules in docs/architecture.md, each message looked at against all others. */
function naiveFates(list: readonly Sent[], messages: readonly LoggedMessage[]) {
  const kindOf = (message: LoggedMessage) => list[Number(message.messageId.slice(2))]!;
  const valid = messages.filter((message) => kindOf(message).kind === "valid");
  const events = [...new Set(valid.map((message) => kindOf(message).event))];
  const inTime = (event: number) =>
    valid.some((message) => {
      const delayMs = message.enqueuedMs - (startMs + event * 7_000);
      return kindOf(message).event === event && delayMs <= toleranceMs && delayMs >= -300_000;
    });
  const counted = events.filter(inTime);
  return {
    stored: events.length,
    duplicates: new Set(valid.map(({ messageId }) => messageId)).size - events.length,
    quarantined: new Set(messages.filter((m) => kindOf(m).kind !== "valid").map(({ messageId }) => messageId))
      .size,
    redelivered: list.filter(({ retry }) => retry).length,
    counted: counted.length,
    late: events.length - counted.length,
    kept: Object.fromEntries(
      events.map((event) => [
        `e-${event}`,
        {
          keptEnqueuedMs: Math.min(
            ...valid.filter((m) => kindOf(m).event === event).map((m) => m.enqueuedMs),
          ),
          counted: counted.includes(event),
        },
      ]),
    ),
  };
}

describe("decideFates", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fates-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("agrees with looking at each message against all others, and leaves no file", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { maxLength: 40 }), async (list) => {
        const messages = logOf(list);
        const stored: StoredEvent[] = [];
        const totals = await decideFates(messages, toleranceMs, join(folder, "work"), (event) =>
          stored.push(event),
        );
        const { kept, ...expected } = naiveFates(list, messages);
        expect(totals).toEqual(expected);
        expect(Object.fromEntries(stored.map(({ event, ...rest }) => [event.eventId, rest]))).toEqual(kept);
        expect(readdirSync(folder)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("keeps the first copy by enqueued time, partition and sequence number when values differ", async () => {
    const message = (
      temperature: number,
      enqueuedMs: number,
      partition: number,
      sequence: bigint,
    ): LoggedMessage => ({
      messageId: `m-${temperature}`,
      body: JSON.stringify(eventOf(1, startMs, temperature)),
      enqueuedMs,
      partition,
      sequence,
    });
    const candidates = [
      message(1, startMs + 5, 0, 9n),
      message(2, startMs + 4, 2, 1n),
      message(3, startMs + 4, 1, 8n),
      message(4, startMs + 4, 1, 7n),
    ];
    for (const messages of [candidates, candidates.toReversed()]) {
      const stored: StoredEvent[] = [];
      await decideFates(messages, toleranceMs, join(folder, "work"), (event) => stored.push(event));
      expect(stored.map(({ event }) => event.temperature)).toEqual([4]);
    }
  });
});

describe("Buckets", () => {
  it("gives back every entry, those of a key together and in order", () => {
    const folder = mkdtempSync(join(tmpdir(), "buckets-"));
    try {
      const buckets = new Buckets<readonly [string, number, string]>(join(folder, "work"), 7);
      const expected = new Map<string, number[]>();
      for (let n = 0; n < 5000; n++) {
        const key = `key-${(n * 7919) % 611}`;
        buckets.add(key, [key, n, "ü\n\u2028,]"]);
        expected.set(key, [...(expected.get(key) ?? []), n]);
      }
      const found = new Map<string, number[]>();
      for (const bucket of buckets) {
        const here = new Map<string, number[]>();
        for (const [key, n, text] of bucket) {
          expect(text).toBe("ü\n\u2028,]");
          here.set(key, [...(here.get(key) ?? []), n]);
        }
        for (const [key, list] of here) {
          expect(found.has(key)).toBe(false);
          found.set(key, list);
        }
      }
      expect(found).toEqual(expected);
      buckets.remove();
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Every window that could hold an event, asked one by one which events lie in it. */
function naiveWindows(events: readonly FactoryTelemetry[]): ViewWindow[] {
  const windows: ViewWindow[] = [];
  const keysOf = (event: FactoryTelemetry) => ({
    device: event.deviceId,
    line: `${event.factoryId}~${event.lineId}`,
    factory: event.factoryId,
  });
  for (const grain of ["device", "line", "factory"] as const) {
    for (const key of new Set(events.map((event) => keysOf(event)[grain]))) {
      for (const minutes of [1, 5]) {
        for (let end = startMs - 300_000; end <= startMs + 1_200_000; end += 60_000) {
          const start = end - minutes * 60_000;
          const inside = events.filter((event) => {
            const atMs = Date.parse(event.eventTime);
            return keysOf(event)[grain] === key && atMs > start && atMs <= end;
          });
          if (inside.length === 0) continue;
          const numbers = (name: keyof FactoryTelemetry) => inside.map((event) => event[name] as number);
          const sum = (name: keyof FactoryTelemetry) =>
            numbers(name).reduce((total, value) => total + value, 0);
          windows.push({
            grain,
            key,
            window: `${minutes}m`,
            start: new Date(start).toISOString(),
            end: new Date(end).toISOString(),
            values: {
              count: inside.length,
              temperatureSum: sum("temperature"),
              temperatureMin: Math.min(...numbers("temperature")),
              temperatureMax: Math.max(...numbers("temperature")),
              vibrationSum: sum("vibration"),
              vibrationMax: Math.max(...numbers("vibration")),
              pressureSum: sum("pressure"),
              powerKwSum: sum("powerKw"),
              unitsSum: sum("units"),
              defectsSum: sum("defects"),
            },
          });
        }
      }
    }
  }
  return windows;
}

describe("recomputeFactoryAggregates", () => {
  it("agrees with asking each window for its events, boundaries included", () => {
    const offsets = fc.oneof(
      fc.integer({ min: 1, max: 600_000 }),
      fc
        .integer({ min: 1, max: 10 })
        .chain((minute) => fc.constantFrom(minute * 60_000 - 1, minute * 60_000, minute * 60_000 + 1)),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(offsets, fc.double({ min: -40, max: 200, noNaN: true })), { maxLength: 25 }),
        (list) => {
          const events = list.map(([offset, temperature], n) => eventOf(n, startMs + offset, temperature));
          const comparison = compareWindows(naiveWindows(events), recomputeFactoryAggregates(events));
          expect(comparison.differences).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("names its values in the order of the contract", () => {
    const [window] = recomputeFactoryAggregates([eventOf(1, startMs + 1)]);
    expect(Object.keys(window!.values)).toEqual([...aggregateValueNames]);
  });
});
