import { AsaRecord, DateTime, unixEpochTicks, type Value } from "../../values";
import { AsaToolError } from "../errors";

/**
 * Reads a Parquet file (plain or Snappy-compressed pages).
 *
 * Integers are bigint, floating-point numbers and decimals are float, timestamps and dates are datetime, byte arrays
 * that are no text are base64 text.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID when the data cannot be read
 */
export async function readParquet(bytes: Uint8Array, file: string): Promise<AsaRecord[]> {
  const { parquetMetadata, parquetReadObjects, parquetSchema } = await import("hyparquet");
  const buffer = new Uint8Array(bytes).buffer;
  try {
    const metadata = parquetMetadata(buffer);
    const columns = parquetSchema(metadata).children.map((child) => ({
      name: child.element.name,
      floating: holdsFloats(child.element),
    }));
    const rows = await parquetReadObjects({
      file: buffer,
      metadata,
      parsers: {
        timestampFromMilliseconds: (millis: bigint) => new DateTime(unixEpochTicks + millis * 10_000n),
        timestampFromMicroseconds: (micros: bigint) => new DateTime(unixEpochTicks + micros * 10n),
        timestampFromNanoseconds: (nanos: bigint) => new DateTime(unixEpochTicks + nanos / 100n),
        dateFromDays: (days: number) => new DateTime(unixEpochTicks + BigInt(days) * 864_000_000_000n),
      } as never,
    });
    const names = columns.map((column) => column.name);
    return rows.map(
      (row) =>
        new AsaRecord(
          names,
          columns.map(({ name, floating }) => fromParquet(row[name], floating)),
        ),
    );
  } catch (cause) {
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
