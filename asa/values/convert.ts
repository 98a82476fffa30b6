import { formatDateTime, parseDateTime } from "./datetime";
import { formatFloat } from "./float-text";
import { fitsBigint, typeOf } from "./types";
import { DateTime, type Value, type ValueType } from "./value";

const integerText = /^\s*[+-]?\d+\s*$/;
const numberText = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

function toBigint(value: Value): Value | undefined {
  switch (typeof value) {
    case "bigint":
      return value;
    case "number": {
      if (!Number.isFinite(value)) return undefined;
      const whole = BigInt(Math.trunc(value));
      return fitsBigint(whole) ? whole : undefined;
    }
    case "boolean":
      return value ? 1n : 0n;
    case "string": {
      if (!integerText.test(value)) return undefined;
      const whole = BigInt(value.trim().replace(/^\+/, ""));
      return fitsBigint(whole) ? whole : undefined;
    }
    default:
      return undefined;
  }
}

function toFloat(value: Value): Value | undefined {
  switch (typeof value) {
    case "number":
      return value;
    case "bigint":
      return Number(value);
    case "boolean":
      return value ? 1 : 0;
    case "string": {
      if (!numberText.test(value)) return undefined;
      const number = Number(value);
      return Number.isFinite(number) ? number : undefined;
    }
    default:
      return undefined;
  }
}

function toText(value: Value): Value | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "bigint":
      return String(value);
    case "number":
      return formatFloat(value);
    case "boolean":
      return value ? "true" : "false";
    default:
      return value instanceof DateTime ? formatDateTime(value.ticks) : undefined;
  }
}

function toDateTime(value: Value): Value | undefined {
  if (value instanceof DateTime) return value;
  if (typeof value !== "string") return undefined;
  const ticks = parseDateTime(value);
  return ticks === null ? undefined : new DateTime(ticks);
}

function toBit(value: Value): Value | undefined {
  switch (typeof value) {
    case "boolean":
      return value;
    case "bigint":
      return value !== 0n;
    case "number":
      return value !== 0;
    case "string": {
      const text = value.trim().toLowerCase();
      if (text === "true" || text === "1") return true;
      return text === "false" || text === "0" ? false : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Converts a value to a type by the language's conversion table; undefined when the table has an error there or the value
 * does not fit. NULL converts to NULL of every type.
 */
export function convertValue(value: Value, type: ValueType): Value | undefined {
  if (value === null) return null;
  switch (type) {
    case "bigint":
      return toBigint(value);
    case "float":
      return toFloat(value);
    case "nvarchar(max)":
      return toText(value);
    case "datetime":
      return toDateTime(value);
    case "bit":
      return toBit(value);
    default:
      return typeOf(value) === type ? value : undefined;
  }
}
