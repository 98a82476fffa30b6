import { EventHubsError } from "../errors";
import { type AmqpValue, Described } from "./decode";
import { described, type Encodable, list, symbol } from "./encode";
import { codes } from "./frames";

type Fields = readonly AmqpValue[];

function wrong(index: number, type: string): EventHubsError {
  return new EventHubsError("amqp:decode-error", `field ${index} is not of type ${type}`);
}

/** A number field; `otherwise` when it is null or absent. */
export function numberAt(fields: Fields, index: number, otherwise: number): number {
  const value = fields[index] ?? null;
  if (value === null) return otherwise;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "number") throw wrong(index, "number");
  return value;
}

/** A number field that the protocol demands. */
export function requiredNumberAt(fields: Fields, index: number): number {
  const value = numberAt(fields, index, Number.NaN);
  if (Number.isNaN(value)) throw wrong(index, "number");
  return value;
}

/** A string or symbol field; undefined when it is null or absent. */
export function textAt(fields: Fields, index: number): string | undefined {
  const value = fields[index] ?? null;
  if (value === null) return undefined;
  if (typeof value !== "string") throw wrong(index, "string");
  return value;
}

export function booleanAt(fields: Fields, index: number): boolean {
  return fields[index] === true;
}

/** Symbols of a field that holds one or an array of them. */
export function symbolsAt(fields: Fields, index: number): readonly string[] {
  const value = fields[index] ?? null;
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
}

/** A map field with its text keys; empty when null or absent. */
export function mapAt(fields: Fields, index: number): ReadonlyMap<string, AmqpValue> {
  const value = fields[index] ?? null;
  const entries = new Map<string, AmqpValue>();
  if (value instanceof Map) {
    for (const [key, entry] of value) if (typeof key === "string") entries.set(key, entry);
  }
  return entries;
}

/** The fields of a described list field, such as a source; undefined when null or of another kind. */
export function describedAt(fields: Fields, index: number, code: number): Fields | undefined {
  const value = fields[index] ?? null;
  if (!(value instanceof Described) || value.descriptor !== code || !Array.isArray(value.value))
    return undefined;
  return value.value;
}

/** An error as it goes into detach, end, close and rejected. */
export function errorField(error: EventHubsError): Encodable {
  const text = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
  return described(codes.error, list([symbol(error.code), text]));
}
