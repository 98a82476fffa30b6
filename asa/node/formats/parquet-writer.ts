import { type DateTime, unixEpochTicks, type Value, writeJson } from "../../values";
import type { ColumnShape } from "./column-shape";
import type { Table, TableColumn } from "./table";

/**
 * Writes a Parquet file (Snappy). Every column is optional; datetime is a UTC timestamp in microseconds, so ticks
 * below that are cut off; records, arrays and columns of several types are JSON text.
 */
export async function writeParquet(table: Table): Promise<Uint8Array> {
  const { ByteWriter, parquetWrite } = await import("hyparquet-writer");
  const writer = new ByteWriter();
  parquetWrite({
    writer,
    columnData: table.columns.map((column) => ({ name: column.name, data: columnData(column) })),
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
  return writer.getBytes();
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

function columnData({ shape, values }: TableColumn): unknown[] {
  return values.map((value) => (value === null ? null : toParquet(value, shape)));
}

function toParquet(value: Value, shape: ColumnShape): unknown {
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
