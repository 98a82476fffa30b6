import { finite, fitsBigint } from "../../values/types";
import type { Value } from "../../values/value";
import { BuiltinError, type Evaluate, gives, scalar, takes } from "./builtin";

type Numeric = bigint | number;

const numeric = (value: Value | undefined): Numeric => value as Numeric;

function inRange(value: bigint): bigint {
  if (!fitsBigint(value)) throw new BuiltinError("the integer result does not fit into 64 bits");
  return value;
}

function result(value: number, dialect: Parameters<Evaluate>[1]): Value {
  if (dialect.nonFinite === "error" && !Number.isFinite(value)) {
    throw new BuiltinError("the result is no finite number");
  }
  return finite(value);
}

const toFloat =
  (f: (value: number) => number): Evaluate =>
  ([value], dialect) =>
    result(f(Number(value)), dialect);

/** Rounds half away from zero at the given decimal, in doubles, as .NET does. */
export function roundAway(value: number, decimals: number): number {
  if (Math.abs(value) >= 1e16) return decimals < 0 ? roundLeft(value, decimals) : value;
  if (decimals > 15) return value;
  if (decimals < 0) return roundLeft(value, decimals);
  const power = 10 ** decimals;
  const scaled = value * power;
  if (!Number.isFinite(scaled)) return value;
  return (Math.sign(scaled) * halfUp(Math.abs(scaled))) / power;
}

/** Adding one half would carry the largest double below one half up to one. */
function halfUp(magnitude: number): number {
  const whole = Math.floor(magnitude);
  return magnitude - whole >= 0.5 ? whole + 1 : whole;
}

function roundLeft(value: number, decimals: number): number {
  const power = 10 ** -decimals;
  if (!Number.isFinite(power)) return 0;
  const scaled = value / power;
  return Math.sign(scaled) * halfUp(Math.abs(scaled)) * power + 0;
}

function roundInteger(value: bigint, decimals: bigint): bigint {
  if (decimals >= 0n) return value;
  if (decimals < -19n) return 0n;
  const power = 10n ** -decimals;
  const magnitude = value < 0n ? -value : value;
  const rounded = ((magnitude + power / 2n) / power) * power;
  return inRange(value < 0n ? -rounded : rounded);
}

const round: Evaluate = ([value, decimals]) => {
  const places = decimals as bigint;
  if (typeof value === "bigint") return roundInteger(value, places);
  const clamped = places > 400n ? 400 : places < -400n ? -400 : Number(places);
  return roundAway(value as number, clamped);
};

const power: Evaluate = ([base, exponent], dialect) => {
  if (typeof base !== "bigint") return result(Number(base) ** Number(exponent), dialect);
  if (typeof exponent === "bigint" && exponent >= 0n) {
    const magnitude = base < 0n ? -base : base;
    if (magnitude > 1n && exponent > 64n)
      throw new BuiltinError("the integer result does not fit into 64 bits");
    if (magnitude > 1n) return inRange(base ** exponent);
    return exponent === 0n ? 1n : base ** (2n - (exponent % 2n));
  }
  const value = Number(base) ** Number(exponent);
  if (!Number.isFinite(value)) return result(value, dialect);
  return inRange(BigInt(Math.trunc(value)));
};

const whole =
  (f: (value: number) => number): Evaluate =>
  ([value]) =>
    typeof value === "bigint" ? value : f(value as number);

const abs: Evaluate = ([value]) => {
  const number = numeric(value);
  if (typeof number === "bigint") return inRange(number < 0n ? -number : number);
  return Math.abs(number);
};

const sign: Evaluate = ([value]) => {
  const number = numeric(value);
  if (typeof number === "bigint") return number > 0n ? 1n : number < 0n ? -1n : 0n;
  return Math.sign(number);
};

const same = gives.number;
const float = (name: string, f: (value: number) => number) =>
  scalar(name, [takes.number], "float", toFloat(f));

/** Mathematical functions; NULL in gives NULL out, results that are no finite number are NULL (OPEN-24). */
export const mathBuiltins = [
  scalar("ABS", [takes.number], same, abs),
  scalar("CEILING", [takes.number], same, whole(Math.ceil)),
  scalar("FLOOR", [takes.number], same, whole(Math.floor)),
  scalar("SIGN", [takes.number], same, sign),
  scalar("POWER", [takes.number, takes.number], same, power),
  scalar("ROUND", [takes.number, takes.bigint], same, round),
  float("EXP", Math.exp),
  float("SQRT", Math.sqrt),
  float("SQUARE", (value) => value * value),
  scalar(
    "LOG",
    [takes.number, takes.number],
    "float",
    ([value, base], dialect) =>
      result(
        base === undefined ? Math.log(Number(value)) : Math.log(Number(value)) / Math.log(Number(base)),
        dialect,
      ),
    { minArguments: 1 },
  ),
  float("LOG10", Math.log10),
  float("SIN", Math.sin),
  float("COS", Math.cos),
  float("TAN", Math.tan),
  float("COT", (value) => 1 / Math.tan(value)),
  float("ASIN", Math.asin),
  float("ACOS", Math.acos),
  float("ATAN", Math.atan),
  scalar("ATN2", [takes.number, takes.number], "float", ([y, x]) => Math.atan2(Number(y), Number(x))),
  float("DEGREES", (value) => (value * 180) / Math.PI),
  float("RADIANS", (value) => (value * Math.PI) / 180),
  scalar("PI", [], "float", () => Math.PI),
] as const;
