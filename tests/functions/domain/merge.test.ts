import fc from "fast-check";
import {
  type BatchViewRow,
  canonicalTimeOfMs,
  mergeViews,
  type ServedWindow,
  type ViewPointer,
  type ViewRow,
} from "../../../functions/src";

const minuteMs = 60_000;
const toleranceMs = 10_000;
const originMs = Date.UTC(2026, 0, 5, 8);

interface Event {
  readonly timeMs: number;
  readonly enqueuedMs: number;
  readonly temperature: number;
  readonly units: number;
}

/** The definition itself, window by window: an event belongs to (start, end]. */
function rowsOf(events: readonly Event[], lengthMs: number, lastEndMs: number): ViewRow[] {
  const rows: ViewRow[] = [];
  for (let endMs = originMs; endMs <= lastEndMs; endMs += minuteMs) {
    const inside = events.filter(({ timeMs }) => timeMs > endMs - lengthMs && timeMs <= endMs);
    if (inside.length === 0) continue;
    const temperatures = inside.map(({ temperature }) => temperature);
    const sum = (pick: (event: Event) => number) => inside.reduce((total, event) => total + pick(event), 0);
    rows.push({
      id: `device~d~w~${endMs / 1000}`,
      partitionKey: "job~v1~d",
      job: "job",
      version: "v1",
      grain: "device",
      key: "d",
      window: "w",
      windowStart: canonicalTimeOfMs(endMs - lengthMs),
      windowEnd: canonicalTimeOfMs(endMs),
      asOf: canonicalTimeOfMs(endMs),
      count: inside.length,
      temperatureSum: sum(({ temperature }) => temperature),
      temperatureMin: Math.min(...temperatures),
      temperatureMax: Math.max(...temperatures),
      vibrationSum: 0,
      vibrationMax: 0,
      pressureSum: 0,
      powerKwSum: 0,
      unitsSum: sum(({ units }) => units),
      defectsSum: 0,
    });
  }
  return rows;
}

/** What a batch run sees at a cut of the enqueued time, and the pointer it leaves. */
function batchAt(events: readonly Event[], cutMs: number, lengthMs: number) {
  const watermarkMs = Math.floor((cutMs - toleranceMs) / minuteMs) * minuteMs;
  const pointer: ViewPointer = {
    id: "job~v1",
    job: "job",
    version: "v1",
    batchHighWatermark: new Date(watermarkMs).toISOString(),
    generation: 2,
    asOf: canonicalTimeOfMs(cutMs),
  };
  const captured = events.filter(({ enqueuedMs }) => enqueuedMs < cutMs);
  const rows: BatchViewRow[] = rowsOf(captured, lengthMs, watermarkMs).map((row) => ({
    ...row,
    generation: 2,
  }));
  return { pointer, rows, watermarkMs };
}

const isOnTime = ({ timeMs, enqueuedMs }: Event) => enqueuedMs - timeMs <= toleranceMs;
const answer = (windows: readonly ServedWindow[]) => windows.map(({ end, values }) => ({ end, values }));
const expected = (rows: readonly ViewRow[]) => answer(mergeViews(undefined, [], rows));

const eventsUpTo = (maxDelayMs: number) =>
  fc
    .array(
      fc.record({
        // Whole seconds half of the time, so that events stand exactly on window ends.
        timeMs: fc.oneof(
          fc.integer({ min: 0, max: 20 }).map((m) => originMs + m * minuteMs),
          fc.integer({ min: 1, max: 20 * minuteMs }).map((ms) => originMs + ms),
        ),
        delayMs: fc.integer({ min: 0, max: maxDelayMs }),
        temperature: fc.integer({ min: -60, max: 400 }),
        units: fc.nat(9),
      }),
      { maxLength: 60 },
    )
    .map((drafts) =>
      drafts.map(
        ({ timeMs, delayMs, temperature, units }): Event => ({
          timeMs,
          enqueuedMs: timeMs + delayMs,
          temperature,
          units,
        }),
      ),
    );
const cuts = fc.integer({ min: 0, max: 22 * minuteMs }).map((ms) => originMs + ms);
const lengths = fc.constantFrom(minuteMs, 5 * minuteMs);
const lastEndMs = originMs + 25 * minuteMs;

describe("mergeViews", () => {
  it("gives batch(all) for every cut when no event is too late (law L5)", () => {
    fc.assert(
      fc.property(
        eventsUpTo(toleranceMs),
        cuts,
        lengths,
        fc.boolean(),
        (events, cutMs, lengthMs, fromCut) => {
          const { pointer, rows, watermarkMs } = batchAt(events, cutMs, lengthMs);
          const speed = rowsOf(events, lengthMs, lastEndMs).filter(
            // A speed layer that began at the cut has nothing older; one that began earlier has more than is asked for.
            ({ windowEnd }) => !fromCut || windowEnd > canonicalTimeOfMs(watermarkMs),
          );
          const merged = mergeViews(pointer, rows, speed);
          expect(answer(merged)).toEqual(expected(rowsOf(events, lengthMs, lastEndMs)));
          for (const { end, source } of merged) {
            expect(source).toBe(end <= canonicalTimeOfMs(watermarkMs) ? "batch" : "realtime");
          }
        },
      ),
    );
  });

  it("is exact again after the next batch run when events were late", () => {
    fc.assert(
      fc.property(eventsUpTo(4 * minuteMs), cuts, lengths, (events, cutMs, lengthMs) => {
        const speed = rowsOf(events.filter(isOnTime), lengthMs, lastEndMs);
        const nextCut = Math.max(cutMs, ...events.map(({ enqueuedMs }) => enqueuedMs)) + 10 * minuteMs;
        const { pointer, rows } = batchAt(events, nextCut, lengthMs);
        expect(answer(mergeViews(pointer, rows, speed))).toEqual(
          expected(rowsOf(events, lengthMs, lastEndMs)),
        );
      }),
    );
  });

  const row = (end: string, changes: Partial<BatchViewRow> = {}): BatchViewRow => ({
    ...(rowsOf(
      [{ timeMs: originMs, enqueuedMs: originMs, temperature: 60, units: 1 }],
      minuteMs,
      originMs,
    )[0] as ViewRow),
    windowEnd: `2026-01-05T08:${end}:00.0000000Z`,
    generation: 7,
    ...changes,
  });
  const pointer = { batchHighWatermark: "2026-01-05T08:02:00Z", generation: 7, asOf: "pointer's time" };

  it("takes the window that ends at the watermark from the batch layer and the next from the speed layer", () => {
    const rows = ["01", "02", "03"].map((end) => row(end));
    const merged = mergeViews(pointer, rows, rows);
    expect(merged.map(({ end, source }) => `${end.slice(14, 16)} ${source}`)).toEqual([
      "01 batch",
      "02 batch",
      "03 realtime",
    ]);
  });

  it("leaves rows of another generation out", () => {
    expect(mergeViews(pointer, [row("01", { generation: 6 }), row("02", { generation: 8 })], [])).toEqual([]);
  });

  it("says when a value was written: the row's time, else the pointer's, else null", () => {
    const { asOf: _, ...noTime } = row("02");
    const merged = mergeViews(
      pointer,
      [row("01", { asOf: "row's time" }), noTime as BatchViewRow],
      [{ ...(noTime as BatchViewRow), windowEnd: "2026-01-05T08:03:00.0000000Z" }],
    );
    expect(merged.map(({ asOf }) => asOf)).toEqual(["row's time", "pointer's time", null]);
  });

  it("derives averages, and none for an empty window", () => {
    const [window] = mergeViews(undefined, [], [row("01", { count: 4, temperatureSum: 10 })]);
    expect(window?.averages.temperature).toBe(2.5);
    const [empty] = mergeViews(undefined, [], [row("01", { count: 0 })]);
    expect(empty?.averages).toEqual({ temperature: null, vibration: null, pressure: null, powerKw: null });
  });

  it("refuses a pointer whose watermark is no time", () => {
    expect(() => mergeViews({ ...pointer, batchHighWatermark: "soon" }, [], [])).toThrow(
      'the view pointer\'s batchHighWatermark "soon" is no UTC time',
    );
  });
});
