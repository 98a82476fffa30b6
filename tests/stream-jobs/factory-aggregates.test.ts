import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AsaRecord, readJson, writeJsonObject } from "../../asa";
import { compareRows } from "../../asa/node";
import { checkFactoryTelemetry } from "../../contracts";
import validityCases from "../../contracts/events/factory-telemetry/validity-cases.json";
import { expectedViews, type StoredMessage, verdict } from "./oracle";
import { root, runJob } from "./support";

const folder = "stream-jobs/factory-aggregates/v1";
const windows = { "1m": 1, "5m": 5 };

interface ValidityCase {
  readonly name: string;
  readonly body?: string;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  readonly replace?: readonly string[];
}

function bodyOf(testCase: ValidityCase): string {
  if (testCase.body !== undefined) return testCase.body;
  const event: Record<string, unknown> = { ...validityCases.base, ...testCase.set };
  for (const name of testCase.remove ?? []) delete event[name];
  const text = JSON.stringify(event);
  return testCase.replace === undefined
    ? text
    : text.replace(testCase.replace[0] as string, testCase.replace[1] as string);
}

function countOf(rows: ReturnType<typeof runJob>["rows"]): number {
  const record = (row: (typeof rows)[number]) => new AsaRecord(row.columns, row.values);
  return rows
    .map(record)
    .filter((row) => row.get("grain") === "device" && row.get("window") === "1m")
    .reduce((sum, row) => sum + Number(row.get("count")), 0);
}

describe("factory-aggregates v1", () => {
  it.each(validityCases.cases as readonly ValidityCase[])(
    "gives the contract's verdict on $name",
    (testCase) => {
      const body = bodyOf(testCase);
      const { rows } = runJob(folder, [{ body, arrival: 0, partition: 0 }], { mode: "file" });
      expect(countOf(rows)).toBe(checkFactoryTelemetry(body).valid ? 1 : 0);
    },
  );

  const hostile: readonly [string, Readonly<Record<string, unknown>>][] = [
    ["columns of the broker", { PartitionId: "mine", EventEnqueuedUtcTime: {}, EventProcessedUtcTime: [1] }],
    ["an id with the Kelvin sign", { deviceId: "pres\u212A" }],
    ["an id with a long s", { lineId: "line\u017F" }],
    ["an id with a trailing blank", { deviceId: "a " }],
    ["an id with a leading line feed", { deviceId: "\na" }],
    ["a time with a line feed behind it", { eventTime: "2026-01-05T08:00:00Z\n" }],
    ["a time with a small t", { eventTime: "2026-01-05t08:00:00Z" }],
    ["a time with a comma", { eventTime: "2026-01-05T08:00:00,250Z" }],
    ["minute 60", { eventTime: "2026-01-05T08:60:00Z" }],
    ["day 0", { eventTime: "2026-01-00T08:00:00Z" }],
    ["a huge fraction", { units: 0.9999999999999999 }],
    ["an array for an id", { eventId: ["e"] }],
    ["minus zero", { units: -0 }],
  ];
  it.each(hostile)("gives the contract's verdict on %s", (_title, set) => {
    const body = JSON.stringify({ ...validityCases.base, ...set });
    const { rows } = runJob(folder, [{ body, arrival: 0, partition: 0 }], { mode: "file" });
    expect(countOf(rows)).toBe(checkFactoryTelemetry(body).valid ? 1 : 0);
  });

  it("goes on after every kind of invalid message", () => {
    const good = { ...validityCases.base, eventId: "last" };
    const arrival = Date.parse(good.eventTime);
    const messages = [
      ...(validityCases.cases as readonly ValidityCase[]).map(bodyOf),
      JSON.stringify(good),
    ].map((body) => ({ body, arrival, partition: 0 }));
    const { rows } = runJob(folder, messages, { mode: "replay" });
    const expected = expectedViews(messages, { policies: true, windows, version: "v1" });
    expect(differences(expected, rows)).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5])("equals the recompute for random telemetry, seed %i", (seed) => {
    const messages = randomMessages(seed, 400);
    const { rows, diagnostics } = runJob(folder, messages, { mode: "replay", partitions: 4 });
    const expected = expectedViews(messages, { policies: true, windows, version: "v1" });
    expect(expected.length).toBeGreaterThan(100);
    expect(differences(expected, rows)).toEqual([]);
    const named = diagnostics.filter(({ kind }) => kind === "LateInputEvent").length;
    expect(named).toBe(
      messages.filter(({ body, arrival }) => arrival - Date.parse(timeOf(body)) > 10_000).length,
    );
    expect(diagnostics.filter(({ kind }) => kind === "OutOfOrderEvent")).toEqual([]);
  });

  it.each([21, 22])("equals the recompute with hours in v2, seed %i", (seed) => {
    const messages = randomMessages(seed, 300);
    const { rows } = runJob("stream-jobs/factory-aggregates/v2", messages, { mode: "replay", partitions: 4 });
    const expected = expectedViews(messages, {
      policies: true,
      windows: { ...windows, "1h": 60 },
      version: "v2",
    });
    expect(expected.filter(({ window }) => window === "1h").length).toBeGreaterThan(10);
    expect(differences(expected, rows)).toEqual([]);
  });

  it("gives each id once", () => {
    const { rows } = runJob(folder, randomMessages(9, 300), { mode: "replay", partitions: 4 });
    const ids = rows.map(({ columns, values }) => values[columns.indexOf("id")]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("counts every reading that is neither late, invalid nor a copy in exactly one device window a minute", () => {
    const messages = randomMessages(11, 300);
    const { rows } = runJob(folder, messages, { mode: "replay", partitions: 4 });
    const ids = new Set(
      messages
        .filter((message) => verdict(message) === "counts")
        .map(({ body }) => (JSON.parse(body) as { eventId: string }).eventId),
    );
    expect(countOf(rows)).toBe(ids.size);
  });

  it("stores no averages", () => {
    expect(readFileSync(join(root, folder, "factory-aggregates.asaql"), "utf8")).not.toMatch(/\bAVG\b/i);
  });
});

const timeOf = (body: string): string => (JSON.parse(body) as { eventTime: string }).eventTime;

function differences(expected: readonly object[], rows: ReturnType<typeof runJob>["rows"]) {
  return compareRows(
    expected.map((row) => readJson(JSON.stringify(row)) as AsaRecord),
    rows.map(({ columns, values }) => readJson(writeJsonObject(columns, values)) as AsaRecord),
  );
}

/** Telemetry of 12 devices over some minutes with copies, late and disordered readings, boundary times and invalid ones. */
function randomMessages(seed: number, count: number): StoredMessage[] {
  let state = seed * 2_654_435_761;
  const random = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) | 0;
    return (((state ^ (state >>> 13)) >>> 0) % 1_000_003) % below;
  };
  const start = Date.parse("2026-01-05T23:56:00Z");
  const messages: StoredMessage[] = [];
  for (let index = 0; index < count; index++) {
    const device = random(12);
    const onBoundary = random(10) === 0;
    const time = onBoundary ? start + random(8) * 60_000 : start + random(8 * 60_000);
    const late = random(20) === 0;
    const event = {
      eventId: `e-${index}`,
      schemaVersion: 1,
      eventTime: new Date(time).toISOString(),
      deviceId: `d-${device}`,
      factoryId: `f-${device % 2}`,
      lineId: random(30) === 0 ? "other" : `l-${device % 3}`,
      temperature: random(2000) / 8 - 50,
      vibration: random(800) / 4,
      pressure: random(3000),
      powerKw: random(90_000) / 16,
      units: random(5),
      defects: random(2),
      ...(random(25) === 0 ? { temperature: "61.5" } : {}),
    };
    const arrival = time + (late ? 10_001 + random(120_000) : random(10_001));
    const message = { body: JSON.stringify(event), arrival, partition: device % 4 };
    messages.push(message);
    if (random(8) === 0) messages.push({ ...message, arrival: arrival + random(15_000) });
  }
  return messages;
}
