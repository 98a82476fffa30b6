import { pipeline, Readable } from "node:stream";
import avro from "avsc";
import { AsaRecord, type Value } from "../../values";
import { AsaToolError } from "../errors";
import { avroLong } from "./avro-long";

/** Records that are handed on together. */
const recordsOfPiece = 1000;

/**
 * Reads an Avro object container file whose bytes come in pieces.
 *
 * int and long are bigint, float and double are float, string and enum are nvarchar, bytes and fixed are base64 text;
 * a union gives the value of its branch. Logical types are read as their base type.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID for other data, ASA_FORMAT_NOT_SUPPORTED for an Avro map
 */
export async function* avroPieces(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<readonly AsaRecord[]> {
  const decoder = new avro.streams.BlockDecoder({
    parseHook: (schema) => avro.Type.forSchema(schema, { registry: { long: avroLong }, wrapUnions: true }),
  });
  let type: avro.Type | undefined;
  decoder.on("metadata", (writerType: avro.Type) => {
    type = writerType;
  });
  // The error of the source or the decoder comes out of the loop.
  pipeline(Readable.from(buffers(chunks)), decoder, () => {});
  try {
    let records: AsaRecord[] = [];
    for await (const value of decoder) {
      const event = fromAvro(value, type as avro.Type, file);
      if (!(event instanceof AsaRecord))
        throw new AsaToolError("ASA_FORMAT_INVALID", "Avro data does not hold records", { place: { file } });
      if (records.push(event) === recordsOfPiece) {
        yield records;
        records = [];
      }
    }
    if (type === undefined) throw new Error("the header is incomplete");
    yield records;
  } catch (cause) {
    if (cause instanceof AsaToolError) throw cause;
    throw new AsaToolError("ASA_FORMAT_INVALID", "file is not an Avro object container", {
      place: { file },
      detail: `The Avro reader says: ${(cause as Error).message}.`,
      hint: "Avro data needs its header with the schema, and the null or deflate codec.",
      cause,
    });
  }
}

async function* buffers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const { buffer, byteOffset, byteLength } of chunks)
    yield Buffer.from(buffer, byteOffset, byteLength);
}

interface RecordType extends avro.Type {
  readonly fields: readonly { readonly name: string; readonly type: avro.Type }[];
}

function fromAvro(value: unknown, type: avro.Type, file: string): Value {
  switch (type.typeName) {
    case "null":
      return null;
    case "int":
      return BigInt(value as number);
    case "boolean":
    case "long":
    case "abstract:long":
    case "float":
    case "double":
    case "string":
    case "enum":
      return value as Value;
    case "bytes":
    case "fixed":
      return Buffer.from(value as Uint8Array).toString("base64");
    case "array": {
      const { itemsType } = type as avro.Type & { readonly itemsType: avro.Type };
      return (value as readonly unknown[]).map((item) => fromAvro(item, itemsType, file));
    }
    case "error":
    case "record": {
      const { fields } = type as RecordType;
      const members = value as Readonly<Record<string, unknown>>;
      return new AsaRecord(
        fields.map((field) => field.name),
        fields.map((field) => fromAvro(members[field.name], field.type, file)),
      );
    }
    case "union:wrapped":
    case "union:unwrapped": {
      if (value === null) return null;
      const [branch, inner] = Object.entries(value as object)[0] as [string, unknown];
      const { types } = type as avro.Type & { readonly types: readonly avro.Type[] };
      const chosen = types.find((candidate) => candidate.branchName === branch) as avro.Type;
      return fromAvro(inner, chosen, file);
    }
    default:
      throw new AsaToolError("ASA_FORMAT_NOT_SUPPORTED", `Avro type "${type.typeName}" is not supported`, {
        place: { file },
        hint: "The service reads records, arrays, unions and primitive types.",
      });
  }
}
