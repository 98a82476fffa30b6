import { errors } from "../cosmos-error";
import type { ObjectValue, Value } from "../sql";
import { type PartitionKeyDefinition, readPartitionKeyDefinition } from "./partition-key";

/** What a container is created with; `definition` is the resource as a client reads it, without system properties. */
export interface ContainerSettings {
  readonly id: string;
  readonly definition: ObjectValue;
  readonly partitionKey: PartitionKeyDefinition;
  /** -1: on without a default; undefined: off. */
  readonly defaultTtlSeconds: number | undefined;
  readonly uniqueKeys: readonly (readonly string[])[];
  /** How long the all-versions-and-deletes feed reaches back; undefined when the container has none. */
  readonly historySeconds: number | undefined;
}

const defaultIndexingPolicy: ObjectValue = {
  indexingMode: "consistent",
  automatic: true,
  includedPaths: [{ path: "/*" }],
  excludedPaths: [{ path: '/"_etag"/?' }],
};

const defaultConflictResolution: ObjectValue = {
  mode: "LastWriterWins",
  conflictResolutionPath: "/_ts",
  conflictResolutionProcedure: "",
};

/** Checks an id of a database or container. @throws CosmosError 400 */
export function checkResourceId(id: unknown): string {
  if (typeof id !== "string" || id === "") throw errors.invalidInput("id");
  if (id.length > 255 || /[/\\?#]/.test(id) || id.endsWith(" ")) {
    throw errors.badRequest(
      `The resource name "${id.slice(0, 300)}" contains characters that are not allowed or is too long.`,
    );
  }
  return id;
}

/** Reads the body of a container's creation or replacement. @throws CosmosError 400 */
export function readContainerSettings(body: ObjectValue): ContainerSettings {
  const id = checkResourceId(body["id"]);
  const partitionKey = readPartitionKeyDefinition(body["partitionKey"]);
  const defaultTtl = body["defaultTtl"];
  if (defaultTtl !== undefined && !validTtl(defaultTtl)) {
    throw errors.badRequest("The value of 'defaultTtl' must be either -1 or a positive integer.");
  }
  const system = new Set([
    "_rid",
    "_self",
    "_etag",
    "_ts",
    "_docs",
    "_sprocs",
    "_triggers",
    "_udfs",
    "_conflicts",
  ]);
  const given = Object.fromEntries(Object.entries(body).filter(([name]) => !system.has(name)));
  const definition: ObjectValue = {
    ...given,
    id,
    indexingPolicy: (given["indexingPolicy"] as Value) ?? defaultIndexingPolicy,
    partitionKey: partitionKey as unknown as ObjectValue,
    conflictResolutionPolicy: (given["conflictResolutionPolicy"] as Value) ?? defaultConflictResolution,
    geospatialConfig: (given["geospatialConfig"] as Value) ?? { type: "Geography" },
  };
  return {
    id,
    definition,
    partitionKey,
    defaultTtlSeconds: defaultTtl as number | undefined,
    uniqueKeys: readUniqueKeys(body["uniqueKeyPolicy"]),
    historySeconds: readHistorySeconds(body["changeFeedPolicy"]),
  };
}

/** Whether a time to live is one: -1 for never, or whole seconds. */
export function validTtl(value: Value): value is number {
  return (
    value === -1 || (Number.isInteger(value) && (value as number) > 0 && (value as number) <= 2 ** 31 - 1)
  );
}

function readUniqueKeys(policy: Value): (readonly string[])[] {
  const keys =
    (policy as { uniqueKeys?: readonly { paths?: readonly string[] }[] } | undefined)?.uniqueKeys ?? [];
  return keys.map(({ paths }) => {
    if (!Array.isArray(paths) || paths.length === 0)
      throw errors.badRequest("A unique key needs at least one path.");
    return paths as string[];
  });
}

function readHistorySeconds(policy: Value): number | undefined {
  const minutes = (policy as { retentionDuration?: unknown } | undefined)?.retentionDuration;
  if (minutes === undefined || minutes === 0) return undefined;
  if (!Number.isInteger(minutes) || (minutes as number) < 0) {
    throw errors.badRequest("The retention duration of the change feed policy must be whole minutes.");
  }
  return (minutes as number) * 60;
}
