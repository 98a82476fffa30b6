/** A row of a plant's own export, with what it means. */
export interface ForeignRow {
  /** Line of the file, from 1; the header is line 1. */
  readonly line: number;
  readonly utcMs: number;
  readonly machine: string;
  readonly fahrenheit: number;
  readonly bar: number;
  readonly units: number;
  /** What is wrong with the row; null for a sound one. */
  readonly wrong: "time" | "skipped hour" | "number" | "fields" | "range" | "no machine" | null;
}

/** Half an hour before Berlin's clocks go from 02:00 to 03:00: the night has 23 hours, the measurements have no gap. */
const startUtcMs = Date.parse("2025-03-30T00:30:00Z");
const changeUtcMs = Date.parse("2025-03-30T01:00:00Z");
const stepMs = 5_000;
const count = 900;
const faults: Readonly<Record<number, NonNullable<ForeignRow["wrong"]>>> = {
  100: "number",
  250: "time",
  400: "skipped hour",
  555: "fields",
  700: "range",
  850: "no machine",
};

/** An hour and a quarter of four machines, in the order of the file, which is not that of time. */
export function foreignRows(): ForeignRow[] {
  const rows = Array.from({ length: count }, (_, n) => ({
    utcMs: startUtcMs + (n + 1) * stepMs,
    machine: `Presse ${1 + (n % 4)}`,
    fahrenheit: 140 + (n % 30) * 0.5,
    bar: 5 + (n % 7) * 0.125,
    units: n % 5,
    wrong: faults[n] ?? null,
  }));
  // Pairs of neighbours stand the wrong way round; the sender sorts.
  for (let n = 0; n + 1 < count; n += 10) [rows[n], rows[n + 1]] = [rows[n + 1]!, rows[n]!];
  return rows.map((row, n) => ({ ...row, line: n + 2 }));
}

export const foreignMap = `source: werk-a
csv: { delimiter: ";", decimal: "," }
missing: ["n/a", "-"]
time: { column: [Datum, Uhrzeit], format: "dd.MM.yyyy HH:mm:ss", zone: Europe/Berlin }
fields:
  deviceId: { column: Maschine, clean: true }
  factoryId: { value: werk-a }
  lineId: { value: linie-1 }
  temperature: { column: Temperatur, unit: degF }
  vibration: { column: Schwingung, default: 0 }
  pressure: { column: Druck, unit: bar }
  powerKw: { value: 0 }
  units: { column: Stück }
  defects: { value: 0 }
`;

export function foreignCsv(rows: readonly ForeignRow[]): string {
  const lines = rows.map((row, n) => {
    const vibration = n % 6 === 0 ? "n/a" : "1,5";
    const [date, time] = localTime(row);
    const temperature =
      row.wrong === "number" ? "warm" : comma(row.wrong === "range" ? 9000 : row.fahrenheit);
    const machine = row.wrong === "no machine" ? "-" : row.machine;
    const fields = [date, time, machine, temperature, vibration, comma(row.bar), String(row.units)];
    if (row.wrong === "fields") fields.pop();
    return fields.join(";");
  });
  return `${["Datum;Uhrzeit;Maschine;Temperatur;Schwingung;Druck;Stück", ...lines].join("\n")}\n`;
}

function localTime({ utcMs, wrong }: ForeignRow): readonly [date: string, time: string] {
  if (wrong === "time") return ["30.03.2025", "25:00:00"];
  // 02:30 does not exist in this night.
  if (wrong === "skipped hour") return ["30.03.2025", "02:30:00"];
  const local = new Date(utcMs + (utcMs < changeUtcMs ? 1 : 2) * 3_600_000).toISOString();
  const [year, month, day] = local.slice(0, 10).split("-");
  return [`${day}.${month}.${year}`, local.slice(11, 19)];
}

function comma(value: number): string {
  return String(value).replace(".", ",");
}
