import type { Evaluate } from "./environment";
import { compareOrdered, equalValues, finite, isArray, isObject, type Value } from "./value";

/** Whether two values can be ordered: equal types, neither undefined nor composite. */
function comparable(left: Value, right: Value): boolean {
  if (left === undefined || right === undefined) return false;
  if (left === null || right === null) return left === right;
  if (isArray(left) || isObject(left)) return false;
  return typeof left === typeof right;
}

function ordering(accept: (order: number) => boolean): (left: Evaluate, right: Evaluate) => Evaluate {
  return (left, right) => (environment) => {
    const a = left(environment);
    const b = right(environment);
    return comparable(a, b) ? accept(compareOrdered(a, b)) : undefined;
  };
}

function arithmetic(compute: (left: number, right: number) => number) {
  return (left: Evaluate, right: Evaluate): Evaluate =>
    (environment) => {
      const a = left(environment);
      const b = right(environment);
      return typeof a === "number" && typeof b === "number" ? finite(compute(a, b)) : undefined;
    };
}

/** Binary operators; every one yields undefined for operands of wrong types. */
export const binaryOperators: Readonly<Record<string, (left: Evaluate, right: Evaluate) => Evaluate>> = {
  "=": (left, right) => (environment) => {
    const a = left(environment);
    const b = right(environment);
    return a === undefined || b === undefined ? undefined : equalValues(a, b);
  },
  "!=": (left, right) => (environment) => {
    const a = left(environment);
    const b = right(environment);
    return a === undefined || b === undefined ? undefined : !equalValues(a, b);
  },
  "<": ordering((order) => order < 0),
  "<=": ordering((order) => order <= 0),
  ">": ordering((order) => order > 0),
  ">=": ordering((order) => order >= 0),
  "+": arithmetic((a, b) => a + b),
  "-": arithmetic((a, b) => a - b),
  "*": arithmetic((a, b) => a * b),
  "/": arithmetic((a, b) => a / b),
  "%": arithmetic((a, b) => a % b),
  "&": arithmetic((a, b) => a & b),
  "|": arithmetic((a, b) => a | b),
  "^": arithmetic((a, b) => a ^ b),
  "<<": arithmetic((a, b) => a << b),
  ">>": arithmetic((a, b) => a >> b),
  ">>>": arithmetic((a, b) => a >>> b),
  "||": (left, right) => (environment) => {
    const a = left(environment);
    const b = right(environment);
    return typeof a === "string" && typeof b === "string" ? a + b : undefined;
  },
  "??": (left, right) => (environment) => {
    const value = left(environment);
    return value === undefined ? right(environment) : value;
  },
  AND: (left, right) => (environment) => {
    const a = left(environment);
    if (a === false) return false;
    const b = right(environment);
    if (b === false) return false;
    return a === true && b === true ? true : undefined;
  },
  OR: (left, right) => (environment) => {
    const a = left(environment);
    if (a === true) return true;
    const b = right(environment);
    if (b === true) return true;
    return a === false && b === false ? false : undefined;
  },
};

export const unaryOperators: Readonly<Record<string, (operand: Value) => Value>> = {
  NOT: (value) => (typeof value === "boolean" ? !value : undefined),
  "-": (value) => (typeof value === "number" ? -value : undefined),
  "+": (value) => (typeof value === "number" ? value : undefined),
  "~": (value) => (typeof value === "number" ? ~value : undefined),
};
