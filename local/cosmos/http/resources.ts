import { errors } from "../cosmos-error";
import type { ObjectValue } from "../sql";
import { prepareQuery } from "../sql";
import type { ContainerEntry, DatabaseEntry } from "../store/catalog";
import {
  type CosmosReply,
  type CosmosRequest,
  flagOf,
  headerOf,
  jsonBody,
  type ServerState,
} from "./exchange";

/** The account as clients read it first; the addresses are the ones the client has used. */
export function readAccount(request: CosmosRequest): CosmosReply {
  const address = `http://${headerOf(request, "host") ?? "127.0.0.1"}/`;
  // Clients ignore the locations when the id is "localhost" and ask again before every request.
  const locations = [{ name: "Local", databaseAccountEndpoint: address }];
  return json(200, {
    _self: "",
    id: "lambda-local",
    _rid: "lambda-local",
    media: "//media/",
    addresses: "//addresses/",
    _dbs: "//dbs/",
    writableLocations: locations,
    readableLocations: locations,
    enableMultipleWriteLocations: false,
    continuousBackupEnabled: false,
    userReplicationPolicy: { asyncReplication: false, minReplicaSetSize: 1, maxReplicasetSize: 4 },
    userConsistencyPolicy: { defaultConsistencyLevel: "Session" },
    systemReplicationPolicy: { minReplicaSetSize: 1, maxReplicasetSize: 4 },
    readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
    queryEngineConfiguration: JSON.stringify({
      maxSqlQueryInputLength: 524288,
      maxJoinsPerSqlQuery: 10,
      maxLogicalAndPerSqlQuery: 2000,
      maxLogicalOrPerSqlQuery: 2000,
      maxUdfRefPerSqlQuery: 10,
      maxInExpressionItemsCount: 16000,
      queryMaxInMemorySortDocumentCount: 500,
      allowNewKeywords: true,
      enableSpatialIndexing: false,
    }),
  });
}

/** `dbs`: list, query, create. */
export function databases(request: CosmosRequest, state: ServerState): CosmosReply {
  if (request.method === "GET")
    return feed("", "Databases", [...state.catalog.databases.values()].map(databaseBody));
  if (isQuery(request))
    return feedOfQuery(request, "", "Databases", [...state.catalog.databases.values()].map(databaseBody));
  if (request.method !== "POST")
    throw errors.methodNotAllowed("Databases can be listed, queried and created.");
  const body = jsonBody(request) as ObjectValue;
  return resource(201, databaseBody(state.catalog.createDatabase(body["id"], state.nowMs())));
}

/** `dbs/{db}`: read, delete. */
export async function database(request: CosmosRequest, state: ServerState, id: string): Promise<CosmosReply> {
  if (request.method === "GET") return resource(200, databaseBody(state.catalog.database(id)));
  if (request.method !== "DELETE") throw errors.methodNotAllowed("A database can be read and deleted.");
  await state.catalog.deleteDatabase(id);
  return { status: 204, charge: 4.95 };
}

/** `dbs/{db}/colls`: list, query, create. */
export function containers(request: CosmosRequest, state: ServerState, databaseId: string): CosmosReply {
  const owner = state.catalog.database(databaseId);
  const all = () => [...owner.containers.values()].map(containerBody);
  if (request.method === "GET") return feed(owner.rid, "DocumentCollections", all());
  if (isQuery(request)) return feedOfQuery(request, owner.rid, "DocumentCollections", all());
  if (request.method !== "POST")
    throw errors.methodNotAllowed("Containers can be listed, queried and created.");
  const entry = state.catalog.createContainer(databaseId, jsonBody(request) as ObjectValue, state.nowMs());
  return resource(201, containerBody(entry));
}

/** `dbs/{db}/colls/{coll}`: read, replace, delete. */
export async function container(
  request: CosmosRequest,
  state: ServerState,
  databaseId: string,
  id: string,
): Promise<CosmosReply> {
  if (request.method === "GET") return resource(200, containerBody(state.catalog.container(databaseId, id)));
  if (request.method === "PUT") {
    const body = jsonBody(request) as ObjectValue;
    return resource(200, containerBody(state.catalog.replaceContainer(databaseId, id, body, state.nowMs())));
  }
  if (request.method !== "DELETE")
    throw errors.methodNotAllowed("A container can be read, replaced and deleted.");
  await state.catalog.deleteContainer(databaseId, id);
  return { status: 204, charge: 4.95 };
}

/** `pkranges`: the one physical partition, which covers every key. */
export function partitionKeyRanges(
  { container: owner }: ContainerEntry,
  request: CosmosRequest,
): CosmosReply {
  const { rid } = owner.place;
  const etag = `"${rid}-ranges"`;
  if (headerOf(request, "if-none-match") === etag) return { status: 304, charge: 1, headers: { etag } };
  const range = {
    _rid: `${rid.replace(/=+$/, "")}AAAA`,
    id: "0",
    _etag: etag,
    minInclusive: "",
    maxExclusive: "FF",
    ridPrefix: 0,
    _self: `${owner.self}pkranges/0/`,
    throughputFraction: 1,
    status: "online",
    parents: [],
    _ts: 0,
    _lsn: owner.lsn,
  };
  const reply = feed(rid, "PartitionKeyRanges", [range]);
  return { ...reply, headers: { ...reply.headers, etag } };
}

/** Answers a listing that has no entries on this server. */
export function emptyFeed(name: string): CosmosReply {
  return feed("", name, []);
}

function databaseBody({ id, rid, ts }: DatabaseEntry): ObjectValue {
  return {
    id,
    _rid: rid,
    _self: `dbs/${rid}/`,
    _etag: `"${rid}-1"`,
    _colls: "colls/",
    _users: "users/",
    _ts: ts,
  };
}

function containerBody({ container: { settings, place, self }, ts, version }: ContainerEntry): ObjectValue {
  return {
    ...settings.definition,
    _rid: place.rid,
    _ts: ts,
    _self: self,
    _etag: `"${place.rid}-${version}"`,
    _docs: "docs/",
    _sprocs: "sprocs/",
    _triggers: "triggers/",
    _udfs: "udfs/",
    _conflicts: "conflicts/",
  };
}

function isQuery(request: CosmosRequest): boolean {
  const type = headerOf(request, "content-type") ?? "";
  return (
    request.method === "POST" &&
    (type.startsWith("application/query+json") || flagOf(request, "x-ms-documentdb-isquery"))
  );
}

function feedOfQuery(request: CosmosRequest, rid: string, name: string, all: ObjectValue[]): CosmosReply {
  const { query, parameters = [] } = jsonBody(request) as {
    query?: string;
    parameters?: { name: string; value: ObjectValue }[];
  };
  if (typeof query !== "string") throw errors.invalidInput("query");
  const values = Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.value]));
  return feed(rid, name, prepareQuery(query).run(all, values) as ObjectValue[]);
}

function feed(rid: string, name: string, entries: readonly unknown[]): CosmosReply {
  const reply = json(200, { _rid: rid, [name]: entries, _count: entries.length });
  return { ...reply, headers: { "x-ms-item-count": String(entries.length) } };
}

function resource(status: number, body: ObjectValue): CosmosReply {
  return { ...json(status, body), headers: { etag: body["_etag"] as string } };
}

function json(status: number, body: unknown): CosmosReply {
  return { status, body: JSON.stringify(body), charge: 1 };
}
