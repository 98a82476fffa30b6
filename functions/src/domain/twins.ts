/** A twin with the values that are known of it. */
export interface Twin {
  readonly id: string;
  /** DTDL id of its model. */
  readonly model: string;
  readonly properties: Readonly<Record<string, string | number>>;
}

/** A stored twin with the version that a change has to name. */
export interface StoredTwin {
  readonly etag: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** An edge between two twins; there is one of a name from a source to a target. */
export interface TwinRelationship {
  readonly source: string;
  readonly name: string;
  readonly target: string;
}

/** Where twins are kept. */
export interface TwinStore {
  /** The twin, or undefined when there is none of that id. */
  find(id: string): Promise<StoredTwin | undefined>;
  /** False when there is a twin of that id already. */
  create(twin: Twin): Promise<boolean>;
  /** Sets the properties; false when the twin has changed since that version, or is gone. */
  update(twin: Twin, etag: string): Promise<boolean>;
  /** Makes the relationship unless it is there. */
  relate(relationship: TwinRelationship): Promise<void>;
  /** Removes the relationship if it is there. */
  unrelate(relationship: TwinRelationship): Promise<void>;
  /** Sources of the relationships of a name that lead to a twin. */
  sourcesOf(target: string, name: string): Promise<readonly string[]>;
}

const maxIdLength = 128;
const maxRounds = 20;

/** Id of a twin: its kind and the ids that name it; what is longer than the service takes ends with a hash instead. */
export function twinId(kind: "device" | "line" | "factory", ...ids: readonly string[]): string {
  const id = [kind, ...ids].join(".");
  const hash = `.${fnv1a64(id)}`;
  return id.length <= maxIdLength ? id : id.slice(0, maxIdLength - hash.length) + hash;
}

/** FNV-1a of a text's code units, 16 hexadecimal digits. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at++)
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}

/**
 * Writes a twin unless the stored one is newer by the property `moment`, an ISO 8601 time. A lost race is decided again,
 * so the twin never goes back, whatever the order and number of deliveries.
 * @returns true when the twin was written
 */
export async function writeTwin(store: TwinStore, twin: Twin, moment: string): Promise<boolean> {
  for (let round = 0; round < maxRounds; round++) {
    const stored = await store.find(twin.id);
    if (stored === undefined) {
      if (await store.create(twin)) return true;
      continue;
    }
    const known = Date.parse(String(stored.properties[moment] ?? ""));
    if (known > Date.parse(String(twin.properties[moment]))) return false;
    if (await store.update(twin, stored.etag)) return true;
  }
  throw new Error(`twin "${twin.id}" lost ${maxRounds} races in a row`);
}

/** Runs `work` for every item, some at a time. */
export async function forEachLimited<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
