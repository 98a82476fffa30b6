import type { InputEvent, TimePolicies } from "../../../../asa";
import { type AsaRecord, formatDateTime, readJson } from "../../../../asa";
import { at, rowText, start } from "../../../support/asa";

const minute = 600_000_000n;
const second = 10_000_000n;

/** Event and arrival times of a worked sample of the policies. */
const sample = [
  ["12:07", "12:07"],
  ["12:08", "12:08"],
  ["12:17", "12:11"],
  ["12:08", "12:13"],
  ["12:19", "12:16"],
  ["12:12", "12:17"],
  ["12:17", "12:18"],
  ["12:20", "12:19"],
  ["12:16", "12:21"],
  ["12:23", "12:22"],
  ["12:22", "12:24"],
  ["12:21", "12:27"],
] as const;

const policies: TimePolicies = {
  lateToleranceTicks: 5n * minute,
  outOfOrderToleranceTicks: 2n * minute,
  policy: "adjust",
};

function incoming(id: number, time: string, arrival: string, partition = 0): InputEvent {
  return {
    body: readJson(`{"id":${id},"t":"2026-01-01T${time}Z"}`) as AsaRecord,
    arrival: at(arrival),
    metadata: { partition, sequence: BigInt(id) },
  };
}

const query = "SELECT id, System.Timestamp() AS ts FROM input TIMESTAMP BY t";
const timesOf = (rows: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    rows.map((row) => {
      const record = readJson(row) as AsaRecord;
      return [String(record.get("id")), String(record.get("ts")).slice(11, 19)];
    }),
  );

describe("event-ordering policies", () => {
  it("give the times of the documented sample when the policy is adjust", () => {
    const { job, rows, diagnostics } = start(query, { mode: "replay", policies });
    job.push(
      "input",
      0,
      sample.map(([time, arrival], id) => incoming(id, `${time}:00`, `${arrival}:00`)),
    );
    job.finish();
    expect(timesOf(rows.map(rowText))).toEqual({
      0: "12:07:00",
      1: "12:08:00",
      3: "12:08:00",
      4: "12:19:00",
      5: "12:17:00",
      6: "12:17:00",
      7: "12:20:00",
      8: "12:18:00",
      9: "12:23:00",
      10: "12:22:00",
      11: "12:22:00",
    });
    expect(diagnostics.map(({ kind, action, metadata }) => [kind, action, metadata?.sequence])).toEqual([
      ["EarlyInputEvent", "dropped", 2n],
      ["OutOfOrderEvent", "adjusted", 5n],
      ["OutOfOrderEvent", "adjusted", 8n],
      ["LateInputEvent", "adjusted", 11n],
    ]);
  });

  it("name every dropped event when the policy is drop", () => {
    const { job, rows, diagnostics } = start(query, {
      mode: "replay",
      policies: { ...policies, policy: "drop" },
    });
    job.push(
      "input",
      0,
      sample.map(([time, arrival], id) => incoming(id, `${time}:00`, `${arrival}:00`)),
    );
    job.finish();
    expect(diagnostics.map(({ kind, metadata }) => [kind, Number(metadata?.sequence)])).toEqual([
      ["EarlyInputEvent", 2],
      ["OutOfOrderEvent", 5],
      ["OutOfOrderEvent", 8],
      ["LateInputEvent", 11],
    ]);
    expect(rows).toHaveLength(8);
  });

  it.each([
    [10n * second, true],
    [10n * second + 1n, false],
  ])(
    "drop an event %s ticks late only beyond the tolerance of 10 s when out-of-order tolerance is larger",
    (age, kept) => {
      const strict: TimePolicies = {
        lateToleranceTicks: 10n * second,
        outOfOrderToleranceTicks: 11n * second,
        policy: "drop",
      };
      const { job, rows, diagnostics } = start(query, { mode: "live", policies: strict });
      const newest = incoming(0, "12:00:00", "12:00:00");
      const text = formatDateTime(at("12:00:00") - age);
      const old = {
        ...incoming(1, "00:00:00", "12:00:00"),
        body: readJson(`{"id":1,"t":"${text}"}`) as AsaRecord,
      };
      job.push("input", 0, [newest, old]);
      job.finish();
      expect(rows).toHaveLength(kept ? 2 : 1);
      expect(diagnostics.map(({ kind }) => kind)).toEqual(kept ? [] : ["LateInputEvent"]);
    },
  );

  it.each([
    ["12:05:00.0000000", 1],
    ["12:05:00.0000001", 0],
  ])(
    "keep an event of %s that arrives at 12:00 exactly when it is not more than 5 minutes early",
    (time, count) => {
      const { job, rows } = start(query, { mode: "live", policies });
      job.push("input", 0, [incoming(0, time, "12:00:00")]);
      job.finish();
      expect(rows).toHaveLength(count);
    },
  );

  it("ignore the policies when the input has no TIMESTAMP BY", () => {
    const { job, rows, diagnostics } = start("SELECT id, System.Timestamp() AS ts FROM input", {
      mode: "live",
      policies,
    });
    job.push("input", 0, [incoming(0, "01:00:00", "12:00:00"), incoming(1, "23:00:00", "12:00:01")]);
    job.finish();
    expect(timesOf(rows.map(rowText))).toEqual({ 0: "12:00:00", 1: "12:00:01" });
    expect(diagnostics).toEqual([]);
  });

  it.each([
    ['{"id":0}', "InputDeserializerError.MissingColumns"],
    ['{"id":0,"t":null}', "InvalidInputTimeStamp"],
    ['{"id":0,"t":"yesterday"}', "InvalidInputTimeStamp"],
    ['{"id":0,"t":12}', "InvalidInputTimeStamp"],
  ])("drop %s with %s", (body, kind) => {
    const { job, rows, diagnostics } = start(query, { mode: "live", policies });
    job.push("input", 0, [{ body: new TextEncoder().encode(body), arrival: at("12:00:00") }]);
    job.finish();
    expect(rows).toEqual([]);
    expect(diagnostics.map((diagnostic) => [diagnostic.kind, diagnostic.action])).toEqual([
      [kind, "dropped"],
    ]);
  });

  it("name a body that is no JSON object once and go on", () => {
    const { job, rows, diagnostics } = start(query, { mode: "live", policies });
    const bodies = [
      "{",
      "7",
      '{"id":9223372036854775808,"t":"2026-01-01T12:00:00Z"}',
      "",
      '{"id":1,"t":"2026-01-01T12:00:00Z"}',
    ];
    job.push(
      "input",
      0,
      bodies.map((body) => ({ body: new TextEncoder().encode(body), arrival: at("12:00:00") })),
    );
    job.finish();
    expect(diagnostics.map(({ kind }) => kind)).toEqual(Array(4).fill("InputDeserializerError.InvalidData"));
    expect(diagnostics[1]!.message).toMatch(
      /^Json input stream should either be an array of objects or line separated objects\. Found token type: Integer/,
    );
    expect(rows).toHaveLength(1);
  });
});

describe("watermark", () => {
  const windowed =
    "SELECT COUNT(*) AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY TumblingWindow(minute, 1)";
  const live: TimePolicies = {
    lateToleranceTicks: 10n * second,
    outOfOrderToleranceTicks: 11n * second,
    policy: "drop",
  };

  it("is the least of the partitions, and unknown while one of them is", () => {
    const { job } = start(windowed, { mode: "live", policies: live, partitions: { input: 2 } });
    job.push("input", 0, [incoming(0, "12:00:30", "12:00:30")]);
    expect(job.watermark).toBeNull();
    job.advance("input", 1, at("12:00:20"));
    expect(job.watermark).toBe(at("12:00:10"));
    job.advance("input", 1, at("12:05:00"));
    expect(job.watermark).toBe(at("12:00:19"));
  });

  it("closes the window of an idle partition when advance passes its end by the late tolerance", () => {
    const { job, rows } = start(windowed, { mode: "live", policies: live });
    job.push("input", 0, [incoming(0, "12:00:30", "12:00:30")]);
    job.advance("input", 0, at("12:01:10"));
    expect(rows).toEqual([]);
    job.advance("input", 0, at("12:01:10") + 1n);
    expect(rows.map(rowText)).toEqual(['{"n":1,"ts":"2026-01-01T12:01:00.0000000Z"}']);
  });

  it("keeps an event exactly at a window's end although the watermark stands there", () => {
    const exact: TimePolicies = { ...live, outOfOrderToleranceTicks: 0n };
    const { job, rows } = start(windowed, { mode: "live", policies: exact });
    job.push("input", 0, [incoming(0, "12:00:30", "12:00:30")]);
    job.push("input", 0, [incoming(1, "12:01:00", "12:01:00")]);
    job.push("input", 0, [incoming(2, "12:01:00", "12:01:00")]);
    job.push("input", 0, [incoming(3, "12:01:01", "12:01:01")]);
    expect(rows.map(rowText)).toEqual(['{"n":3,"ts":"2026-01-01T12:01:00.0000000Z"}']);
  });
});

describe("TIMESTAMP BY ... OVER", () => {
  const query =
    "SELECT k, COUNT(*) AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY t OVER k GROUP BY k, TumblingWindow(minute, 1)";
  const keyed = (k: string, time: string, arrival: string): InputEvent => ({
    body: readJson(`{"k":${k},"t":"2026-01-01T${time}Z"}`) as AsaRecord,
    arrival: at(arrival),
  });
  const tight: TimePolicies = {
    lateToleranceTicks: 10n * minute,
    outOfOrderToleranceTicks: 0n,
    policy: "drop",
  };

  it("judges order by key: a slow key is not out of order behind a fast one", () => {
    const { job, rows, diagnostics } = start(query, { mode: "replay", policies: tight });
    job.push("input", 0, [
      keyed('"fast"', "12:05:00", "12:05:00"),
      keyed('"slow"', "12:00:30", "12:05:01"),
      keyed('"fast"', "12:04:00", "12:05:02"),
      keyed("null", "12:04:00", "12:05:03"),
    ]);
    job.finish();
    expect(diagnostics.map(({ kind }) => kind)).toEqual(["OutOfOrderEvent", "InvalidInputTimeStampKey"]);
    expect(rows.map(rowText).sort()).toEqual([
      '{"k":"fast","n":1,"ts":"2026-01-01T12:05:00.0000000Z"}',
      '{"k":"slow","n":1,"ts":"2026-01-01T12:01:00.0000000Z"}',
    ]);
  });
});

describe("PARTITION BY", () => {
  const query =
    "SELECT PartitionId, d, COUNT(*) AS n FROM input TIMESTAMP BY t PARTITION BY PartitionId GROUP BY PartitionId, d, TumblingWindow(minute, 1)";

  it("reads PartitionId of live events", () => {
    const { job, rows } = start(query, { mode: "live", policies, partitions: { input: 2 } });
    const make = (partition: number): InputEvent => ({
      body: readJson('{"d":"x","t":"2026-01-01T12:00:00Z"}') as AsaRecord,
      arrival: at("12:00:00"),
      metadata: { partition, sequence: 0n },
    });
    job.push("input", 0, [make(0)]);
    job.push("input", 1, [make(1), make(1)]);
    job.finish();
    expect(rows.map(rowText)).toEqual(['{"PartitionId":0,"d":"x","n":1}', '{"PartitionId":1,"d":"x","n":2}']);
  });

  it("takes NULL as the one partition of a file", () => {
    const { job, rows } = start(query);
    job.push("input", 0, [
      { body: readJson('{"d":"x","t":"2026-01-01T12:00:00Z"}') as AsaRecord, arrival: 0n },
    ]);
    job.finish();
    expect(rows.map(rowText)).toEqual(['{"PartitionId":null,"d":"x","n":1}']);
  });
});
