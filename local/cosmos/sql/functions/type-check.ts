import { isArray, isObject, type Value } from "../value";
import { parseDateTime } from "./date-time";
import { define, type FunctionDefinition, type FunctionTable } from "./definition";

function test(accept: (value: Value) => boolean): FunctionDefinition {
  return define(1, 1, accept);
}

/** These yield true or false for every value, undefined included. */
export const typeFunctions: FunctionTable = {
  IS_ARRAY: test(isArray),
  IS_BOOL: test((value) => typeof value === "boolean"),
  IS_DATETIME: test((value) => typeof value === "string" && parseDateTime(value) !== undefined),
  IS_DEFINED: test((value) => value !== undefined),
  IS_FINITE_NUMBER: test((value) => typeof value === "number" && Number.isFinite(value)),
  IS_INTEGER: test((value) => Number.isInteger(value)),
  IS_NULL: test((value) => value === null),
  IS_NUMBER: test((value) => typeof value === "number"),
  IS_OBJECT: test(isObject),
  IS_PRIMITIVE: test((value) => value === null || ["boolean", "number", "string"].includes(typeof value)),
  IS_STRING: test((value) => typeof value === "string"),
};
