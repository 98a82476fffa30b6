import { type DateTime, unixEpochTicks, type Value, writeJson } from "../../values";
import type { ByteFile } from "./byte-file";
import type { ColumnShape } from "./column-shape";
import type { Table } from "./table";

/** Rows of a row group: what is held in memory at once. */
const rowsOfGroup = 65_536;

/**
 * Writes a Parquet file (Snappy). Every column is optional; datetime is a UTC timestamp in microseconds, so ticks
 * below that are cut off; records, arrays and columns of several types are JSON text.
 */
export async function writeParquet(table: Table, file: ByteFile): Promise<void> {
  const { ByteWriter, ParquetWriter } = await import("hyparquet-writer");
  const bytes = new ByteWriter();
  const parquet = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: "root", num_children: table.columns.length },
      ...table.columns.map(({ name, shape }) => ({
        name,
        repetition_type: "OPTIONAL" as const,
        ...elementType(shape),
      })),
    ],
    createdBy: "asa",
  });
  const flush = (): void => {
    file.write(bytes.getBytes());
    // Offsets in the file count on.
    bytes.index = 0;
  };
  let group: (readonly Value[])[] = [];
  const write = async (): Promise<void> => {
    const columnData = table.columns.map(({ name, shape }, index) => ({
      name,
      data: group.map((row) => toParquet(row[index] ?? null, shape)),
    }));
    await parquet.write({ columnData, rowGroupSize: rowsOfGroup });
    group = [];
    flush();
  };
  for (const rows of table.batches()) {
    group.push(...rows);
    if (group.length >= rowsOfGroup) await write();
  }
  if (group.length > 0) await write();
  await parquet.finish();
  flush();
}

function elementType(shape: ColumnShape) {
  switch (shape.kind) {
    case "bigint":
      return { type: "INT64" as const };
    case "float":
      return { type: "DOUBLE" as const };
    case "bit":
      return { type: "BOOLEAN" as const };
    case "datetime":
      return {
        type: "INT64" as const,
        converted_type: "TIMESTAMP_MICROS" as const,
        logical_type: { type: "TIMESTAMP" as const, isAdjustedToUTC: true, unit: "MICROS" as const },
      };
    default:
      return { type: "BYTE_ARRAY" as const, converted_type: "UTF8" as const };
  }
}

function toParquet(value: Value, shape: ColumnShape): unknown {
  if (value === null) return null;
  switch (shape.kind) {
    case "bigint":
    case "bit":
    case "text":
      return value;
    case "float":
      return Number(value);
    case "datetime":
      return ((value as DateTime).ticks - unixEpochTicks) / 10n;
    default:
      return writeJson(value);
  }
}
