import { existsSync } from "node:fs";
import { join } from "node:path";
import type { OutputRow } from "../../api";
import { writeJsonObject } from "../../values";
import { writeAvro } from "./avro-writer";
import { ByteFile, fileExists } from "./byte-file";
import { writeCsv } from "./csv-writer";
import { writeDelta } from "./delta-writer";
import { writeParquet } from "./parquet-writer";
import { foreignFormat, type Serialization } from "./serialization";
import { TableBuilder } from "./table";

/** One object per row, separated by line feeds, with one behind the last; empty text for no rows. */
export function jsonLinesText(rows: readonly Pick<OutputRow, "columns" | "values">[]): string {
  return rows.map((row) => `${writeJsonObject(row.columns, row.values)}\n`).join("");
}

/** One array of objects, a row per line. */
export function jsonArrayText(rows: readonly OutputRow[]): string {
  const lines = rows.map((row) => writeJsonObject(row.columns, row.values));
  return lines.length === 0 ? "[]\n" : `[\n${lines.join(",\n")}\n]\n`;
}

/** Where an output is written to. */
export interface OutputPlace {
  readonly folder: string;
  /** The output's name; the file is called by it and the format. */
  readonly name: string;
  readonly serialization: Serialization;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Takes the place of an earlier file of that name; a Delta table is never replaced. */
  readonly replace: boolean;
}

/** The rows of an output on their way into a file, which needs little memory however many they are. */
export interface OutputWriter {
  readonly rows: number;
  /** Takes rows, JSON lines or not. */
  add(rows: readonly Pick<OutputRow, "columns" | "values">[]): void;
  /** Takes rows as JSON lines; for JSON outputs only. */
  addLines(lines: Uint8Array, rows: number): void;
  /** Writes what is left and returns the path of the file or, for Delta, of the folder. */
  close(): Promise<string>;
  /** Gives up, and leaves nothing behind. */
  abort(): void;
}

/** Begins a file for an output. @throws {AsaToolError} ASA_FILE_EXISTS, ASA_OUTPUT_NOT_WRITTEN */
export function openOutput(place: OutputPlace): OutputWriter {
  const fileName = place.name.replaceAll(/[^\p{L}\p{N}._-]/gu, "_");
  const { format } = place.serialization;
  const path = join(place.folder, format === "delta" ? fileName : `${fileName}.${format}`);
  if (format === "foreign") throw foreignFormat(path);
  if (format === "json") return new JsonWriter(path, place);
  return new TableWriter(path, place);
}

const [lineFeed, comma] = [0x0a, 0x2c];

class JsonWriter implements OutputWriter {
  private readonly file: ByteFile;
  private readonly isArray: boolean;
  rows = 0;

  constructor(path: string, { serialization, replace }: OutputPlace) {
    this.file = new ByteFile(path, replace);
    this.isArray = serialization.layout === "array";
  }

  add(rows: readonly Pick<OutputRow, "columns" | "values">[]): void {
    this.addLines(Buffer.from(jsonLinesText(rows)), rows.length);
  }

  addLines(lines: Uint8Array, rows: number): void {
    if (rows === 0) return;
    if (!this.isArray) this.file.write(lines);
    else this.addItems(lines);
    this.rows += rows;
  }

  /** A line feed stands behind each row and nowhere else. */
  private addItems(lines: Uint8Array): void {
    this.file.text(this.rows === 0 ? "[\n" : ",\n");
    let from = 0;
    for (let feed = lines.indexOf(lineFeed); feed < lines.length - 1; ) {
      this.file.write(lines.subarray(from, feed));
      this.file.write(Uint8Array.of(comma, lineFeed));
      from = feed + 1;
      feed = lines.indexOf(lineFeed, from);
    }
    this.file.write(lines.subarray(from, lines.length - 1));
  }

  async close(): Promise<string> {
    if (this.isArray) this.file.text(this.rows === 0 ? "[]\n" : "\n]\n");
    this.file.close();
    return this.file.path;
  }

  abort(): void {
    this.file.abort();
  }
}

/** For formats whose beginning says what all rows have: rows are collected first. */
class TableWriter implements OutputWriter {
  private readonly path: string;
  private readonly place: OutputPlace;
  private readonly builder = new TableBuilder();
  rows = 0;

  constructor(path: string, place: OutputPlace) {
    if (existsSync(path) && !place.replace && place.serialization.format !== "delta") throw fileExists(path);
    this.path = path;
    this.place = place;
  }

  add(rows: readonly Pick<OutputRow, "columns" | "values">[]): void {
    for (const row of rows) this.builder.add(row);
    this.rows += rows.length;
  }

  addLines(): void {
    throw new Error("a table takes no lines");
  }

  async close(): Promise<string> {
    const { serialization, now, name, replace } = this.place;
    const { table } = this.builder;
    try {
      if (serialization.format === "delta") {
        await writeDelta(this.path, table, now);
        return this.path;
      }
      const file = new ByteFile(this.path, replace);
      try {
        if (serialization.format === "csv") writeCsv(table, serialization.delimiter, file);
        else if (serialization.format === "avro") await writeAvro(table, name, file);
        else await writeParquet(table, file);
        file.close();
      } catch (error) {
        file.abort();
        throw error;
      }
      return this.path;
    } finally {
      this.builder.dispose();
    }
  }

  abort(): void {
    this.builder.dispose();
  }
}

/**
 * Writes an output's rows into `folder` as `<name>.<format>`, a Delta table as the folder `<name>`; a file of that name is
 * replaced. Returns the path that was written. `now` is in milliseconds since 1970.
 */
export async function writeOutput(
  folder: string,
  name: string,
  rows: readonly OutputRow[],
  serialization: Serialization,
  now: number,
): Promise<string> {
  const output = openOutput({ folder, name, serialization, now, replace: true });
  output.add(rows);
  return output.close();
}
