import type { RuntimeDiagnostic } from "../../api";
import type { Dialect } from "../../dialect";
import { memberIndex } from "../../interpreter/paths";
import type { Column } from "../../plan/logical-plan";
import { parseDateTime } from "../../values/datetime";
import { fitsBigint, typeOf } from "../../values/types";
import { AsaRecord, DateTime, type StaticType, type Value } from "../../values/value";

/** A record in the shape that CREATE TABLE declares, or why it is dropped. */
export type Conformed =
  | { readonly ok: true; readonly record: AsaRecord }
  | { readonly ok: false; readonly kind: RuntimeDiagnostic["kind"]; readonly message: string };

/** The value as the declared type holds it; undefined when it does not fit: only lossless number changes convert. */
function asDeclared(value: Value, type: StaticType): Value | undefined {
  if (value === null || type === "any" || typeOf(value) === type) return value;
  if (type === "float" && typeof value === "bigint") return Number(value);
  if (type === "bigint" && typeof value === "number" && Number.isInteger(value)) {
    const whole = BigInt(value);
    return fitsBigint(whole) ? whole : undefined;
  }
  if (type === "datetime" && typeof value === "string") {
    const ticks = parseDateTime(value);
    return ticks === null ? undefined : new DateTime(ticks);
  }
  return undefined;
}

/** Brings events of a declared input into the declared columns, in their order and casing. */
export class Conformer {
  private readonly columns: readonly Column[];
  private readonly names: readonly string[];
  private readonly dialect: Dialect;

  constructor(columns: readonly Column[], dialect: Dialect) {
    this.columns = columns;
    this.names = columns.map((column) => column.name);
    this.dialect = dialect;
  }

  conform(record: AsaRecord): Conformed {
    const values: Value[] = [];
    for (const { name, type } of this.columns) {
      const index = memberIndex(record.names, name, this.dialect);
      if (index < 0) {
        return {
          ok: false,
          kind: "InputDeserializerError.MissingColumns",
          message: `column "${name}" is missing`,
        };
      }
      const raw = record.values[index] ?? null;
      const value = asDeclared(raw, type);
      if (value === undefined) {
        const message = `column "${name}" holds a value of type '${typeOf(raw)}' that does not fit type '${type}'`;
        return { ok: false, kind: "InputDeserializerError.TypeConversionError", message };
      }
      values.push(value);
    }
    return { ok: true, record: this.withOthers(record, values) };
  }

  /** With an open CREATE TABLE (OPEN-41) the fields that it does not declare follow the declared columns. */
  private withOthers(record: AsaRecord, values: Value[]): AsaRecord {
    if (this.dialect.createTable === "closed") return new AsaRecord(this.names, values);
    const declared = new Set(this.names.map((name) => name.toLowerCase()));
    const names = [...this.names];
    for (const [index, name] of record.names.entries()) {
      if (declared.has(name.toLowerCase())) continue;
      names.push(name);
      values.push(record.values[index] ?? null);
    }
    return new AsaRecord(names, values);
  }
}
