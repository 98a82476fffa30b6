import type { InputEvent } from "../../api";
import { AsaRecord, readJson, type Value, writeJson } from "../../values";
import { splitJsonEvents } from "../formats";
import { decodeText } from "../settings";

/** Parts that the events of a file run are dealt out to; a fixed number, so that the order of rows does not hang on the threads. */
export const shardCount = 8;

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16_777_619);
  return (value ^ (value >>> 15)) >>> 0;
}

/** Equal values, whatever their number type, have one shard. */
function shardOf(value: Value): number {
  const text =
    typeof value === "number" || typeof value === "bigint" ? String(Number(value)) : writeJson(value);
  return hash(text) % shardCount;
}

function columnOf(event: InputEvent, column: string): Value {
  if (event.body instanceof AsaRecord) return event.body.get(column) ?? null;
  try {
    const value = readJson(decodeText(event.body, "event"));
    return value instanceof AsaRecord ? (value.get(column) ?? null) : null;
  } catch {
    // The job names what it cannot read.
    return null;
  }
}

/** Deals events out so that equal values of a column come into one shard; order is kept. */
export function shardsOf(events: readonly InputEvent[], column: string): InputEvent[][] {
  const shards: InputEvent[][] = Array.from({ length: shardCount }, () => []);
  for (const event of events) shards[shardOf(columnOf(event, column))]!.push(event);
  return shards;
}

const encoder = new TextEncoder();

/** Deals JSON lines out as `shardsOf` deals events out. */
export function shardsOfLines(lines: Uint8Array, column: string): InputEvent[][] {
  const events = splitJsonEvents(decodeText(lines, "event")).map(
    ({ text }): InputEvent => ({ body: encoder.encode(text), arrival: 0n }),
  );
  return shardsOf(events, column);
}
