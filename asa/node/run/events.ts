import type { InputEvent } from "../../api";
import { AsaRecord, DateTime, JsonReadError, parseDateTime, readJson, type Value } from "../../values";
import { AsaToolError } from "../errors";
import type { FileEvent } from "../formats";
import { decodeText } from "../settings";
import type { LoadedInput } from "./source";

/** Rows of a reference input. @throws {AsaToolError} ASA_FORMAT_INVALID for a row that is no JSON object */
export function referenceRows({ events, file }: LoadedInput): AsaRecord[] {
  return events.map((event) => {
    const record = recordOf(event);
    if (record === undefined)
      throw new AsaToolError("ASA_FORMAT_INVALID", "reference data holds something that is no JSON object", {
        place: { file, ...(event.line === undefined ? {} : { line: event.line }) },
        hint: "Reference data is an array of objects or one object per line.",
      });
    return record;
  });
}

/** Events of a file run: all in partition 0, in file order. */
export function fileEvents({ events }: Pick<LoadedInput, "events">): InputEvent[] {
  return events.map(({ body }) => ({ body, arrival: 0n }));
}

/** An event of a replay with its place in the broker's log. */
export interface ReplayEvent {
  readonly input: string;
  readonly partition: number;
  readonly event: InputEvent;
}

/**
 * Gives events the arrival time and the partition that their own fields name, and takes these fields out of the body,
 * as a live event does not hold them. An event whose body cannot be read arrives with the event before it.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID when an arrival time or a partition is missing or unusable
 */
export function replayEvents(
  input: LoadedInput,
  fields: {
    readonly arrivalField: string;
    readonly partitionField: string | undefined;
    readonly partitions: number;
  },
): ReplayEvent[] {
  const sequences = new Array<bigint>(fields.partitions).fill(0n);
  let arrival = 0n;
  let partition = 0;
  return input.events.map((event) => {
    const record = recordOf(event);
    let body = event.body;
    if (record !== undefined) {
      arrival = arrivalOf(record, fields.arrivalField, input.file, event.line);
      if (fields.partitionField !== undefined)
        partition = partitionOf(record, fields.partitionField, fields.partitions, input.file, event.line);
      body = withoutFields(record, [fields.arrivalField, fields.partitionField]);
    }
    const sequence = sequences[partition] as bigint;
    sequences[partition] = sequence + 1n;
    return {
      input: input.definition.alias,
      partition,
      event: { body, arrival, metadata: { partition, sequence, offset: String(sequence) } },
    };
  });
}

function recordOf({ body }: FileEvent): AsaRecord | undefined {
  if (body instanceof AsaRecord) return body;
  try {
    const value = readJson(decodeText(body, "event"));
    return value instanceof AsaRecord ? value : undefined;
  } catch (error) {
    if (error instanceof JsonReadError) return undefined;
    throw error;
  }
}

function arrivalOf(record: AsaRecord, field: string, file: string, line: number | undefined): bigint {
  const ticks = ticksOf(record.get(field));
  if (ticks !== undefined) return ticks;
  throw new AsaToolError("ASA_FORMAT_INVALID", `event has no arrival time in field "${field}"`, {
    place: { file, ...(line === undefined ? {} : { line }) },
    hint: "Arrival times are ISO 8601 texts.",
  });
}

function ticksOf(value: Value | undefined): bigint | undefined {
  if (value instanceof DateTime) return value.ticks;
  return typeof value === "string" ? (parseDateTime(value) ?? undefined) : undefined;
}

function partitionOf(
  record: AsaRecord,
  field: string,
  partitions: number,
  file: string,
  line: number | undefined,
): number {
  const partition = Number(record.get(field) ?? Number.NaN);
  if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return partition;
  throw new AsaToolError(
    "ASA_FORMAT_INVALID",
    `event has no partition from 0 to ${partitions - 1} in field "${field}"`,
    {
      place: { file, ...(line === undefined ? {} : { line }) },
      hint: 'Set "Partitions" of the case to the number of partitions.',
    },
  );
}

function withoutFields(record: AsaRecord, names: readonly (string | undefined)[]): AsaRecord {
  const dropped = new Set(names.map((name) => name?.toLowerCase()));
  const kept = record.names.flatMap((name, index) => (dropped.has(name.toLowerCase()) ? [] : [index]));
  return new AsaRecord(
    kept.map((index) => record.names[index] as string),
    kept.map((index) => record.values[index] ?? null),
  );
}
