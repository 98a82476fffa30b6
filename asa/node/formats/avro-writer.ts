import { Readable } from "node:stream";
import avro from "avsc";
import { AsaRecord, DateTime, formatDateTime, type Value, writeJson } from "../../values";
import { AsaToolError } from "../errors";
import { avroLong } from "./avro-long";
import type { ByteFile } from "./byte-file";
import type { ColumnShape } from "./column-shape";
import type { Table } from "./table";

/**
 * Writes an Avro object container (deflate). Every column is nullable; datetime is ISO text; a column of several
 * types is JSON text.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID when a column's name is no Avro name
 */
export async function writeAvro(table: Table, output: string, file: ByteFile): Promise<void> {
  const names = new NameSequence();
  const schema = {
    type: "record",
    name: names.next(),
    fields: table.columns.map(({ name, shape }) => field(name, shape, names, output)),
  };
  const type = avro.Type.forSchema(schema as avro.Schema, {
    registry: { long: avroLong },
    wrapUnions: false,
  });
  const encoder = new avro.streams.BlockEncoder(type, { codec: "deflate" });
  await new Promise<void>((resolve, reject) => {
    encoder.on("error", reject);
    encoder.on("data", (chunk: Buffer) => {
      try {
        file.write(chunk);
      } catch (error) {
        encoder.destroy(error as Error);
      }
    });
    encoder.on("end", resolve);
    Readable.from(values(table)).on("error", reject).pipe(encoder);
  });
}

function* values({ columns, batches }: Table): Generator<object> {
  for (const rows of batches())
    for (const row of rows)
      yield Object.fromEntries(
        columns.map(({ name, shape }, index) => [name, toAvro(row[index] ?? null, shape)]),
      );
}

class NameSequence {
  #count = 0;
  next(): string {
    return this.#count++ === 0 ? "row" : `record${this.#count - 1}`;
  }
}

function field(name: string, shape: ColumnShape, names: NameSequence, output: string): object {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new AsaToolError("ASA_FORMAT_INVALID", `column "${name}" of output "${output}" is no Avro name`, {
      hint: "Give the column an alias of letters, digits and underscores.",
    });
  return { name, type: ["null", avroType(shape, names, output)], default: null };
}

function avroType(shape: ColumnShape, names: NameSequence, output: string): unknown {
  switch (shape.kind) {
    case "bigint":
      return "long";
    case "float":
      return "double";
    case "bit":
      return "boolean";
    case "array":
      return { type: "array", items: ["null", avroType(shape.item, names, output)] };
    case "record":
      return {
        type: "record",
        name: names.next(),
        fields: [...shape.members].map(([name, member]) => field(name, member, names, output)),
      };
    default:
      return "string";
  }
}

function toAvro(value: Value, shape: ColumnShape): unknown {
  if (value === null) return null;
  if (shape.kind === "mixed") return writeJson(value);
  if (shape.kind === "float") return Number(value);
  if (value instanceof DateTime) return formatDateTime(value.ticks);
  if (shape.kind === "array") return (value as readonly Value[]).map((item) => toAvro(item, shape.item));
  if (shape.kind === "record" && value instanceof AsaRecord)
    return Object.fromEntries(
      [...shape.members].map(([name, member]) => [name, toAvro(exactMember(value, name), member)]),
    );
  return value;
}

function exactMember(record: AsaRecord, name: string): Value {
  const index = record.names.indexOf(name);
  return index < 0 ? null : (record.values[index] ?? null);
}
