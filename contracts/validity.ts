import factoryTelemetryV1 from "./events/factory-telemetry/v1.schema.json";

/** Why a message is refused: the first broken rule, in the order of this list. */
export type InvalidReason = "MALFORMED" | "MISSING" | "TYPE" | "VERSION" | "RANGE" | "PATTERN" | "TIME";

/** One rule of a field, read from the event's JSON Schema; the schema file is the single source for every language. */
interface FieldRule {
  readonly type: string;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
}

/** Factory telemetry v1; units stand in the schema file. */
export interface FactoryTelemetry {
  readonly eventId: string;
  readonly schemaVersion: 1;
  /** ISO 8601 UTC, whole seconds or milliseconds. */
  readonly eventTime: string;
  readonly deviceId: string;
  readonly factoryId: string;
  readonly lineId: string;
  /** degC */
  readonly temperature: number;
  /** mm/s */
  readonly vibration: number;
  /** kPa */
  readonly pressure: number;
  readonly powerKw: number;
  readonly units: number;
  readonly defects: number;
}

/** An event, or why the body is none: the first broken rule, its field and a sentence. */
export type Validity =
  | { readonly valid: true; readonly event: FactoryTelemetry }
  | {
      readonly valid: false;
      readonly reason: InvalidReason;
      readonly field?: string;
      readonly detail: string;
    };

const fieldRules = Object.entries(factoryTelemetryV1.properties as Readonly<Record<string, FieldRule>>).map(
  ([name, rule]) => ({
    name,
    rule,
    pattern: rule.pattern === undefined ? undefined : new RegExp(rule.pattern),
  }),
);

/**
 * Decides whether a message body counts as factory telemetry v1, from the body alone.
 *
 * The rules run in a fixed order over all fields (presence, type, version, range, pattern, time), so that every layer
 * names the same reason. An integer is a number with an integral value, however it is written (3, 3.0, 3e0).
 * Of duplicate keys the last one counts.
 */
export function checkFactoryTelemetry(body: string): Validity {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    return { valid: false, reason: "MALFORMED", detail: (error as Error).message };
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return { valid: false, reason: "MALFORMED", detail: "the message is not a JSON object" };
  }
  const fields = parsed as Record<string, unknown>;
  if (breaksNoRule(fields)) return { valid: true, event: parsed as FactoryTelemetry };
  for (const check of [checkPresence, checkType, checkVersion, checkRange, checkPattern, checkTime]) {
    for (const field of fieldRules) {
      const broken = check(field, fields[field.name], Object.hasOwn(fields, field.name));
      if (broken !== undefined) {
        return {
          valid: false,
          reason: broken.reason,
          field: field.name,
          detail: `${field.name} ${broken.detail}`,
        };
      }
    }
  }
  return { valid: true, event: parsed as FactoryTelemetry };
}

type Field = (typeof fieldRules)[number];

/** One pass over the fields, since nearly every event is valid; which rule is broken first is found out only then. */
function breaksNoRule(fields: Readonly<Record<string, unknown>>): boolean {
  for (const field of fieldRules) {
    const value = fields[field.name];
    if (value === undefined || checkType(field, value) !== undefined) return false;
    if (checkVersion(field, value) !== undefined || checkRange(field, value) !== undefined) return false;
    if (checkPattern(field, value) !== undefined || checkTime(field, value) !== undefined) return false;
  }
  return true;
}

type Broken = { readonly reason: InvalidReason; readonly detail: string } | undefined;

function checkPresence(_field: Field, _value: unknown, present: boolean): Broken {
  return present ? undefined : { reason: "MISSING", detail: "is missing" };
}

function checkType({ rule }: Field, value: unknown): Broken {
  const matches =
    rule.type === "string"
      ? typeof value === "string"
      : typeof value === "number" &&
        (rule.type === "number" || Number.isInteger(value) || !Number.isFinite(value));
  return matches ? undefined : { reason: "TYPE", detail: `is not of type ${rule.type}` };
}

function checkVersion({ rule }: Field, value: unknown): Broken {
  return rule.enum === undefined || rule.enum.includes(value)
    ? undefined
    : { reason: "VERSION", detail: `is not one of ${rule.enum.join(", ")}` };
}

function checkRange({ rule }: Field, value: unknown): Broken {
  if (typeof value !== "number") return undefined;
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = rule;
  return value >= minimum && value <= maximum
    ? undefined
    : { reason: "RANGE", detail: `is outside ${minimum} to ${maximum}` };
}

function checkPattern({ pattern, rule }: Field, value: unknown): Broken {
  return pattern === undefined || pattern.test(value as string)
    ? undefined
    : { reason: "PATTERN", detail: `does not match ${rule.pattern}` };
}

function checkTime({ rule }: Field, value: unknown): Broken {
  if (rule.format !== "utc-time" || namesRealMoment(value as string)) return undefined;
  return { reason: "TIME", detail: "does not name a real moment" };
}

const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Takes a text of the schema's pattern; year 0000 and leap seconds do not exist. */
function namesRealMoment(text: string): boolean {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lastDay = month === 2 && isLeapYear ? 29 : (daysOfMonth[month - 1] ?? 0);
  return (
    year > 0 &&
    day >= 1 &&
    day <= lastDay &&
    digits(text, 11, 13) <= 23 &&
    digits(text, 14, 16) <= 59 &&
    digits(text, 17, 19) <= 59
  );
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) value = value * 10 + text.charCodeAt(index) - 48;
  return value;
}
