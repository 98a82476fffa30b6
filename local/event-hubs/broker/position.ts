import { type AmqpValue, Described } from "../amqp";
import { EventHubsError } from "../errors";
import type { PartitionLog } from "../store";

/** Where a reader wants to begin. */
export type StartPosition =
  | { readonly kind: "earliest" }
  | { readonly kind: "latest" }
  | { readonly kind: "offset"; readonly offset: number; readonly inclusive: boolean }
  | { readonly kind: "sequence"; readonly sequence: number; readonly inclusive: boolean }
  | { readonly kind: "enqueuedTime"; readonly enqueuedMs: number; readonly inclusive: boolean };

const filterKey = "apache.org:selector-filter:string";
const form = /^\s*amqp\.annotation\.(x-opt-[a-z-]+)\s*(>=?)\s*'?(@latest|-?\d+)'?\s*$/;

function wrongFilter(text: string): EventHubsError {
  return new EventHubsError("amqp:invalid-field", `The filter expression "${text}" is not supported.`);
}

/**
 * Reads the selector of an attach; without one a reader begins at the start.
 * @throws {EventHubsError} amqp:invalid-field for a selector that is no position.
 */
export function readPosition(filters: ReadonlyMap<string, AmqpValue>): StartPosition {
  const filter = filters.get(filterKey) ?? null;
  if (filter === null) return { kind: "earliest" };
  const text = filter instanceof Described ? filter.value : filter;
  if (typeof text !== "string") throw wrongFilter(String(text));
  const match = form.exec(text);
  if (match === null) throw wrongFilter(text);
  const [, annotation, operator, value = ""] = match;
  const inclusive = operator === ">=";
  if (value === "@latest") return { kind: "latest" };
  const number = Number(value);
  switch (annotation) {
    case "x-opt-offset":
      return number < 0 ? { kind: "earliest" } : { kind: "offset", offset: number, inclusive };
    case "x-opt-sequence-number":
      return number < 0 ? { kind: "earliest" } : { kind: "sequence", sequence: number, inclusive };
    case "x-opt-enqueued-time":
      return { kind: "enqueuedTime", enqueuedMs: number, inclusive };
    default:
      throw wrongFilter(text);
  }
}

/**
 * First sequence that a reader at the position gets.
 * @throws {EventHubsError} com.microsoft:argument-error for an offset or sequence number beyond the end of the log: a reader
 * that were put at the end instead would silently miss events after its log was lost.
 */
export async function resolvePosition(log: PartitionLog, position: StartPosition): Promise<number> {
  switch (position.kind) {
    case "earliest":
      return log.beginSequence;
    case "latest":
      return log.endSequence;
    case "sequence": {
      const last = log.endSequence - 1;
      if (position.sequence > last + (position.inclusive ? 1 : 0)) {
        throw new EventHubsError(
          "com.microsoft:argument-error",
          `The supplied sequence number '${position.sequence}' is invalid. The last sequence number in the system is '${last}'`,
        );
      }
      return Math.max(log.beginSequence, position.sequence + (position.inclusive ? 0 : 1));
    }
    case "offset":
      if (position.offset > log.endOffset) {
        throw new EventHubsError(
          "com.microsoft:argument-error",
          `The supplied offset '${position.offset}' is invalid. The last offset in the system is '${log.state.last?.offset ?? "-1"}'`,
        );
      }
      return log.find(position);
    case "enqueuedTime":
      return log.find(position);
  }
}
