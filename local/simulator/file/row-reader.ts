import { checkFactoryTelemetry } from "../../../contracts";
import { LocalError } from "../../process/errors";
import { mapInvalid, numberFields, type TelemetryMap, textFields } from "./map";
import { type CsvFormat, csvFields, type RawRow, rawRows } from "./rows";
import { uuid5 } from "./uuid5";

/** Namespace of event ids made from foreign rows; never changes. */
const rowNamespace = "8f6f2a7e-3d0c-5b1e-9a44-6c2f0d9b7e31";

export interface MappedRow {
  readonly body: string;
  readonly eventId: string;
  /** The partition key: the device, or the source when the row does not name one. */
  readonly deviceId: string;
  /** Null for a sound row. */
  readonly failure: { readonly fault: "malformed" | "invalid"; readonly error: string } | null;
}

type Lookup = (column: string) => string | undefined;

class RowFailure extends Error {
  readonly fault: "malformed" | "invalid";

  constructor(fault: "malformed" | "invalid", message: string) {
    super(message);
    this.fault = fault;
  }
}

function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function valueAt(document: unknown, column: string): unknown {
  const direct = (document as Record<string, unknown>)[column];
  if (direct !== undefined) return direct;
  return column
    .split(".")
    .reduce<unknown>(
      (value, name) =>
        typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined,
      document,
    );
}

const numberPattern = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** Reads rows of one file by its map: their time, and their telemetry. */
export class RowReader {
  readonly #map: TelemetryMap;
  readonly #dataFile: string;
  readonly #csv: CsvFormat | null;
  #columns: ReadonlyMap<string, number> = new Map();
  #width = 0;

  constructor(map: TelemetryMap, dataFile: string) {
    this.#map = map;
    this.#dataFile = dataFile;
    const jsonByName = /\.(jsonl|ndjson|json)$/i.test(dataFile);
    const format = map.format ?? (jsonByName ? "jsonl" : "csv");
    const delimiter = map.csv.delimiter ?? (/\.tsv$/i.test(dataFile) ? "\t" : ",");
    this.#csv = format === "csv" ? { delimiter, quote: map.csv.quote } : null;
  }

  /** Names of a CSV file's columns; null for JSON lines. */
  get columns(): readonly string[] | null {
    return this.#csv === null ? null : [...this.#columns.keys()];
  }

  /**
   * Yields the file's rows, the header excepted.
   *
   * @throws {LocalError} LOCAL_MAP_INVALID when the header lacks a column of the map; LOCAL_FILE_UNREADABLE
   */
  *rows(): Generator<RawRow> {
    const { csv, encoding } = this.#map;
    const rows = rawRows(this.#dataFile, { encoding, skipLines: csv.skipLines, csv: this.#csv });
    try {
      if (this.#csv !== null) {
        if (csv.columns !== undefined) this.useColumns(csv.columns);
        else {
          const header = rows.next();
          const names = header.done ? [] : (csvFields(header.value.text, this.#csv) ?? []);
          this.useColumns(names);
        }
      }
      yield* rows;
    } catch (error) {
      if (error instanceof LocalError) throw error;
      throw new LocalError("LOCAL_FILE_UNREADABLE", `${this.#dataFile}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  /** Takes the names of the file's columns. @throws {LocalError} LOCAL_MAP_INVALID when the map names another */
  useColumns(names: readonly string[]): void {
    this.#columns = new Map(names.map((name, n) => [name, n]));
    this.#width = names.length;
    const absent = this.#map.columnsUsed.filter(({ column }) => !this.#columns.has(column));
    if (absent.length > 0) {
      throw mapInvalid(
        "the map",
        absent.map(
          ({ column, place }) =>
            `${place}: ${this.#dataFile} has no column "${column}"; it has ${names.map((name) => `"${name}"`).join(", ") || "no header"}`,
        ),
      );
    }
  }

  /** Returns the row's event time, ms; undefined when it has none that can be read. */
  timeOf(row: RawRow): number | undefined {
    try {
      return this.#time(this.#lookup(row));
    } catch (error) {
      if (error instanceof RowFailure) return undefined;
      throw error;
    }
  }

  /**
   * Returns the row as a message. `occurrence` counts rows of the same text from 0, so that ids differ. A row that fails
   * becomes a message that every layer finds invalid, with source, line, error and the row's text.
   */
  map(row: RawRow, occurrence: number): MappedRow {
    const { source } = this.#map;
    const eventId = uuid5(rowNamespace, `${source}\n${occurrence}\n${row.text}`);
    const trace = { source, line: row.line };
    try {
      const lookup = this.#lookup(row);
      const event: Record<string, unknown> = {
        eventId,
        schemaVersion: 1,
        eventTime: new Date(this.#time(lookup)).toISOString(),
      };
      for (const name of textFields) event[name] = this.#text(name, lookup);
      for (const name of numberFields) event[name] = this.#number(name, lookup);
      const deviceId = event["deviceId"] as string;
      const body = JSON.stringify(event);
      const validity = checkFactoryTelemetry(body);
      if (validity.valid) return { body, eventId, deviceId, failure: null };
      const error = validity.detail;
      return {
        body: JSON.stringify({ ...event, ...trace, error, row: row.text }),
        eventId,
        deviceId: deviceId.slice(0, 128) || source,
        failure: { fault: "invalid", error },
      };
    } catch (error) {
      if (!(error instanceof RowFailure)) throw error;
      return {
        body: JSON.stringify({ ...trace, error: error.message, row: row.text }),
        eventId,
        deviceId: source,
        failure: { fault: error.fault, error: error.message },
      };
    }
  }

  #lookup(row: RawRow): Lookup {
    const { missing } = this.#map;
    const present = (text: string | undefined) =>
      text === undefined || missing.has(text.trim()) ? undefined : text.trim();
    if (this.#csv === null) {
      let document: unknown;
      try {
        document = JSON.parse(row.text);
      } catch {
        throw new RowFailure("malformed", "the line is not JSON");
      }
      if (typeof document !== "object" || document === null || Array.isArray(document)) {
        throw new RowFailure("malformed", "the line is not a JSON object");
      }
      return (column) => present(textOf(valueAt(document, column)));
    }
    const fields = csvFields(row.text, this.#csv);
    if (fields === undefined)
      throw new RowFailure("malformed", "a quote is not closed or stands inside a field");
    if (fields.length !== this.#width) {
      throw new RowFailure("malformed", `the row has ${fields.length} fields, the header ${this.#width}`);
    }
    return (column) => present(fields[this.#columns.get(column)!]);
  }

  #time(lookup: Lookup): number {
    const { columns, read } = this.#map.time;
    const texts = columns.map((column) => {
      const text = lookup(column);
      if (text === undefined) throw new RowFailure("invalid", `column "${column}" has no time`);
      return text;
    });
    const text = texts.join(" ");
    const moment = read(text);
    if (moment === undefined) {
      throw new RowFailure("invalid", `"${text}" is not a time in the map's format and zone`);
    }
    return moment;
  }

  #text(name: (typeof textFields)[number], lookup: Lookup): string {
    const rule = this.#map.texts[name];
    const found = rule.value ?? (rule.column === undefined ? undefined : lookup(rule.column)) ?? rule.default;
    if (found === undefined) throw new RowFailure("invalid", `column "${rule.column}" has no ${name}`);
    const text = `${rule.prefix ?? ""}${found}`;
    return rule.clean ? text.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, 64) : text;
  }

  #number(name: (typeof numberFields)[number], lookup: Lookup): number {
    const rule = this.#map.numbers[name];
    if (rule.value !== undefined) return rule.value;
    const text = rule.column === undefined ? undefined : lookup(rule.column);
    if (text === undefined) {
      if (rule.default !== undefined) return rule.default;
      throw new RowFailure("invalid", `column "${rule.column}" has no ${name}`);
    }
    const plain = this.#csv !== null && this.#map.csv.decimal === "," ? text.replace(",", ".") : text;
    if (!numberPattern.test(plain)) {
      throw new RowFailure("invalid", `"${text}" in column "${rule.column}" is not a number`);
    }
    return rule.convert(Number(plain));
  }
}
