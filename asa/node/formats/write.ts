import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { OutputRow } from "../../api";
import { writeJsonObject } from "../../values";
import { writeAvro } from "./avro-writer";
import { writeCsv } from "./csv-writer";
import { writeDelta } from "./delta-writer";
import { writeParquet } from "./parquet-writer";
import type { Serialization } from "./serialization";
import { tableOf } from "./table";

/** One object per row, separated by line feeds, with one behind the last; empty text for no rows. */
export function jsonLinesText(rows: readonly OutputRow[]): string {
  return rows.map((row) => `${writeJsonObject(row.columns, row.values)}\n`).join("");
}

/** One array of objects, a row per line. */
export function jsonArrayText(rows: readonly OutputRow[]): string {
  const lines = rows.map((row) => writeJsonObject(row.columns, row.values));
  return lines.length === 0 ? "[]\n" : `[\n${lines.join(",\n")}\n]\n`;
}

/**
 * Writes an output's rows into `folder` as `<name>.<format>`, a Delta table as the folder `<name>`.
 * Returns the path that was written. `now` is in milliseconds since 1970.
 */
export async function writeOutput(
  folder: string,
  name: string,
  rows: readonly OutputRow[],
  serialization: Serialization,
  now: number,
): Promise<string> {
  const fileName = name.replaceAll(/[^\p{L}\p{N}._-]/gu, "_");
  if (serialization.format === "delta") {
    const path = join(folder, fileName);
    await writeDelta(path, tableOf(rows), now);
    return path;
  }
  const path = join(folder, `${fileName}.${serialization.format}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await contentOf(name, rows, serialization));
  return path;
}

async function contentOf(
  name: string,
  rows: readonly OutputRow[],
  { format, layout, delimiter }: Serialization,
): Promise<string | Uint8Array> {
  switch (format) {
    case "csv":
      return writeCsv(tableOf(rows), delimiter);
    case "avro":
      return writeAvro(tableOf(rows), name);
    case "parquet":
      return writeParquet(tableOf(rows));
    default:
      return layout === "array" ? jsonArrayText(rows) : jsonLinesText(rows);
  }
}
