import type { EventMetadata, InputEvent, OutputRow, RuntimeDiagnostic } from "../../api";
import { AsaRecord, DateTime, type Value } from "../../values";

/** A value as a thread hands it to another: classes do not survive the way, so records and times are named. */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PlainValue[]
  | { readonly ticks: bigint }
  | { readonly names: readonly string[]; readonly values: readonly PlainValue[] };

export function plainValue(value: Value): PlainValue {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof DateTime) return { ticks: value.ticks };
  if (value instanceof AsaRecord) return plainRecord(value);
  return value.map(plainValue);
}

function plainRecord({ names, values }: AsaRecord) {
  return { names, values: values.map(plainValue) };
}

export function liveValue(plain: PlainValue): Value {
  if (plain === null || typeof plain !== "object") return plain;
  if ("ticks" in plain) return new DateTime(plain.ticks);
  if ("names" in plain) return new AsaRecord(plain.names, plain.values.map(liveValue));
  return plain.map(liveValue);
}

const recordOf = (plain: PlainValue | undefined): AsaRecord | undefined =>
  plain === undefined ? undefined : (liveValue(plain) as AsaRecord);

/** An event's metadata with its records made plain. */
type PlainMetadata = Omit<EventMetadata, "properties" | "system"> & {
  readonly properties?: PlainValue;
  readonly system?: PlainValue;
};

function plainMetadata({ properties, system, ...rest }: EventMetadata): PlainMetadata {
  return {
    ...rest,
    ...(properties === undefined ? {} : { properties: plainValue(properties) }),
    ...(system === undefined ? {} : { system: plainValue(system) }),
  };
}

function metadataOf({ properties, system, ...rest }: PlainMetadata): EventMetadata {
  return {
    ...rest,
    ...(properties === undefined ? {} : { properties: recordOf(properties)! }),
    ...(system === undefined ? {} : { system: recordOf(system)! }),
  };
}

/** Events with all bodies in one piece of memory: a view's own memory may be far larger than the view. */
export interface PlainEvents {
  readonly bytes: Uint8Array;
  /** Where each body ends in `bytes`; a record instead of bytes takes none of them. */
  readonly ends: Uint32Array;
  readonly arrivals: BigInt64Array;
  readonly records: readonly (PlainValue | undefined)[] | null;
  readonly metadata: readonly (PlainMetadata | undefined)[] | null;
}

export function plainEvents(events: readonly InputEvent[]): PlainEvents {
  const lengthOf = ({ body }: InputEvent) => (body instanceof AsaRecord ? 0 : body.length);
  const bytes = new Uint8Array(events.reduce((sum, event) => sum + lengthOf(event), 0));
  const ends = new Uint32Array(events.length);
  let at = 0;
  for (const [index, { body }] of events.entries()) {
    if (!(body instanceof AsaRecord)) {
      bytes.set(body, at);
      at += body.length;
    }
    ends[index] = at;
  }
  const anyRecord = events.some(({ body }) => body instanceof AsaRecord);
  const anyMetadata = events.some(({ metadata }) => metadata !== undefined);
  return {
    bytes,
    ends,
    arrivals: BigInt64Array.from(events, ({ arrival }) => arrival),
    records: anyRecord
      ? events.map(({ body }) => (body instanceof AsaRecord ? plainRecord(body) : undefined))
      : null,
    metadata: anyMetadata
      ? events.map(({ metadata }) => (metadata === undefined ? undefined : plainMetadata(metadata)))
      : null,
  };
}

export function eventsOf({ bytes, ends, arrivals, records, metadata }: PlainEvents): InputEvent[] {
  return Array.from(ends, (end, index) => {
    const own = metadata?.[index];
    const body = recordOf(records?.[index]) ?? bytes.subarray(index === 0 ? 0 : ends[index - 1]!, end);
    return {
      body,
      arrival: arrivals[index]!,
      ...(own === undefined ? {} : { metadata: metadataOf(own) }),
    };
  });
}

/** A diagnostic with its records made plain. */
export type PlainDiagnostic = Omit<RuntimeDiagnostic, "metadata" | "event"> & {
  readonly metadata?: PlainMetadata;
  readonly event?: PlainValue;
};

export function plainDiagnostic({ metadata, event, ...rest }: RuntimeDiagnostic): PlainDiagnostic {
  return {
    ...rest,
    ...(metadata === undefined ? {} : { metadata: plainMetadata(metadata) }),
    ...(event === undefined ? {} : { event: plainValue(event) }),
  };
}

export function diagnosticOf({ metadata, event, ...rest }: PlainDiagnostic): RuntimeDiagnostic {
  return {
    ...rest,
    ...(metadata === undefined ? {} : { metadata: metadataOf(metadata) }),
    ...(event === undefined ? {} : { event: recordOf(event)! }),
  };
}

/** Rows of one output and one time, next to each other in what a lane gave. */
export interface Run {
  readonly output: string;
  readonly time: bigint;
  readonly rows: readonly { readonly columns: readonly string[]; readonly values: readonly PlainValue[] }[];
}

export function rowsOf({ output, time, rows }: Run): OutputRow[] {
  return rows.map(({ columns, values }) => ({ output, time, columns, values: values.map(liveValue) }));
}
