import { errors } from "../cosmos-error";
import type { Container } from "../store/container";
import type { StoredItem } from "../store/item";
import type { PartitionKeyPart } from "../store/partition-key";
import { readPatch } from "../store/patch";
import { type WriteConditions, WriteSession } from "../store/write-session";
import { charges } from "./charges";
import {
  type CosmosReply,
  type CosmosRequest,
  flagOf,
  headerOf,
  jsonBody,
  partitionKeyOf,
  type ServerState,
} from "./exchange";

/** `POST docs`: create or upsert. */
export function createItem(request: CosmosRequest, state: ServerState, container: Container): CosmosReply {
  const session = new WriteSession(container, state.nowMs());
  const parts = partitionKeyOf(request);
  const body = jsonBody(request);
  if (!flagOf(request, "x-ms-documentdb-is-upsert")) {
    const item = session.create(parts, body);
    session.commit();
    return itemReply(request, 201, item, charges.write(item.text.length));
  }
  const { item, created } = session.upsert(parts, body, conditionsOf(request));
  session.commit();
  return itemReply(request, created ? 201 : 200, item, charges.write(item.text.length));
}

/** `docs/{id}`: read, replace, patch, delete. */
export function item(
  request: CosmosRequest,
  state: ServerState,
  container: Container,
  id: string,
): CosmosReply {
  const session = new WriteSession(container, state.nowMs());
  switch (request.method) {
    case "GET": {
      const found = session.read(requiredKey(request, container), id);
      if (headerOf(request, "if-none-match") === found.etag) {
        return { status: 304, charge: 1, headers: { etag: found.etag } };
      }
      return itemReply(request, 200, found, charges.read(found.text.length));
    }
    case "PUT": {
      const replaced = session.replace(partitionKeyOf(request), id, jsonBody(request), conditionsOf(request));
      session.commit();
      return itemReply(request, 200, replaced, charges.write(replaced.text.length));
    }
    case "PATCH": {
      const patch = readPatch(jsonBody(request));
      const patched = session.patch(requiredKey(request, container), id, patch, conditionsOf(request));
      session.commit();
      return itemReply(request, 200, patched, charges.write(patched.text.length));
    }
    case "DELETE":
      session.remove(requiredKey(request, container), id, conditionsOf(request));
      session.commit();
      return { status: 204, charge: charges.remove };
    default:
      throw errors.methodNotAllowed("An item can be read, replaced, patched and deleted.");
  }
}

/** `operations/partitionkeydelete`: removes every item of one partition key. */
export function deletePartition(
  request: CosmosRequest,
  state: ServerState,
  container: Container,
): CosmosReply {
  const parts = requiredKey(request, container);
  const session = new WriteSession(container, state.nowMs());
  const found = [...container.partitions.values()].find(
    (partition) =>
      partition.parts.length === parts.length &&
      partition.parts.every((part, index) => part === parts[index]),
  );
  for (const id of [...(found?.items.keys() ?? [])]) {
    session.startGroup();
    session.remove(parts, id, {});
  }
  session.commit();
  return { status: 200, body: "{}", charge: charges.remove };
}

export function conditionsOf(request: CosmosRequest): WriteConditions {
  return { ifMatch: headerOf(request, "if-match"), ifNoneMatch: headerOf(request, "if-none-match") };
}

/** The whole partition key of an item's address. @throws CosmosError 400 */
function requiredKey(request: CosmosRequest, container: Container): PartitionKeyPart[] {
  const parts = partitionKeyOf(request);
  if (parts === undefined) throw errors.partitionKeyMissing();
  const levels = container.settings.partitionKey.paths.length;
  if (parts.length === 0) return Array.from({ length: levels }, () => undefined);
  if (parts.length !== levels) {
    throw errors.badRequest(
      "Partition key provided either doesn't correspond to definition in the collection or doesn't match partition key field values specified in the document.",
    );
  }
  return parts;
}

function itemReply(request: CosmosRequest, status: number, found: StoredItem, charge: number): CosmosReply {
  const minimal = headerOf(request, "prefer") === "return=minimal" && request.method !== "GET";
  return { status, charge, headers: { etag: found.etag }, ...(!minimal && { body: found.text }) };
}
