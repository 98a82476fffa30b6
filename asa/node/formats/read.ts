import type { AsaRecord } from "../../values";
import { AsaToolError } from "../errors";
import { avroPieces } from "./avro-reader";
import { compressionOf, decompressed } from "./compression";
import { csvPieces, type UnreadablePart } from "./csv-reader";
import { type DataBytes, inMemory } from "./data-bytes";
import { jsonPieces } from "./json-pieces";
import { parquetPieces } from "./parquet-reader";
import { foreignFormat, type Serialization } from "./serialization";

/** One event of a data file: JSON text that is not parsed yet, or a record. */
export interface FileEvent {
  readonly body: Uint8Array | AsaRecord;
  /** 1-based; undefined for binary formats. */
  readonly line: number | undefined;
}

/** Events of a data file in file order, and the parts that cannot be read. */
export interface FileEvents {
  readonly events: readonly FileEvent[];
  readonly unreadable: readonly UnreadablePart[];
}

/** Some of the events of a data file, or lines with one JSON object each. */
export type FilePiece = FileEvents | { readonly lines: Uint8Array };

/**
 * Reads the events of a data file in file order, piece by piece, so that a large file needs little memory. With `asLines`,
 * JSON with one object in a line comes as lines.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID when the file as a whole has another format; single events that cannot
 * be read are reported in `unreadable`, or refused later by the job (JSON)
 */
export async function* filePieces(
  data: DataBytes,
  serialization: Serialization,
  file: string,
  asLines: boolean,
): AsyncGenerator<FilePiece> {
  const compression = compressionOf(serialization.compression, file);
  const plain = decompressed(data.chunks(), compression, file);
  switch (serialization.format) {
    case "json": {
      const encoder = new TextEncoder();
      for await (const piece of jsonPieces(plain, file, asLines))
        yield piece.kind === "lines"
          ? { lines: piece.lines }
          : {
              events: piece.texts.map(({ text, line }) => ({ body: encoder.encode(text), line })),
              unreadable: [],
            };
      return;
    }
    case "csv":
      for await (const { events, unreadable } of csvPieces(plain, serialization.delimiter, file))
        yield { events: events.map((body) => ({ body, line: undefined })), unreadable };
      return;
    case "avro":
      for await (const records of avroPieces(plain, file)) yield binary(records);
      return;
    case "parquet": {
      const whole = compression === "none" ? data : inMemory(await collected(plain));
      const access = await whole.open();
      try {
        for await (const records of parquetPieces(access, file)) yield binary(records);
      } finally {
        await access.close();
      }
      return;
    }
    case "foreign":
      throw foreignFormat(file);
    case "delta":
      throw new AsaToolError("ASA_FORMAT_NOT_SUPPORTED", "Delta tables are outputs only", {
        place: { file },
        hint: "Read the table's Parquet files instead.",
      });
  }
}

/**
 * Reads all events of a data file in file order.
 *
 * @throws {AsaToolError} as `filePieces`
 */
export async function readEvents(
  bytes: Uint8Array,
  serialization: Serialization,
  file: string,
): Promise<FileEvents> {
  return allEvents(filePieces(inMemory(bytes), serialization, file, false));
}

/** The events of all pieces. */
export async function allEvents(pieces: AsyncIterable<FilePiece>): Promise<FileEvents> {
  const events: FileEvent[] = [];
  const unreadable: UnreadablePart[] = [];
  for await (const piece of pieces) {
    if ("lines" in piece) continue;
    for (const event of piece.events) events.push(event);
    unreadable.push(...piece.unreadable);
  }
  return { events, unreadable };
}

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

function binary(records: readonly AsaRecord[]): FileEvents {
  return { events: records.map((body) => ({ body, line: undefined })), unreadable: [] };
}
