import { AsaRecord, type Value } from "../../values/value";
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

/** Name of the function that `wholeRow` of the binder calls; no query can write it. */
export const wholeRowFunction = "whole row";

/** Pairs of a name and a record: the record becomes a member of that name, or with NULL its members do. */
const wholeRow: Evaluate = (args) => {
  const members = new Map<string, readonly [string, Value]>();
  const add = (name: string, value: Value) => {
    const key = name.toLowerCase();
    if (!members.has(key)) members.set(key, [name, value]);
  };
  for (let i = 0; i < args.length; i += 2) {
    const [name, value] = [args[i], args[i + 1] as Value];
    if (typeof name === "string") add(name, value);
    else if (value instanceof AsaRecord)
      for (const [index, member] of value.names.entries()) add(member, value.values[index] as Value);
  }
  const entries = [...members.values()];
  return new AsaRecord(
    entries.map(([name]) => name),
    entries.map(([, value]) => value),
  );
};

/** Functions that the compiler calls and no query can name. */
export const internalBuiltins = [
  scalar(wholeRowFunction, [takes.any], "record", wholeRow, {
    minArguments: 2,
    maxArguments: Number.POSITIVE_INFINITY,
    nulls: "handles",
  }),
] as const;

/** Array and record functions: NULL in and a missing element give NULL. */
export const collectionBuiltins = [
  scalar("GetArrayElement", [takes.array, takes.bigint], "any", elementAt),
  scalar("GetArrayLength", [takes.array], "bigint", ([array]) => BigInt((array as readonly Value[]).length)),
  scalar("GetRecordPropertyValue", [takes.record, takes.text], "any", propertyValue),
  apply("GetArrayElements", takes.array, ["ArrayIndex", "ArrayValue"], "GetElements"),
  apply("GetRecordProperties", takes.record, ["PropertyName", "PropertyValue"]),
] as const;
