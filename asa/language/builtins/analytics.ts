import { type AnalyticBuiltin, gives, type Parameter, takes } from "./builtin";

const constantInteger: Parameter = { kind: "value", types: ["bigint"], constant: true };
const constantNumber: Parameter = { kind: "value", types: ["bigint", "float"], constant: true };
const constantText: Parameter = { kind: "value", types: ["nvarchar(max)"], constant: true };

/** LAG and its kin; their states stand in asa/runtime/analytics. */
export const analyticBuiltins: readonly AnalyticBuiltin[] = [
  {
    kind: "analytic",
    name: "LAG",
    parameters: [takes.any, constantInteger, takes.any],
    minArguments: 1,
    maxArguments: 3,
    result: gives.argument(0),
    star: true,
    over: "required",
    limitDuration: true,
  },
  {
    kind: "analytic",
    name: "LAST",
    parameters: [takes.any, takes.any],
    minArguments: 1,
    maxArguments: 2,
    result: gives.argument(0),
    star: true,
    over: "required",
    limitDuration: true,
  },
  {
    kind: "analytic",
    name: "ISFIRST",
    parameters: [takes.datePart, constantInteger],
    minArguments: 2,
    maxArguments: 2,
    result: gives.always("bigint"),
    star: false,
    over: "optional",
    limitDuration: false,
  },
  {
    kind: "analytic",
    name: "AnomalyDetection_SpikeAndDip",
    parameters: [takes.number, constantNumber, constantInteger, constantText],
    minArguments: 4,
    maxArguments: 4,
    result: gives.always("record"),
    star: false,
    over: "required",
    limitDuration: true,
  },
  {
    kind: "analytic",
    name: "AnomalyDetection_ChangePoint",
    parameters: [takes.number, constantNumber, constantInteger],
    minArguments: 3,
    maxArguments: 3,
    result: gives.always("record"),
    star: false,
    over: "required",
    limitDuration: true,
  },
];
