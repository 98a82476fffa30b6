import { gives, type WindowBuiltin } from "./builtin";

const window = (
  name: string,
  minArguments: number,
  maxArguments: number,
  ...aliases: string[]
): WindowBuiltin => ({
  kind: "window",
  name,
  aliases,
  parameters: [],
  minArguments,
  maxArguments,
  result: gives.always("datetime"),
});

/** Window functions of GROUP BY; they are never evaluated as expressions. */
export const windowBuiltins: readonly WindowBuiltin[] = [
  window("TumblingWindow", 1, 3, "Tumbling"),
  window("HoppingWindow", 2, 4, "Hopping"),
  window("SlidingWindow", 1, 2, "Sliding"),
  window("SessionWindow", 2, 3, "Session"),
  window("Windows", 1, Number.POSITIVE_INFINITY),
];
