import type { Dialect } from "../../dialect";
import { JsonReadError, JsonReader } from "../../values/json-read";
import { typeOf } from "../../values/types";
import { AsaRecord, type Value } from "../../values/value";

/** The records of one event body, or why it cannot be read. */
export type Decoded =
  | { readonly ok: true; readonly records: readonly AsaRecord[] }
  | { readonly ok: false; readonly message: string };

const tokenNames: Readonly<Record<string, string>> = {
  bigint: "Integer",
  float: "Float",
  "nvarchar(max)": "String",
  bit: "Boolean",
  array: "StartArray",
};

const layoutMessage = (value: Value): string =>
  "Json input stream should either be an array of objects or line separated objects. " +
  `Found token type: ${tokenNames[typeOf(value) ?? ""] ?? "Null"}`;

/** Reads event bodies: one JSON object, an array of objects, or objects one after another. */
export class BodyDecoder {
  private readonly text = new TextDecoder("utf-8", { fatal: true });
  private readonly json: JsonReader;
  private readonly oneObject: boolean;

  constructor(dialect: Dialect, bodies: "any" | "object" = "any") {
    this.oneObject = bodies === "object";
    this.json = new JsonReader({ keepFirst: dialect.duplicateKeys === "first" });
  }

  decode(body: Uint8Array | AsaRecord): Decoded {
    if (body instanceof AsaRecord) return { ok: true, records: [body] };
    let text: string;
    try {
      text = this.text.decode(body);
    } catch {
      return { ok: false, message: "the body is no UTF-8 text" };
    }
    const records: AsaRecord[] = [];
    try {
      this.json.begin(text);
      for (let value = this.json.next(); value !== undefined; value = this.json.next()) {
        const items = Array.isArray(value) && !this.oneObject ? (value as readonly Value[]) : [value];
        for (const item of items) {
          if (!(item instanceof AsaRecord)) return { ok: false, message: layoutMessage(item) };
          records.push(item);
        }
      }
    } catch (error) {
      if (!(error instanceof JsonReadError)) throw error;
      return { ok: false, message: error.message };
    }
    if (this.oneObject && records.length > 1)
      return { ok: false, message: "the body has more than one object" };
    return records.length === 0 ? { ok: false, message: "the body is empty" } : { ok: true, records };
  }
}
