import { AsaRecord, DateTime, unixEpochTicks, type Value } from "../../values";
import { AsaToolError } from "../errors";

/** Bytes that can be read at any place. */
export interface RandomAccess {
  readonly byteLength: number;
  /** `end` is the first byte behind; absent: all that follow. */
  slice(start: number, end?: number): Promise<ArrayBuffer> | ArrayBuffer;
}

/** Rows that are handed on together; a row group may be far larger. */
const rowsOfPiece = 10_000;

/**
 * Reads a Parquet file (plain or Snappy-compressed pages) piece by piece.
 *
 * Integers are bigint, floating-point numbers and decimals are float, timestamps and dates are datetime, byte arrays
 * that are no text are base64 text.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID when the data cannot be read
 */
export async function* parquetPieces(data: RandomAccess, file: string): AsyncGenerator<readonly AsaRecord[]> {
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import("hyparquet");
  try {
    const metadata = await parquetMetadataAsync(data);
    const columns = parquetSchema(metadata).children.map((child) => ({
      name: child.element.name,
      floating: holdsFloats(child.element),
    }));
    const names = columns.map((column) => column.name);
    let groupStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      const groupEnd = groupStart + Number(num_rows);
      const rows = await parquetReadObjects({
        file: data,
        metadata,
        rowStart: groupStart,
        rowEnd: groupEnd,
        parsers: {
          timestampFromMilliseconds: (millis: bigint) => new DateTime(unixEpochTicks + millis * 10_000n),
          timestampFromMicroseconds: (micros: bigint) => new DateTime(unixEpochTicks + micros * 10n),
          timestampFromNanoseconds: (nanos: bigint) => new DateTime(unixEpochTicks + nanos / 100n),
          dateFromDays: (days: number) => new DateTime(unixEpochTicks + BigInt(days) * 864_000_000_000n),
        } as never,
      });
      for (let from = 0; from < rows.length; from += rowsOfPiece)
        yield rows.slice(from, from + rowsOfPiece).map(
          (row) =>
            new AsaRecord(
              names,
              columns.map(({ name, floating }) => fromParquet(row[name], floating)),
            ),
        );
      groupStart = groupEnd;
    }
  } catch (cause) {
    if (cause instanceof AsaToolError) throw cause;
    throw new AsaToolError("ASA_FORMAT_INVALID", "file is not readable Parquet data", {
      place: { file },
      detail: `The Parquet reader says: ${(cause as Error).message}.`,
      hint: "Plain and Snappy-compressed Parquet files are read.",
      cause,
    });
  }
}

interface ParquetElement {
  readonly type?: string | undefined;
  readonly converted_type?: string | undefined;
  readonly logical_type?: { readonly type: string } | undefined;
}

function holdsFloats({ type, converted_type, logical_type }: ParquetElement): boolean {
  return (
    type === "FLOAT" || type === "DOUBLE" || converted_type === "DECIMAL" || logical_type?.type === "FLOAT16"
  );
}

/** Members of nested columns carry no type here: an integral number among them is taken as bigint. */
function fromParquet(value: unknown, floating: boolean): Value {
  if (value === null || value === undefined) return null;
  if (value instanceof DateTime) return value;
  switch (typeof value) {
    case "number":
      return floating || !Number.isSafeInteger(value) ? value : BigInt(value);
    case "bigint":
    case "boolean":
    case "string":
      return value;
    default:
      if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
      if (Array.isArray(value)) return value.map((item) => fromParquet(item, floating));
      return new AsaRecord(
        Object.keys(value),
        Object.values(value).map((member) => fromParquet(member, false)),
      );
  }
}
