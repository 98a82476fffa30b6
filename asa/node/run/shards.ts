import type { InputEvent } from "../../api";
import { AsaRecord, readJson, type Value, writeJson } from "../../values";
import { decodeText } from "../settings";

/** Parts that the events of a file run are dealt out to; a fixed number, so that the order of rows does not hang on the threads. */
export const shardCount = 8;

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16_777_619);
  return (value ^ (value >>> 15)) >>> 0;
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

/** Deals events out so that equal values of a column come into one shard, whatever its number type; order is kept. */
export function shardsOf(events: readonly InputEvent[], column: string): InputEvent[][] {
  const shards: InputEvent[][] = Array.from({ length: shardCount }, () => []);
  for (const event of events) {
    const value = columnOf(event, column);
    const text =
      typeof value === "number" || typeof value === "bigint" ? String(Number(value)) : writeJson(value);
    shards[hash(text) % shardCount]!.push(event);
  }
  return shards;
}
