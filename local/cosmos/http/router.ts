import { errors } from "../cosmos-error";
import { batch } from "./batch";
import { changeFeed } from "./change-feed";
import {
  type CosmosReply,
  type CosmosRequest,
  countWrites,
  flagOf,
  headerOf,
  type ServerState,
} from "./exchange";
import { createItem, deletePartition, item } from "./items";
import type { QueryHandler } from "./query";
import {
  container,
  containers,
  database,
  databases,
  emptyFeed,
  partitionKeyRanges,
  readAccount,
} from "./resources";

/** Listings of what this server does not have, by path step. */
const emptyListings: Readonly<Record<string, string>> = {
  sprocs: "StoredProcedures",
  triggers: "Triggers",
  udfs: "UserDefinedFunctions",
  conflicts: "Conflicts",
  users: "Users",
  permissions: "Permissions",
  clientencryptionkeys: "ClientEncryptionKeys",
  offers: "Offers",
};

/** Finds the handler of a request. @throws CosmosError */
export async function route(
  request: CosmosRequest,
  state: ServerState,
  queries: QueryHandler,
): Promise<CosmosReply> {
  const [root, databaseId, kind, containerId, child, itemId] = request.steps;
  if (root === undefined) return readAccount(request);
  if (root === "offers") return emptyFeed("Offers");
  if (root !== "dbs" || request.steps.length > 6)
    throw errors.badRequest(`The path '${request.rawPath}' names no resource.`);
  if (databaseId === undefined) return databases(request, state);
  if (kind === undefined) return database(request, state, databaseId);
  if (kind !== "colls") return unsupported(request, kind);
  if (containerId === undefined) return containers(request, state, databaseId);
  if (child === undefined) return container(request, state, databaseId, containerId);
  const entry = state.catalog.container(databaseId, containerId);
  if (child === "pkranges") return partitionKeyRanges(entry, request);
  if (child === "operations" && itemId === "partitionkeydelete")
    return deletePartition(request, state, entry.container);
  if (child !== "docs") return unsupported(request, child);
  const { container: owner } = entry;
  const { counters } = state;
  const reply =
    itemId === undefined ? feedOfItems(request, state, owner, queries) : item(request, state, owner, itemId);
  count(request, counters, owner.settings.id);
  return reply;
}

function feedOfItems(
  request: CosmosRequest,
  state: ServerState,
  owner: Parameters<typeof createItem>[2],
  queries: QueryHandler,
): CosmosReply {
  if (request.method === "GET") {
    owner.sweep(Math.floor(state.nowMs() / 1000));
    return headerOf(request, "a-im") === undefined
      ? queries.readAll(request, owner)
      : changeFeed(request, owner);
  }
  if (request.method !== "POST") throw errors.methodNotAllowed("Items can be listed, queried and created.");
  if (flagOf(request, "x-ms-cosmos-is-query-plan-request")) return queries.plan(request);
  if (flagOf(request, "x-ms-cosmos-is-batch-request")) return batch(request, state, owner);
  if (isQuery(request)) {
    owner.sweep(Math.floor(state.nowMs() / 1000));
    return queries.query(request, owner);
  }
  return createItem(request, state, owner);
}

function isQuery(request: CosmosRequest): boolean {
  const type = headerOf(request, "content-type") ?? "";
  return type.startsWith("application/query+json") || flagOf(request, "x-ms-documentdb-isquery");
}

function count(request: CosmosRequest, counters: ServerState["counters"], containerId: string): void {
  const { method } = request;
  if (method === "GET") {
    if (headerOf(request, "a-im") === undefined) counters.reads++;
    else counters.feed++;
  } else if (flagOf(request, "x-ms-cosmos-is-batch-request")) {
    counters.bulk++;
  } else if (method === "POST" && isQuery(request)) {
    counters.queries++;
  } else {
    countWrites(counters, containerId, 1);
  }
}

function unsupported(request: CosmosRequest, kind: string): CosmosReply {
  const listing = emptyListings[kind];
  if (listing === undefined) throw errors.badRequest(`The path '${request.rawPath}' names no resource.`);
  if (request.method === "GET" && request.steps.length % 2 === 1) return emptyFeed(listing);
  throw errors.notImplemented(`${listing} are not supported by the local server.`);
}
