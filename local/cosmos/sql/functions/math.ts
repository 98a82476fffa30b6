import { define, type FunctionTable, numeric } from "./definition";

/** Rounds half away from zero, as the service does. */
function roundHalfAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

function integer(evaluate: (left: bigint, right: bigint) => bigint | undefined) {
  return define(2, 2, (left, right) => {
    if (typeof left !== "number" || typeof right !== "number") return undefined;
    if (!Number.isInteger(left) || !Number.isInteger(right)) return undefined;
    const result = evaluate(BigInt(left), BigInt(right));
    return result === undefined ? undefined : Number(BigInt.asIntN(64, result));
  });
}

export const mathFunctions: FunctionTable = {
  ABS: numeric(1, Math.abs),
  ACOS: numeric(1, Math.acos),
  ASIN: numeric(1, Math.asin),
  ATAN: numeric(1, Math.atan),
  ATN2: numeric(2, Math.atan2),
  CEILING: numeric(1, Math.ceil),
  COS: numeric(1, Math.cos),
  COT: numeric(1, (x) => 1 / Math.tan(x)),
  DEGREES: numeric(1, (x) => (x * 180) / Math.PI),
  EXP: numeric(1, Math.exp),
  FLOOR: numeric(1, Math.floor),
  INTADD: integer((a, b) => a + b),
  INTSUB: integer((a, b) => a - b),
  INTMUL: integer((a, b) => a * b),
  INTDIV: integer((a, b) => (b === 0n ? undefined : a / b)),
  INTMOD: integer((a, b) => (b === 0n ? undefined : a % b)),
  INTBITAND: integer((a, b) => a & b),
  INTBITOR: integer((a, b) => a | b),
  INTBITXOR: integer((a, b) => a ^ b),
  INTBITNOT: define(1, 1, (x) =>
    typeof x === "number" && Number.isInteger(x) ? Number(BigInt.asIntN(64, ~BigInt(x))) : undefined,
  ),
  INTBITLEFTSHIFT: integer((a, b) => (b < 0n || b > 63n ? undefined : a << b)),
  INTBITRIGHTSHIFT: integer((a, b) => (b < 0n || b > 63n ? undefined : a >> b)),
  LOG: define(1, 2, (value, base) => {
    if (typeof value !== "number" || (base !== undefined && typeof base !== "number")) return undefined;
    const result = base === undefined ? Math.log(value) : Math.log(value) / Math.log(base);
    return Number.isFinite(result) ? result : undefined;
  }),
  LOG10: numeric(1, Math.log10),
  NUMBERBIN: define(1, 2, (value, size = 1) => {
    if (typeof value !== "number" || typeof size !== "number" || size <= 0) return undefined;
    return Math.floor(value / size) * size;
  }),
  PI: numeric(0, () => Math.PI),
  POWER: numeric(2, (base, exponent) => base ** exponent),
  RADIANS: numeric(1, (x) => (x * Math.PI) / 180),
  RAND: numeric(0, Math.random),
  ROUND: define(1, 2, (value, digits = 0) => {
    if (typeof value !== "number" || typeof digits !== "number") return undefined;
    const factor = 10 ** Math.trunc(digits);
    const result = roundHalfAway(value * factor) / factor;
    return Number.isFinite(result) ? result : undefined;
  }),
  SIGN: numeric(1, Math.sign),
  SIN: numeric(1, Math.sin),
  SQRT: numeric(1, Math.sqrt),
  SQUARE: numeric(1, (x) => x * x),
  TAN: numeric(1, Math.tan),
  TRUNC: numeric(1, Math.trunc),
};
