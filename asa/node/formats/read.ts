import type { AsaRecord } from "../../values";
import { AsaToolError } from "../errors";
import { decodeText } from "../settings";
import { readAvro } from "./avro-reader";
import { decompress } from "./compression";
import { readCsv, type UnreadablePart } from "./csv-reader";
import { splitJsonEvents } from "./json-reader";
import { readParquet } from "./parquet-reader";
import type { Serialization } from "./serialization";

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

/**
 * Reads the events of a data file in file order.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID when the file as a whole has another format; single events that cannot
 * be read are reported in `unreadable`, or refused later by the job (JSON)
 */
export async function readEvents(
  bytes: Uint8Array,
  serialization: Serialization,
  file: string,
): Promise<FileEvents> {
  const plain = decompress(bytes, serialization.compression, file);
  switch (serialization.format) {
    case "json": {
      const encoder = new TextEncoder();
      const events = splitJsonEvents(decodeText(plain, file));
      return {
        events: events.map(({ text, line }) => ({ body: encoder.encode(text), line })),
        unreadable: [],
      };
    }
    case "csv": {
      const { events, unreadable } = readCsv(decodeText(plain, file), serialization.delimiter, file);
      return { events: events.map((body) => ({ body, line: undefined })), unreadable };
    }
    case "avro":
      return binary(await readAvro(plain, file));
    case "parquet":
      return binary(await readParquet(plain, file));
    case "delta":
      throw new AsaToolError("ASA_FORMAT_NOT_SUPPORTED", "Delta tables are outputs only", {
        place: { file },
        hint: "Read the table's Parquet files instead.",
      });
  }
}

function binary(records: readonly AsaRecord[]): FileEvents {
  return { events: records.map((body) => ({ body, line: undefined })), unreadable: [] };
}
