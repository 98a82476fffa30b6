import * as fc from "fast-check";
import { checkFactoryTelemetry } from "../../../../contracts";
import type { OutgoingMessage } from "../../../../local/simulator/message";
import { createSchedule, type ScheduleOptions } from "../../../../local/simulator/schedule";

const startMs = Date.parse("2026-01-05T08:00:00Z");
const toleranceMs = 10_000;

interface Sent extends OutgoingMessage {
  readonly tickMs: number;
}

function run(options: ScheduleOptions): readonly Sent[] {
  return [...createSchedule(options).ticks()].flatMap(({ atMs, messages }) =>
    messages.map((message) => ({ ...message, tickMs: atMs })),
  );
}

const base: ScheduleOptions = {
  seed: 7,
  rate: 50,
  forSeconds: 20,
  speed: 30,
  devices: 40,
  startMs,
  faults: { late: 0.02, duplicate: 0.01, outOfOrder: 0.05, malformed: 0.01, invalid: 0.01 },
};

const optionsArbitrary: fc.Arbitrary<ScheduleOptions> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  rate: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.double({ min: 0.5, max: 40, noNaN: true })),
  forSeconds: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.double({ min: 0.2, max: 8, noNaN: true })),
  speed: fc.constantFrom(1, 2.5, 10, 30, 60),
  devices: fc.integer({ min: 1, max: 60 }),
  startMs: fc.integer({ min: 0, max: 90_000 }).map((offset) => startMs + offset),
  faults: fc.record({
    late: fc.double({ min: 0, max: 0.2, noNaN: true }),
    duplicate: fc.double({ min: 0, max: 0.2, noNaN: true }),
    outOfOrder: fc.double({ min: 0, max: 0.2, noNaN: true }),
    malformed: fc.double({ min: 0, max: 0.2, noNaN: true }),
    invalid: fc.double({ min: 0, max: 0.2, noNaN: true }),
  }),
});

function timeOf(message: OutgoingMessage): number {
  return Date.parse((JSON.parse(message.body) as { eventTime: string }).eventTime);
}

describe("createSchedule", () => {
  it("holds exactly rate x forSeconds originals, each with ids of its own", () => {
    fc.assert(
      fc.property(optionsArbitrary, (options) => {
        const sent = run(options);
        const originals = sent.filter(({ fault }) => fault !== "duplicate");
        expect(originals).toHaveLength(Math.round(options.rate * options.forSeconds!));
        expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(sent.length);
      }),
      { numRuns: 60 },
    );
  });

  it("never sends before the event time, nor after the end", () => {
    fc.assert(
      fc.property(optionsArbitrary, (options) => {
        const { endMs } = createSchedule(options);
        for (const message of run(options)) {
          expect(message.tickMs).toBeGreaterThanOrEqual(message.sendAtMs);
          expect(message.tickMs).toBeLessThanOrEqual(endMs);
          if (message.fault === "malformed" || message.fault === "invalid") continue;
          const eventTimeMs = timeOf(message);
          expect(eventTimeMs).toBeGreaterThan(options.startMs);
          expect(message.sendAtMs).toBeGreaterThanOrEqual(eventTimeMs);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("keeps each fault's distance from the tolerance", () => {
    fc.assert(
      fc.property(optionsArbitrary, (options) => {
        for (const message of run(options)) {
          if (message.fault === "malformed" || message.fault === "invalid") continue;
          const behindMs = message.tickMs - timeOf(message);
          if (message.fault === null) expect(behindMs).toBeLessThanOrEqual(1000);
          if (message.fault === "late") {
            expect(behindMs).toBeGreaterThanOrEqual(toleranceMs + 2000);
            expect(behindMs).toBeLessThanOrEqual(61_000);
          }
          if (message.fault === "outOfOrder") {
            expect(behindMs).toBeGreaterThanOrEqual(500);
            expect(behindMs).toBeLessThanOrEqual(toleranceMs - 3000);
          }
          if (message.fault === "duplicate") {
            expect(behindMs < toleranceMs - 3000 || behindMs > toleranceMs + 1999).toBe(true);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("gives the same messages for the same options and others for another seed", () => {
    expect(run(base)).toEqual(run(base));
    const other = new Set(run({ ...base, seed: 8 }).map(({ messageId }) => messageId));
    expect(run(base).some(({ messageId }) => other.has(messageId))).toBe(false);
  });

  it("puts the asked share of each fault into a long run", () => {
    const sent = run({ ...base, rate: 500, forSeconds: 40 });
    const count = (fault: string) => sent.filter((message) => message.fault === fault).length;
    expect(count("malformed")).toBe(200);
    expect(count("invalid")).toBe(200);
    expect(count("duplicate")).toBe(200);
    // The last 12 s of event time have no room for a late message: 12 of 1200 s.
    expect(count("late")).toBeGreaterThanOrEqual(390);
    expect(count("late")).toBeLessThanOrEqual(400);
    expect(count("outOfOrder")).toBeGreaterThanOrEqual(995);
  });

  it("makes sound texts valid, malformed ones malformed and invalid ones invalid", () => {
    for (const { body, fault, deviceId } of run({ ...base, rate: 100 })) {
      const validity = checkFactoryTelemetry(body);
      if (fault === "malformed") expect(validity).toMatchObject({ valid: false, reason: "MALFORMED" });
      else if (fault === "invalid") {
        expect(validity.valid).toBe(false);
        expect(validity).not.toMatchObject({ reason: "MALFORMED" });
      } else expect(validity).toMatchObject({ valid: true, event: { deviceId } });
    }
  });

  it("places an event exactly on each whole minute", () => {
    const onBoundary = new Set(
      run({ ...base, faults: {} })
        .map(timeOf)
        .filter((time) => time % 60_000 === 0),
    );
    expect([...onBoundary].sort()).toEqual(Array.from({ length: 10 }, (_, n) => startMs + (n + 1) * 60_000));
  });

  it("copies keep the text of their original", () => {
    const sent = run(base);
    for (const copy of sent.filter(({ fault }) => fault === "duplicate")) {
      const originals = sent.filter(({ body, fault }) => body === copy.body && fault === null);
      expect(originals).toHaveLength(1);
      expect(originals[0]!.via).toBe(copy.via);
    }
  });

  it("can begin anywhere and goes on as the whole does", () => {
    const schedule = createSchedule(base);
    const all = [...schedule.ticks()];
    const fromMs = startMs + 300_400;
    expect([...schedule.ticks(fromMs)]).toEqual(all.filter(({ atMs }) => atMs > fromMs));
  });

  it("goes on without end when no length is given", () => {
    const endless = createSchedule({ ...base, forSeconds: null }).ticks();
    let messages = 0;
    for (let tick = 0; tick < 100; tick += 1) messages += endless.next().value!.messages.length;
    expect(messages).toBeGreaterThan(150);
  });

  it("sends a bounded number of devices by MQTT", () => {
    const schedule = createSchedule({ ...base, devices: 1000 });
    expect(schedule.mqttDeviceIds).toHaveLength(20);
    expect(new Set(schedule.devices.map(({ deviceId }) => deviceId)).size).toBe(1000);
    const viaMqtt = new Set(
      run({ ...base, devices: 1000, rate: 100 })
        .filter(({ via }) => via === "mqtt")
        .map(({ deviceId }) => deviceId),
    );
    expect([...viaMqtt].sort()).toEqual([...schedule.mqttDeviceIds].sort());
  });

  it("refuses fractions that exceed the whole", () => {
    expect(() => createSchedule({ ...base, faults: { late: 0.7, invalid: 0.4 } })).toThrow(RangeError);
    expect(() => createSchedule({ ...base, faults: { late: -0.1 } })).toThrow(RangeError);
  });
});
