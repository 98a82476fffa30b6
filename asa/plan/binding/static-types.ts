import type { Dialect } from "../../dialect";
import type { StaticType } from "../../values/value";

const numbers: ReadonlySet<StaticType> = new Set<StaticType>(["bigint", "float", "bit"]);

export function isNumeric(type: StaticType): boolean {
  return numbers.has(type);
}

/** Returns the type that all share, else `any`. */
export function commonType(types: readonly StaticType[]): StaticType {
  const first = types[0];
  return first !== undefined && types.every((type) => type === first) ? first : "any";
}

/** Type precedence of CASE branches: datetime, float, bigint, bit, nvarchar; `any` and mixed kinds stay `any`. */
export function caseType(types: readonly StaticType[]): StaticType {
  if (types.every((type) => type === types[0])) return types[0] ?? "any";
  if (types.every(isNumeric)) return types.includes("float") ? "float" : "bigint";
  if (types.every((type) => type === "datetime" || type === "nvarchar(max)")) return "datetime";
  return "any";
}

/** Returns the type of an arithmetic operation, or undefined when the static types do not fit. */
export function arithmeticType(
  operator: string,
  left: StaticType,
  right: StaticType,
): StaticType | undefined {
  const sides = [left, right];
  if (sides.some((type) => type === "record" || type === "array" || type === "datetime")) return undefined;
  const texts = sides.filter((type) => type === "nvarchar(max)").length;
  if (operator === "+") {
    if (texts === 2) return "nvarchar(max)";
    if (texts === 1) return sides.includes("any") ? "any" : undefined;
    if (sides.includes("any")) return "any";
  } else if (texts > 0) return undefined;
  if (sides.includes("float")) return "float";
  return sides.includes("any") ? "any" : "bigint";
}

/** Returns the type of a bitwise operation, or undefined when the static types do not fit. */
export function bitwiseType(left: StaticType, right: StaticType): StaticType | undefined {
  const sides = [left, right];
  if (!sides.every((type) => type === "bit" || type === "bigint" || type === "any")) return undefined;
  if (sides.includes("bigint")) return "bigint";
  return sides.includes("any") ? "any" : "bit";
}

/** How values of two static types compare: `never` is never equal, `invalid` also has no order. */
export function comparability(left: StaticType, right: StaticType): "fine" | "never" {
  if (left === "any" || right === "any" || left === right) return "fine";
  if (isNumeric(left) && isNumeric(right)) return "fine";
  const sides = [left, right];
  return sides.includes("datetime") && sides.includes("nvarchar(max)") ? "fine" : "never";
}

/** True when no value of the type converts to the target. */
export function neverConverts(from: StaticType, to: StaticType, dialect: Dialect): boolean {
  if (from === "any" || from === to) return false;
  if (to === "record" || to === "array") return true;
  if (from === "record" || from === "array")
    return !(to === "nvarchar(max)" && dialect.recordText === "json");
  if (from === "datetime") return to !== "nvarchar(max)";
  return to === "datetime" && from !== "nvarchar(max)";
}
