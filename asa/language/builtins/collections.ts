import type { AsaRecord, Value } from "../../values/value";
import { type ApplyBuiltin, type Evaluate, gives, scalar, takes } from "./builtin";

const elementAt: Evaluate = ([array, index]) => {
  const items = array as readonly Value[];
  const at = index as bigint;
  return at >= 0n && at < BigInt(items.length) ? items[Number(at)]! : null;
};

/** A name in double quotes is taken literally, the quotes apart: `"[my][Field]"`. */
const memberName = (name: string): string =>
  name.length >= 2 && name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1) : name;

const propertyValue: Evaluate = ([record, name]) => {
  const members = record as AsaRecord;
  return members.get(memberName(name as string)) ?? members.get(name as string) ?? null;
};

const apply = (
  name: string,
  parameter: ApplyBuiltin["parameters"][number],
  columns: readonly [string, string],
  ...aliases: string[]
): ApplyBuiltin => ({
  kind: "apply",
  name,
  aliases,
  parameters: [parameter],
  minArguments: 1,
  maxArguments: 1,
  result: gives.always("array"),
  columns,
});

/** Array and record functions: NULL in and a missing element give NULL. */
export const collectionBuiltins = [
  scalar("GetArrayElement", [takes.array, takes.bigint], "any", elementAt),
  scalar("GetArrayLength", [takes.array], "bigint", ([array]) => BigInt((array as readonly Value[]).length)),
  scalar("GetRecordPropertyValue", [takes.record, takes.text], "any", propertyValue),
  apply("GetArrayElements", takes.array, ["ArrayIndex", "ArrayValue"], "GetElements"),
  apply("GetRecordProperties", takes.record, ["PropertyName", "PropertyValue"]),
] as const;
