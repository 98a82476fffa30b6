import avro from "avsc";
import { AsaRecord, type Value } from "../../values";
import { AsaToolError } from "../errors";
import { avroLong } from "./avro-long";

/**
 * Reads an Avro object container file.
 *
 * int and long are bigint, float and double are float, string and enum are nvarchar, bytes and fixed are base64 text;
 * a union gives the value of its branch. Logical types are read as their base type.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID for other data, ASA_FORMAT_NOT_SUPPORTED for an Avro map
 */
export function readAvro(bytes: Uint8Array, file: string): Promise<AsaRecord[]> {
  const decoder = new avro.streams.BlockDecoder({
    parseHook: (schema) => avro.Type.forSchema(schema, { registry: { long: avroLong }, wrapUnions: true }),
  });
  return new Promise((resolve, reject) => {
    const events: AsaRecord[] = [];
    const fail = (cause: unknown): void => {
      reject(
        cause instanceof AsaToolError
          ? cause
          : new AsaToolError("ASA_FORMAT_INVALID", "file is not an Avro object container", {
              place: { file },
              detail: `The Avro reader says: ${(cause as Error).message}.`,
              hint: "Avro data needs its header with the schema, and the null or deflate codec.",
              cause,
            }),
      );
    };
    let type: avro.Type | undefined;
    let headerSeen = false;
    decoder.on("metadata", (writerType: avro.Type) => {
      type = writerType;
      headerSeen = true;
    });
    decoder.on("data", (value: unknown) => {
      try {
        const event = fromAvro(value, type as avro.Type, file);
        if (!(event instanceof AsaRecord))
          throw new AsaToolError("ASA_FORMAT_INVALID", "Avro data does not hold records", {
            place: { file },
          });
        events.push(event);
      } catch (cause) {
        fail(cause);
      }
    });
    decoder.on("error", fail);
    decoder.on("end", () => {
      if (headerSeen) resolve(events);
      else fail(new Error("the header is incomplete"));
    });
    decoder.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  });
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
