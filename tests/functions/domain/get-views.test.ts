import type { BatchViewRow, ViewPointer } from "../../../functions/src";
import { getViews, type ViewRange, type ViewRow, type ViewStore } from "../../../functions/src";

const time = (minute: number) =>
  new Date(Date.UTC(2026, 0, 5, 8, minute)).toISOString().replace("Z", "0000Z");

const row = (minute: number, length = 1, count = 1): ViewRow => ({
  id: `device~d1~${length}m~${minute}`,
  partitionKey: "factory-aggregates~v1~d1",
  job: "factory-aggregates",
  version: "v1",
  grain: "device",
  key: "d1",
  window: `${length}m`,
  windowStart: time(minute - length),
  windowEnd: time(minute),
  asOf: time(minute),
  count,
  temperatureSum: count * 60,
  temperatureMin: 60 - minute,
  temperatureMax: 60 + minute,
  vibrationSum: 0,
  vibrationMax: minute,
  pressureSum: 0,
  powerKwSum: 0,
  unitsSum: count,
  defectsSum: 0,
});

class MemoryViews implements ViewStore {
  pointers = 0;
  readonly ranges: (ViewRange & { readonly layer: string })[] = [];
  readonly realtime: ViewRow[];
  readonly batch: BatchViewRow[];
  readonly at: string | undefined;

  constructor(realtime: ViewRow[], batch: ViewRow[] = [], at?: string) {
    this.realtime = realtime;
    this.batch = batch.map((one) => ({ ...one, generation: 3 }));
    this.at = at;
  }

  async pointer(): Promise<ViewPointer | undefined> {
    this.pointers++;
    if (this.at === undefined) return undefined;
    return {
      id: "factory-aggregates~v1",
      job: "factory-aggregates",
      version: "v1",
      batchHighWatermark: this.at,
      generation: 3,
      asOf: "pointer",
    };
  }

  async batchRows(range: ViewRange, generation: ViewPointer["generation"]) {
    this.ranges.push({ ...range, layer: "batch" });
    return this.batch.filter((one) => one.generation === generation && within(one, range));
  }

  async realtimeRows(range: ViewRange) {
    this.ranges.push({ ...range, layer: "realtime" });
    return this.realtime.filter((one) => within(one, range));
  }
}

function within(one: ViewRow, { partitionKey, grain, window, after, upTo }: ViewRange): boolean {
  return (
    one.partitionKey === partitionKey &&
    one.grain === grain &&
    one.window === window &&
    one.windowEnd > after &&
    one.windowEnd <= upTo
  );
}

const request = { job: "factory-aggregates", key: "d1" };
const short = (windows: readonly { readonly end: string; readonly source: string }[]) =>
  windows.map(({ end, source }) => `${end.slice(14, 16)} ${source}`);

describe("getViews", () => {
  const minutes = [1, 2, 3, 4, 5];

  it("answers from the speed layer alone before the first batch run", async () => {
    const answer = await getViews(new MemoryViews(minutes.map((minute) => row(minute))))(request);
    expect(answer).toMatchObject({
      job: "factory-aggregates",
      version: "v1",
      grain: "device",
      window: "1m",
      key: "d1",
      batchHighWatermark: null,
      generation: null,
    });
    expect(short(answer.windows)).toEqual(minutes.map((minute) => `0${minute} realtime`));
    expect(answer.windows[0]).toEqual({
      start: time(0),
      end: time(1),
      values: expect.objectContaining({ count: 1, temperatureSum: 60 }),
      averages: { temperature: 60, vibration: 0, pressure: 0, powerKw: 0 },
      source: "realtime",
      version: "v1",
      asOf: time(1),
    });
  });

  it("answers from both layers around the watermark, and reads the pointer once", async () => {
    const rows = minutes.map((minute) => row(minute));
    const store = new MemoryViews(rows, rows, "2026-01-05T08:03:00Z");
    const answer = await getViews(store)(request);
    expect(short(answer.windows)).toEqual(["01 batch", "02 batch", "03 batch", "04 realtime", "05 realtime"]);
    expect(store.pointers).toBe(1);
    expect(store.ranges.map(({ layer, after, upTo }) => [layer, after, upTo])).toEqual([
      ["batch", "0001-01-01T00:00:00.0000000Z", time(3)],
      ["realtime", time(3), "9999-12-31T23:59:59.9999999Z"],
    ]);
  });

  it.each([
    ["2026-01-05T08:01:00Z", "2026-01-05T08:04:00Z", ["02 batch", "03 batch", "04 realtime"]],
    ["2026-01-05T08:03:00Z", "2026-01-05T08:05:00Z", ["04 realtime", "05 realtime"]],
    ["2026-01-05T08:00:00Z", "2026-01-05T08:03:00.000Z", ["01 batch", "02 batch", "03 batch"]],
    ["2026-01-05T08:02:00.0000001Z", "2026-01-05T08:02:59.9999999Z", []],
    ["2026-01-05T08:02:00Z", "2026-01-05T08:02:00Z", []],
  ])("takes windows with %s < end <= %s", async (from, to, expected) => {
    const rows = minutes.map((minute) => row(minute));
    const answer = await getViews(new MemoryViews(rows, rows, "2026-01-05T08:03:00Z"))({
      ...request,
      from,
      to,
    });
    expect(short(answer.windows)).toEqual(expected);
  });

  it("does not ask a layer that has no part in the range", async () => {
    const store = new MemoryViews([], [], "2026-01-05T08:03:00Z");
    await getViews(store)({ ...request, from: "2026-01-05T08:03:00Z" });
    await getViews(store)({ ...request, to: "2026-01-05T08:03:00Z" });
    expect(store.ranges.map(({ layer }) => layer)).toEqual(["realtime", "batch"]);
  });

  it("adds open windows put together from the closed ones of a minute when asked", async () => {
    const store = new MemoryViews([
      ...[1, 2, 3, 4, 5, 6].map((minute) => row(minute, 1, minute)),
      row(5, 5, 15),
      row(6, 5, 20),
    ]);
    const answer = await getViews(store)({ ...request, window: "5m", provisional: "true" });
    expect(
      answer.windows.map(({ end, provisional, completeTo, values }) => [
        end.slice(14, 16),
        provisional ?? false,
        completeTo?.slice(14, 16),
        values.count,
        values.temperatureMin,
      ]),
    ).toEqual([
      ["05", false, undefined, 15, 55],
      ["06", false, undefined, 20, 54],
      ["07", true, "06", 3 + 4 + 5 + 6, 54],
      ["08", true, "06", 4 + 5 + 6, 54],
      ["09", true, "06", 5 + 6, 54],
      ["10", true, "06", 6, 54],
    ]);
  });

  it("adds no open windows of the shortest length, nor unasked", async () => {
    const store = new MemoryViews(minutes.map((minute) => row(minute)));
    const view = getViews(store);
    expect((await view({ ...request, provisional: "true" })).windows).toHaveLength(5);
    expect((await view({ ...request, window: "5m", provisional: "false" })).windows).toHaveLength(0);
  });

  it.each([
    [{ job: "other" }, "unknown-job"],
    [{ version: "v9" }, "unknown-version"],
    [{ grain: "planet" }, "invalid-parameter"],
    [{ window: "2m" }, "invalid-parameter"],
    [{ from: "yesterday" }, "invalid-parameter"],
    [{ to: "2026-02-30T00:00:00Z" }, "invalid-parameter"],
    [{ from: "2026-01-05T08:00:00Z", to: "2026-01-05T07:00:00Z" }, "invalid-parameter"],
    [{ provisional: "maybe" }, "invalid-parameter"],
  ])("refuses %p as %s", async (change, code) => {
    await expect(getViews(new MemoryViews([]))({ ...request, ...change })).rejects.toMatchObject({ code });
  });

  it("refuses a range of more windows than it can give whole", async () => {
    const many = Array.from({ length: 10_001 }, (_, minute) => row(minute));
    await expect(getViews(new MemoryViews(many))(request)).rejects.toMatchObject({ code: "range-too-large" });
  });
});
