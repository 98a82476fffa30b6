import type { Dialect } from "../../dialect";
import { convertValue } from "../../values/convert";
import { JsonReader } from "../../values/json-read";
import { writeJson } from "../../values/json-write";
import { AsaRecord, type Value, type ValueType } from "../../values/value";
import { BuiltinError, type Evaluate, type Parameter, scalar, takes } from "./builtin";
import { type JsonPath, memberAt, readJsonPath } from "./json-path";

const documentTypes: readonly ValueType[] = ["nvarchar(max)", "record", "array"];
/** JSON text, or a record or an array as it is. */
const document: Parameter = { kind: "value", types: documentTypes };

const composite = (value: Value | undefined): value is AsaRecord | readonly Value[] =>
  value instanceof AsaRecord || Array.isArray(value);

/** Returns the document, or undefined when a text is no JSON. */
function read(value: Value, dialect: Dialect): Value | undefined {
  if (typeof value !== "string") return value;
  try {
    return new JsonReader({ keepFirst: dialect.duplicateKeys === "first" }).read(value);
  } catch {
    // The caller says what a text without JSON means for its function.
    return undefined;
  }
}

function readOrFail(value: Value, name: string, dialect: Dialect): Value {
  const found = read(value, dialect);
  if (found === undefined) throw new BuiltinError(`the 1st argument of function ${name} is not JSON`);
  return found;
}

function follow(value: Value, path: JsonPath, name: string): Value | undefined {
  let at: Value | undefined = value;
  for (const step of path.steps) at = at === undefined ? undefined : memberAt(at, step);
  if (at === undefined && path.strict)
    throw new BuiltinError(`function ${name} found nothing at its strict path`);
  return at;
}

const isJson: Evaluate = ([value], dialect) => (composite(read(value as Value, dialect)) ? 1n : 0n);

const jsonValue: Evaluate = ([value, text], dialect) => {
  const path = readJsonPath(text as string, "json_value");
  const found = follow(readOrFail(value as Value, "json_value", dialect), path, "json_value");
  if (composite(found)) {
    if (path.strict) throw new BuiltinError("function json_value found no scalar at its strict path");
    return null;
  }
  return found == null ? null : (convertValue(found, "nvarchar(max)") ?? null);
};

const jsonQuery: Evaluate = ([value, text], dialect) => {
  const path = readJsonPath((text as string | undefined) ?? "$", "json_query");
  const found = follow(readOrFail(value as Value, "json_query", dialect), path, "json_query");
  if (composite(found)) return writeJson(found);
  if (path.strict) throw new BuiltinError("function json_query found no object or array at its strict path");
  return null;
};

/** Returns the value with the place that the steps lead to replaced; undefined where lax mode changes nothing. */
function replaced(value: Value, path: JsonPath, depth: number, by: Value): Value | undefined {
  const step = path.steps[depth];
  if (step === undefined) return path.append ? appended(value, path, by) : by;
  const last = depth === path.steps.length - 1;
  const missing = memberAt(value, step) === undefined;
  if (missing && path.strict) throw new BuiltinError("function json_modify found nothing at its strict path");
  if (missing && !last) return undefined;
  if (value instanceof AsaRecord && typeof step === "string") {
    const index = value.names.indexOf(step);
    if (index < 0) return by === null ? undefined : withMember(value, step, path.append ? [by] : by);
    if (last && by === null && !path.append && !path.strict) return withoutMember(value, index);
    const inner = replaced(value.values[index] as Value, path, depth + 1, by);
    return inner === undefined ? undefined : new AsaRecord(value.names, value.values.with(index, inner));
  }
  if (!Array.isArray(value) || typeof step !== "number" || missing) return undefined;
  const inner = replaced((value as readonly Value[])[step] as Value, path, depth + 1, by);
  return inner === undefined ? undefined : (value as Value[]).with(step, inner);
}

function appended(value: Value, path: JsonPath, by: Value): Value | undefined {
  if (Array.isArray(value)) return [...(value as readonly Value[]), by];
  if (path.strict) throw new BuiltinError("function json_modify found no array to append to");
  return undefined;
}

const withMember = (record: AsaRecord, name: string, value: Value): AsaRecord =>
  new AsaRecord([...record.names, name], [...record.values, value]);

const withoutMember = (record: AsaRecord, index: number): AsaRecord =>
  new AsaRecord(record.names.toSpliced(index, 1), record.values.toSpliced(index, 1));

const jsonModify: Evaluate = ([value, text, by], dialect) => {
  if (value === null || text === null) return null;
  const path = readJsonPath(text as string, "json_modify");
  const document = readOrFail(value as Value, "json_modify", dialect);
  return writeJson(replaced(document, path, 0, by as Value) ?? document);
};

/**
 * Functions over JSON text, as T-SQL has them; a record or an array may stand for its text. Paths are lax unless they
 * start with `strict`: what is missing gives NULL, or changes nothing. NULL in gives NULL out, but a NULL as new value
 * of JSON_MODIFY removes the member.
 */
export const jsonBuiltins = [
  scalar("ISJSON", [takes.any], "bigint", isJson),
  scalar("JSON_VALUE", [document, takes.text], "nvarchar(max)", jsonValue),
  scalar("JSON_QUERY", [document, takes.text], "nvarchar(max)", jsonQuery, { minArguments: 1 }),
  scalar("JSON_MODIFY", [document, takes.text, takes.any], "nvarchar(max)", jsonModify, {
    nulls: "handles",
  }),
] as const;
