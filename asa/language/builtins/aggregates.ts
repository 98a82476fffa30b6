import type { StaticType } from "../../values/value";
import { type AggregateBuiltin, gives, type Parameter, takes } from "./builtin";

function aggregate(
  name: string,
  parameters: readonly Parameter[],
  result: AggregateBuiltin["result"],
  more: Partial<AggregateBuiltin> = {},
): AggregateBuiltin {
  return {
    kind: "aggregate",
    name,
    parameters,
    minArguments: parameters.length,
    maxArguments: parameters.length,
    result,
    star: false,
    distinct: false,
    ordered: false,
    over: true,
    ...more,
  };
}

const recordOr = (index: number) => (types: readonly StaticType[]) => types[index] ?? "record";
/** Values of an untyped column are cast to float. */
const comparable = (types: readonly StaticType[]): StaticType => {
  const type = types[0] ?? "any";
  return type === "any" ? "any" : type;
};
const orderable: Parameter = {
  kind: "value",
  types: ["bit", "bigint", "float", "datetime", "nvarchar(max)"],
};
const constantNumber: Parameter = { kind: "value", types: ["bigint", "float"], constant: true };
const constantInteger: Parameter = { kind: "value", types: ["bigint"], constant: true };

/** Signatures of the aggregates; their states stand in asa/runtime/aggregates. */
export const aggregateBuiltins: readonly AggregateBuiltin[] = [
  aggregate("COUNT", [takes.any], gives.always("bigint"), { minArguments: 0, star: true, distinct: true }),
  aggregate("COUNT_BIG", [takes.any], gives.always("bigint"), {
    minArguments: 0,
    star: true,
    distinct: true,
  }),
  aggregate("SUM", [takes.number], gives.number),
  aggregate("AVG", [takes.number], gives.always("float")),
  aggregate("MIN", [orderable], comparable),
  aggregate("MAX", [orderable], comparable),
  aggregate("STDEV", [takes.number], gives.always("float")),
  aggregate("STDEVP", [takes.number], gives.always("float")),
  aggregate("VAR", [takes.number], gives.always("float")),
  aggregate("VARP", [takes.number], gives.always("float")),
  aggregate("PERCENTILE_CONT", [constantNumber], gives.always("float"), { ordered: true, over: false }),
  aggregate("PERCENTILE_DISC", [constantNumber], gives.always("any"), { ordered: true, over: false }),
  aggregate("Collect", [takes.any], gives.always("array"), { minArguments: 0 }),
  aggregate("CollectTop", [constantInteger, takes.any], gives.always("array"), {
    minArguments: 1,
    ordered: true,
  }),
  aggregate("TopOne", [takes.any], recordOr(0), { minArguments: 0, ordered: true }),
  aggregate(
    "STRING_AGG",
    [takes.text, { kind: "value", types: ["nvarchar(max)"], constant: true }],
    gives.always("nvarchar(max)"),
    {
      over: false,
    },
  ),
];
