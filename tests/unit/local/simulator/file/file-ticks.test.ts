import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkFactoryTelemetry } from "../../../../../contracts";
import { fileTicks, prepareFile } from "../../../../../local/simulator/file";
import type { OutgoingMessage } from "../../../../../local/simulator/message";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "file-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const map = `source: plant-a
csv: { delimiter: ";", decimal: "," }
missing: [n/a]
time: { column: [Datum, Uhrzeit], format: "dd.MM.yyyy HH:mm:ss", zone: Europe/Berlin }
fields:
  deviceId: { column: Maschine, clean: true }
  factoryId: { value: fab-01 }
  lineId: { column: Linie, prefix: line- }
  temperature: { column: Temperatur, unit: degF }
  vibration: { column: Schwingung, unit: in/s }
  pressure: { column: Druck, unit: bar }
  powerKw: { column: Leistung, unit: W, default: 0 }
  units: Stueck
  defects: { value: 0 }
`;

const header = "Datum;Uhrzeit;Maschine;Linie;Temperatur;Schwingung;Druck;Leistung;Stueck";
const row = (time: string, machine = "press 1", temperature = "212,0") =>
  `05.07.2026;${time};${machine};01;${temperature};0,1;5,125;18200;3`;

interface Sent extends OutgoingMessage {
  readonly tickMs: number;
}

async function send(
  rows: readonly string[],
  options: { readonly keepOrder?: boolean; readonly runLabel?: string; readonly map?: string } = {},
): Promise<readonly Sent[]> {
  const dataFile = join(folder, "data.csv");
  const mapFile = join(folder, "map.yaml");
  writeFileSync(dataFile, `${[header, ...rows].join("\r\n")}\r\n`);
  writeFileSync(mapFile, options.map ?? map);
  const prepared = await prepareFile({
    dataFile,
    mapFile,
    workFolder: join(folder, "work"),
    keepOrder: options.keepOrder ?? false,
  });
  return [...fileTicks(prepared, { dataFile, mapFile, rate: 100, ...options })].flatMap(
    ({ atMs, messages }) => messages.map((message) => ({ ...message, tickMs: atMs })),
  );
}

const at = (time: string) => Date.parse(`2026-07-05T${time}Z`);

describe("fileTicks", () => {
  it("maps columns, units, decimal commas and the time zone", async () => {
    const [message] = await send([row("10:00:00")]);
    expect(JSON.parse(message!.body)).toMatchObject({
      eventTime: "2026-07-05T08:00:00.000Z",
      deviceId: "press-1",
      factoryId: "fab-01",
      lineId: "line-01",
      temperature: 100,
      vibration: 2.54,
      pressure: 512.5,
      powerKw: 18.2,
      units: 3,
      defects: 0,
    });
    expect(checkFactoryTelemetry(message!.body).valid).toBe(true);
    expect(message).toMatchObject({ deviceId: "press-1", via: "amqp", fault: null, tickMs: at("08:00:00") });
  });

  it("sends rows by event time, each at its own moment", async () => {
    const sent = await send([row("10:00:09"), row("10:00:01"), row("12:00:00"), row("10:00:01", "pump 2")]);
    expect(sent.map(({ tickMs }) => tickMs)).toEqual([
      at("08:00:01"),
      at("08:00:01"),
      at("08:00:09"),
      at("10:00:00"),
    ]);
    expect(sent.every(({ fault }) => fault === null)).toBe(true);
  });

  it("lets rows within two seconds share a moment, the last one's", async () => {
    const sent = await send([row("10:00:00"), row("10:00:01"), row("10:00:02"), row("10:00:03")]);
    expect(sent.map(({ tickMs }) => tickMs)).toEqual([
      at("08:00:02"),
      at("08:00:02"),
      at("08:00:02"),
      at("08:00:03"),
    ]);
  });

  it("keeps the order when asked, and marks what is behind the clock", async () => {
    const sent = await send([row("10:00:20"), row("10:00:12"), row("10:00:09"), row("10:00:21")], {
      keepOrder: true,
    });
    expect(sent.map(({ fault }) => fault)).toEqual([null, "outOfOrder", "late", null]);
    expect(sent.map(({ tickMs }) => tickMs)).toEqual([
      at("08:00:20"),
      at("08:00:20"),
      at("08:00:20"),
      at("08:00:21"),
    ]);
  });

  it("gives rows of the same text different ids, and the same file the same ids again", async () => {
    const rows = [row("10:00:00"), row("10:00:05"), row("10:00:00"), row("10:00:00")];
    const ids = (sent: readonly Sent[]) =>
      sent.map(({ body }) => (JSON.parse(body) as { eventId: string }).eventId);
    const first = await send(rows);
    const again = await send([...rows].reverse(), { runLabel: "2" });
    expect(new Set(ids(first)).size).toBe(4);
    expect(ids(first)[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids(again)).toEqual(ids(first));
    expect(again.map(({ messageId }) => messageId)).not.toEqual(first.map(({ messageId }) => messageId));
    expect(ids(await send(rows, { map: map.replace("plant-a", "plant-b") }))).not.toEqual(ids(first));
  });

  it.each([
    ["a wrong number of fields", "05.07.2026;10:00:00;press", "malformed", "3 fields"],
    ["a quote inside a field", row("10:00:00", 'pr"ess'), "malformed", "quote"],
    ["a time that does not exist", row("25:00:00"), "invalid", "is not a time"],
    ["no time", ";;press;01;1;1;1;1;1", "invalid", "has no time"],
    ["a text for a number", row("10:00:00", "press", "warm"), "invalid", '"warm" in column "Temperatur"'],
    [
      "a missing number",
      row("10:00:00", "press", "n/a"),
      "invalid",
      'column "Temperatur" has no temperature',
    ],
    ["a number out of range", row("10:00:00", "press", "1000"), "invalid", "outside -60 to 400"],
  ])("sends a row with %s so that it is quarantined with its line", async (_what, broken, fault, error) => {
    const sent = await send([row("09:00:00"), row("09:00:01"), broken]);
    expect(sent).toHaveLength(3);
    const message = sent.find((candidate) => candidate.fault !== null)!;
    expect(message.fault).toBe(fault);
    expect(checkFactoryTelemetry(message.body).valid).toBe(false);
    const body = JSON.parse(message.body) as Record<string, unknown>;
    expect(body).toMatchObject({ source: "plant-a", line: 4, row: broken });
    expect(body["error"]).toContain(error);
    expect(message.properties).toMatchObject({ line: 4 });
  });

  it("reads quoted fields over several lines and loses nothing to a quote that is not closed", async () => {
    const quoted = await send([row("10:00:00", '"pr\r\ness"'), row("10:00:01")]);
    expect(quoted.map(({ deviceId }) => deviceId)).toEqual(["pr-ess", "press-1"]);
    const open = await send([
      row("10:00:00", '"press'),
      ...Array.from({ length: 80 }, () => row("10:00:01")),
    ]);
    expect(open).toHaveLength(81);
    expect(open.filter(({ fault }) => fault !== null)).toHaveLength(1);
  });

  it("names columns that the file lacks", async () => {
    await expect(send([], { map: map.replace("Druck", "Presure") })).rejects.toMatchObject({
      code: "LOCAL_MAP_INVALID",
      message: expect.stringContaining("fields.pressure: ") as string,
    });
  });

  it("reads JSON lines by path", async () => {
    const dataFile = join(folder, "data.jsonl");
    const mapFile = join(folder, "map.yaml");
    const line = (t: number) =>
      JSON.stringify({ t, machine: { id: "m1" }, v: { temp: 20.5, vib: 1, p: 100, kw: 2, n: 1, d: 0 } });
    writeFileSync(dataFile, `${line(1783238401)}\nnot json\n${line(1783238400)}\n`);
    writeFileSync(
      mapFile,
      `source: api
time: { column: t, format: unix-s }
fields:
  deviceId: machine.id
  factoryId: { value: f }
  lineId: { value: l }
  temperature: v.temp
  vibration: v.vib
  pressure: v.p
  powerKw: v.kw
  units: v.n
  defects: v.d
`,
    );
    const prepared = await prepareFile({ dataFile, mapFile, workFolder: join(folder, "work") });
    expect(prepared).toMatchObject({ rows: 3, untimed: 1, firstMs: at("08:00:00"), lastMs: at("08:00:01") });
    const bodies = [...fileTicks(prepared, { dataFile, mapFile, rate: 100 })].flatMap(({ messages }) =>
      messages.map(({ body }) => JSON.parse(body) as Record<string, unknown>),
    );
    expect(bodies[0]).toMatchObject({ line: 2, row: "not json" });
    expect(bodies[1]).toMatchObject({
      eventTime: "2026-07-05T08:00:00.000Z",
      temperature: 20.5,
      deviceId: "m1",
    });
  });
});
