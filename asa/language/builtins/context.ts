import { type ContextBuiltin, gives, takes } from "./builtin";

/** Functions that read the row's time, window or metadata rather than their arguments. */
export const contextBuiltins: readonly ContextBuiltin[] = [
  {
    kind: "context",
    name: "System.Timestamp",
    parameters: [],
    minArguments: 0,
    maxArguments: 0,
    result: gives.always("datetime"),
  },
  {
    kind: "context",
    name: "System.Window",
    parameters: [],
    minArguments: 0,
    maxArguments: 0,
    result: gives.always("record"),
  },
  {
    kind: "context",
    name: "GetMetadataPropertyValue",
    parameters: [takes.source, { kind: "value", types: ["nvarchar(max)"], constant: true }],
    minArguments: 2,
    maxArguments: 2,
    result: gives.always("any"),
  },
];
