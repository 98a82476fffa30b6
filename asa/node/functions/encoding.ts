import { AsaRecord, DateTime, unixEpochTicks, type Value } from "../../values";

const smallest = -(2 ** 63);
const beyond = 2 ** 63;

/** Writes arguments as the sandbox's bridge reads them: bigint and float as numbers, datetime in milliseconds. */
export function encodeArguments(args: readonly Value[]): string {
  return JSON.stringify(["a", ...args.map(encode)]);
}

function encode(value: Value): unknown {
  switch (typeof value) {
    case "bigint":
      return Number(value);
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : ["n", Object.is(value, -0) ? "-0" : String(value)];
    case "object":
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (value instanceof DateTime) return ["d", Number((value.ticks - unixEpochTicks) / 10_000n)];
  if (value instanceof AsaRecord) {
    const coded: unknown[] = ["o"];
    value.names.forEach((name, index) => {
      coded.push(name, encode(value.values[index] ?? null));
    });
    return coded;
  }
  return ["a", ...value.map(encode)];
}

/**
 * Reads a result of the sandbox: an integral number inside 64 bits is a bigint, any other a float, NaN and infinities
 * are NULL, as everywhere in the engine.
 */
export function decodeResult(text: string): Value {
  return decode(JSON.parse(text));
}

function decode(coded: unknown): Value {
  if (typeof coded === "number")
    return Number.isInteger(coded) && coded >= smallest && coded < beyond ? BigInt(coded) : coded;
  if (!Array.isArray(coded)) return coded as Value;
  const [tag, ...rest] = coded as [string, ...unknown[]];
  if (tag === "n") return null;
  if (tag === "d") {
    const ms = rest[0] as number | null;
    return ms === null ? null : new DateTime(unixEpochTicks + BigInt(Math.trunc(ms)) * 10_000n);
  }
  if (tag === "a") return rest.map(decode);
  const names: string[] = [];
  const values: Value[] = [];
  for (let index = 0; index < rest.length; index += 2) {
    names.push(rest[index] as string);
    values.push(decode(rest[index + 1]));
  }
  return new AsaRecord(names, values);
}
