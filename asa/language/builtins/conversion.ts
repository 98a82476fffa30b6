import { equalValues } from "../../values/equality";
import { JsonReader } from "../../values/json-read";
import { typeOf } from "../../values/types";
import { AsaRecord, type StaticType, type Value } from "../../values/value";
import { type Evaluate, gives, scalar, takes } from "./builtin";

const common = (types: readonly StaticType[]): StaticType =>
  types.length > 0 && types.every((type) => type === types[0]) ? types[0]! : "any";

const getType: Evaluate = ([value], dialect) =>
  typeOf(value as Value) ?? (dialect.typeOfNull === "any" ? "any" : null);

const jsonParse: Evaluate = ([value], dialect) => {
  if (typeof value !== "string") return null;
  try {
    const parsed = new JsonReader({ keepFirst: dialect.duplicateKeys === "first" }).read(value);
    return parsed instanceof AsaRecord || dialect.jsonParseOther === "value" ? parsed : null;
  } catch {
    // The function's contract is NULL for any text that is no JSON.
    return null;
  }
};

/** Conversion functions; CAST and TRY_CAST are expressions of their own. */
export const conversionBuiltins = [
  scalar("GetType", [takes.any], "nvarchar(max)", getType, { nulls: "handles" }),
  scalar("COALESCE", [takes.any], common, (args) => args.find((value) => value !== null) ?? null, {
    maxArguments: Number.POSITIVE_INFINITY,
    nulls: "handles",
  }),
  scalar(
    "NULLIF",
    [takes.any, takes.any],
    gives.argument(0),
    ([a, b]) => (equalValues(a as Value, b as Value) === true ? null : (a as Value)),
    { nulls: "handles" },
  ),
  scalar("JSON_PARSE", [takes.any], "record", jsonParse, { nulls: "handles" }),
] as const;
