import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalError } from "../../process/errors";
import { externalSort, fileLines, LineWriter } from "./external-sort";
import { readMap, type TelemetryMap } from "./map";
import { RowReader } from "./row-reader";

/** A row in the order of sending. */
export interface PreparedRow {
  /** Null when the row has no time that can be read. */
  readonly timeMs: number | null;
  readonly line: number;
  /** Rows of the same text before this one. */
  readonly occurrence: number;
  readonly text: string;
}

/** What is known of a foreign file once it is sorted. */
export interface PreparedFile {
  readonly rows: number;
  /** Rows without a time. */
  readonly untimed: number;
  /** Event time of the first and last row, ms; null when no row has a time. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly columns: readonly string[] | null;
  readonly rowsPath: string;
}

/** Which file is read, by which map, and whether its order stays. */
export interface PrepareOptions {
  readonly dataFile: string;
  readonly mapFile: string;
  /** Folder for the sorted rows; reused when it holds those of the same file and map. */
  readonly workFolder: string;
  readonly keepOrder?: boolean;
}

type Encoded = readonly [timeMs: number | null, line: number, occurrence: number, text: string];

const codec = {
  encode: ({ timeMs, line, occurrence, text }: PreparedRow) =>
    JSON.stringify([timeMs, line, occurrence, text] satisfies Encoded),
  decode: (encoded: string): PreparedRow => {
    const [timeMs, line, occurrence, text] = JSON.parse(encoded) as Encoded;
    return { timeMs, line, occurrence, text };
  },
};

function byTime(left: PreparedRow, right: PreparedRow): number {
  const leftMs = left.timeMs ?? Number.NEGATIVE_INFINITY;
  const rightMs = right.timeMs ?? Number.NEGATIVE_INFINITY;
  if (leftMs !== rightMs) return leftMs < rightMs ? -1 : 1;
  if (left.text !== right.text) return left.text < right.text ? -1 : 1;
  return left.line - right.line;
}

function* readRows(reader: RowReader): Generator<PreparedRow> {
  for (const row of reader.rows()) {
    yield { timeMs: reader.timeOf(row) ?? null, line: row.line, occurrence: 0, text: row.text };
  }
}

/** Rows of one text have one time, so that the sort has put them side by side. */
function* countOccurrences(sorted: Iterable<PreparedRow>): Generator<PreparedRow> {
  let previous: PreparedRow | undefined;
  for (const row of sorted) {
    const occurrence = previous !== undefined && previous.text === row.text ? previous.occurrence + 1 : 0;
    previous = { ...row, occurrence };
    yield previous;
  }
}

function fingerprint({ dataFile, mapFile, keepOrder }: PrepareOptions): string {
  const data = statSync(dataFile);
  return createHash("sha256")
    .update(JSON.stringify([dataFile, data.size, data.mtimeMs, keepOrder ?? false]))
    .update(readFileSync(mapFile))
    .digest("hex");
}

/**
 * Sorts a foreign file by event time on disk, in constant memory, and numbers rows of the same text. Rows without a time
 * come first. With `keepOrder` rows stay as they stand.
 *
 * @throws {LocalError} LOCAL_FILE_UNREADABLE, LOCAL_MAP_INVALID
 */
export async function prepareFile(options: PrepareOptions): Promise<PreparedFile> {
  const { dataFile, workFolder } = options;
  const map: TelemetryMap = readMap(options.mapFile);
  if (!existsSync(dataFile) || !statSync(dataFile).isFile()) {
    throw new LocalError("LOCAL_FILE_UNREADABLE", `${dataFile} is not a file`, {
      hint: "--file names one file of CSV or JSON lines",
    });
  }
  mkdirSync(workFolder, { recursive: true });
  const rowsPath = join(workFolder, "rows.ndjson");
  const notePath = join(workFolder, "prepared.json");
  const mark = fingerprint(options);
  if (existsSync(notePath)) {
    const note = JSON.parse(readFileSync(notePath, "utf8")) as { mark: string; prepared: PreparedFile };
    if (note.mark === mark && existsSync(rowsPath)) return { ...note.prepared, rowsPath };
  }
  const reader = new RowReader(map, dataFile);
  const sorted = externalSort(readRows(reader), {
    ...codec,
    compare: byTime,
    folder: join(workFolder, "by-time"),
  });
  const counted = countOccurrences(sorted);
  const ordered = options.keepOrder
    ? externalSort(counted, {
        ...codec,
        compare: (left, right) => left.line - right.line,
        folder: join(workFolder, "by-line"),
      })
    : counted;
  let rows = 0;
  let untimed = 0;
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  const writer = new LineWriter(`${rowsPath}.new`);
  try {
    for (const row of ordered) {
      rows += 1;
      if (row.timeMs === null) untimed += 1;
      else {
        firstMs = Math.min(firstMs, row.timeMs);
        lastMs = Math.max(lastMs, row.timeMs);
      }
      writer.write(codec.encode(row));
    }
  } finally {
    writer.close();
  }
  renameSync(`${rowsPath}.new`, rowsPath);
  const prepared: PreparedFile = {
    rows,
    untimed,
    firstMs: rows > untimed ? firstMs : null,
    lastMs: rows > untimed ? lastMs : null,
    columns: reader.columns,
    rowsPath,
  };
  writeFileSync(`${notePath}.new`, JSON.stringify({ mark, prepared }));
  renameSync(`${notePath}.new`, notePath);
  return prepared;
}

/** Yields the prepared rows in the order of sending. */
export function* preparedRows({ rowsPath }: PreparedFile): Generator<PreparedRow> {
  for (const line of fileLines(rowsPath)) yield codec.decode(line);
}
