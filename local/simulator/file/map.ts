import { readFileSync } from "node:fs";
import Ajv, { type ErrorObject } from "ajv";
import { LineCounter, parseDocument } from "yaml";
import telemetrySchema from "../../../contracts/events/factory-telemetry/v1.schema.json";
import { LocalError } from "../../process/errors";
import mapSchema from "./map.schema.json";
import { type TimeReader, timeReader } from "./time-format";
import type { RepeatedHour } from "./time-zone";
import { unitConversion } from "./unit-conversion";

export const textFields = ["deviceId", "factoryId", "lineId"] as const;
export const numberFields = ["temperature", "vibration", "pressure", "powerKw", "units", "defects"] as const;

export interface TextRule {
  readonly column?: string;
  readonly value?: string;
  readonly default?: string;
  readonly prefix?: string;
  readonly clean?: boolean;
}

export interface NumberRule {
  readonly column?: string;
  readonly value?: number;
  readonly default?: number;
  readonly unit?: string;
  readonly scale?: number;
  readonly offset?: number;
}

/** A map file that has passed its checks. */
export interface TelemetryMap {
  readonly source: string;
  readonly format: "csv" | "jsonl" | undefined;
  readonly encoding: BufferEncoding;
  readonly missing: ReadonlySet<string>;
  readonly csv: {
    readonly delimiter: string | undefined;
    readonly quote: string;
    readonly decimal: "." | ",";
    readonly skipLines: number;
    readonly columns: readonly string[] | undefined;
  };
  readonly time: { readonly columns: readonly string[]; readonly read: TimeReader };
  readonly texts: Readonly<Record<(typeof textFields)[number], TextRule>>;
  readonly numbers: Readonly<
    Record<(typeof numberFields)[number], NumberRule & { readonly convert: (value: number) => number }>
  >;
  /** Every column that the map names, with the place that names it. */
  readonly columnsUsed: readonly { readonly column: string; readonly place: string }[];
}

interface Mistake {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** The map as written, once the schema has accepted it. */
interface MapDocument {
  readonly source: string;
  readonly format?: "csv" | "jsonl";
  readonly encoding?: BufferEncoding;
  readonly missing?: readonly string[];
  readonly csv?: {
    readonly delimiter?: string;
    readonly quote?: string;
    readonly decimal?: "." | ",";
    readonly skipLines?: number;
    readonly columns?: readonly string[];
  };
  readonly time: {
    readonly column: string | readonly string[];
    readonly format: string;
    readonly zone?: string;
    readonly repeatedHour?: RepeatedHour;
  };
  readonly fields: Readonly<Record<string, string | TextRule | NumberRule>>;
}

const validateSchema = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(mapSchema);

function schemaMistake({ instancePath, keyword, params, message }: ErrorObject): Mistake | undefined {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  switch (keyword) {
    case "required":
      return { path: [...path, params["missingProperty"]], text: "is missing" };
    case "additionalProperties":
      return { path: [...path, params["additionalProperty"]], text: "is not a setting of a map" };
    case "enum":
      return { path, text: `is not one of ${(params["allowedValues"] as readonly unknown[]).join(", ")}` };
    case "type":
      return { path, text: `is not of type ${[params["type"]].flat().join(" or ")}` };
    case "oneOf":
      // Its branches have said more.
      return undefined;
    default:
      return { path, text: message ?? keyword };
  }
}

function attempt(path: Mistake["path"], mistakes: Mistake[], check: () => void): void {
  try {
    check();
  } catch (error) {
    const known = error instanceof LocalError && error.hint !== undefined ? `; ${error.hint}` : "";
    mistakes.push({ path, text: `${(error as Error).message}${known}` });
  }
}

function ruleOf<T extends object>(rule: string | T): T | { readonly column: string } {
  return typeof rule === "string" ? { column: rule } : rule;
}

/** Checks what the schema cannot say, and builds readers and conversions on the way. */
function build(document: MapDocument, mistakes: Mistake[]): TelemetryMap {
  const { time, fields } = document;
  const columns = [time.column].flat();
  const columnsUsed = columns.map((column) => ({ column, place: "time.column" }));
  let read: TimeReader = () => undefined;
  attempt(["time", "zone"], mistakes, () => {
    timeReader("iso", time.zone);
  });
  attempt(["time", "format"], mistakes, () => {
    read = timeReader(time.format, mistakes.length === 0 ? time.zone : "UTC", time.repeatedHour);
  });
  const checkOrigin = (name: string, rule: TextRule | NumberRule) => {
    if (rule.column === undefined && rule.value === undefined) {
      mistakes.push({ path: ["fields", name], text: "has neither a column nor a value" });
    }
    if (rule.column !== undefined && rule.value !== undefined) {
      mistakes.push({ path: ["fields", name, "value"], text: "stands beside a column; one of them only" });
    }
    if (rule.column !== undefined) columnsUsed.push({ column: rule.column, place: `fields.${name}` });
  };
  const texts: Record<string, TextRule> = {};
  for (const name of textFields) {
    const rule = ruleOf(fields[name] as string | TextRule);
    checkOrigin(name, rule);
    texts[name] = rule;
  }
  const numbers: Record<string, NumberRule & { convert: (value: number) => number }> = {};
  for (const name of numberFields) {
    const rule: NumberRule = ruleOf(fields[name] as string | NumberRule);
    checkOrigin(name, rule);
    const schemaUnit = telemetrySchema.properties[name].unit ?? (name === "powerKw" ? "kW" : "1");
    const { scale = 1, offset = 0 } = rule;
    let convertUnit = (value: number) => value;
    attempt(["fields", name, "unit"], mistakes, () => {
      convertUnit = unitConversion(rule.unit ?? schemaUnit, schemaUnit);
    });
    const plain = scale === 1 && offset === 0;
    numbers[name] = {
      ...rule,
      convert: (value) => convertUnit(plain ? value : Number((value * scale + offset).toPrecision(12))),
    };
  }
  const names = document.csv?.columns ?? [];
  names.forEach((name, n) => {
    if (names.indexOf(name) !== n) {
      mistakes.push({ path: ["csv", "columns", n], text: `"${name}" stands twice` });
    }
  });
  return {
    source: document.source,
    format: document.format,
    encoding: document.encoding ?? "utf8",
    missing: new Set(["", ...(document.missing ?? [])]),
    csv: {
      delimiter: document.csv?.delimiter,
      quote: document.csv?.quote ?? '"',
      decimal: document.csv?.decimal ?? ".",
      skipLines: document.csv?.skipLines ?? 0,
      columns: document.csv?.columns,
    },
    time: { columns, read },
    texts: texts as TelemetryMap["texts"],
    numbers: numbers as TelemetryMap["numbers"],
    columnsUsed,
  };
}

/** Returns the error for mistakes of a map, one line each: file, line, column, place and what is wrong. */
export function mapInvalid(name: string, lines: readonly string[]): LocalError {
  const [first = "", ...others] = lines;
  return new LocalError(
    "LOCAL_MAP_INVALID",
    lines.length === 1 ? first : `${name} has ${lines.length} mistakes`,
    {
      ...(others.length > 0 && { detail: [first, ...others].join("\n  ") }),
      hint: "local/simulator/file/map.schema.json describes every setting",
    },
  );
}

/**
 * Reads a map from its text, JSON or YAML.
 *
 * @param name the file's name, for messages
 * @throws {LocalError} LOCAL_MAP_INVALID with every mistake and its place
 */
export function parseMap(text: string, name: string): TelemetryMap {
  const lineCounter = new LineCounter();
  const source = parseDocument(text, { lineCounter });
  const place = (path: readonly (string | number)[]) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = source.getIn(path.slice(0, length), true) as { range?: readonly number[] } | undefined;
      if (node?.range !== undefined) {
        const { line, col } = lineCounter.linePos(node.range[0]!);
        return `${name}:${line}:${col}`;
      }
    }
    return name;
  };
  if (source.errors.length > 0) {
    throw mapInvalid(
      name,
      source.errors.map(({ pos, message }) => {
        const { line, col } = lineCounter.linePos(pos[0]);
        return `${name}:${line}:${col}: ${message.split("\n")[0]!.replace(/ at line.*$/, "")}`;
      }),
    );
  }
  const document = source.toJS() as unknown;
  const describe = (mistakes: readonly Mistake[]) =>
    mapInvalid(name, [
      ...new Set(
        mistakes.map(
          ({ path, text }) => `${place(path)}: ${path.length === 0 ? "the map" : path.join(".")} ${text}`,
        ),
      ),
    ]);
  if (!validateSchema(document)) {
    throw describe(
      (validateSchema.errors ?? []).map(schemaMistake).filter((mistake) => mistake !== undefined),
    );
  }
  const mistakes: Mistake[] = [];
  const map = build(document as unknown as MapDocument, mistakes);
  if (mistakes.length > 0) throw describe(mistakes);
  return map;
}

/** Reads a map file. @throws {LocalError} LOCAL_FILE_UNREADABLE or LOCAL_MAP_INVALID */
export function readMap(path: string): TelemetryMap {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new LocalError("LOCAL_FILE_UNREADABLE", `map ${path}: ${(error as Error).message}`, {
      hint: "--map names the file that says which column is what; docs/your-own-data.md shows one",
      cause: error,
    });
  }
  return parseMap(text, path);
}
