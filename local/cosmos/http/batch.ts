import { CosmosError, errors } from "../cosmos-error";
import type { Container } from "../store/container";
import type { StoredItem } from "../store/item";
import { type PartitionKeyPart, parsePartitionKey } from "../store/partition-key";
import { readPatch } from "../store/patch";
import { WriteSession } from "../store/write-session";
import { charges } from "./charges";
import {
  type CosmosReply,
  type CosmosRequest,
  countWrites,
  flagOf,
  headerOf,
  jsonBody,
  partitionKeyOf,
  type ServerState,
} from "./exchange";

/** Operations of one batch; the service takes no more. */
export const maxBatchOperations = 100;

interface BatchOperation {
  readonly operationType?: unknown;
  readonly partitionKey?: unknown;
  readonly id?: unknown;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly resourceBody?: unknown;
}

interface BatchResult {
  readonly statusCode: number;
  readonly requestCharge: number;
  readonly subStatusCode?: number;
  readonly message?: string;
  readonly item?: StoredItem;
}

/**
 * `POST docs` with a batch: transactional when the header says atomic (all or nothing, one log sequence number),
 * otherwise bulk (each operation for itself).
 */
export function batch(request: CosmosRequest, state: ServerState, container: Container): CosmosReply {
  const operations = jsonBody(request);
  if (!Array.isArray(operations) || operations.length === 0)
    throw errors.badRequest("Batch request has no operations.");
  if (operations.length > maxBatchOperations) {
    throw errors.badRequest(
      `Batch request has more operations than what is supported (${maxBatchOperations}).`,
    );
  }
  const atomic = flagOf(request, "x-ms-cosmos-batch-atomic");
  const stopOnError =
    atomic || headerOf(request, "x-ms-cosmos-batch-continue-on-error")?.toLowerCase() === "false";
  const session = new WriteSession(container, state.nowMs());
  const common = partitionKeyOf(request);
  if (atomic && common === undefined) throw errors.partitionKeyMissing();
  const results: BatchResult[] = [];
  let failed = false;
  for (const operation of operations as BatchOperation[]) {
    if (failed && stopOnError) {
      results.push(failure(errors.failedDependency()));
      continue;
    }
    if (!atomic) session.startGroup();
    try {
      results.push(execute(session, operation ?? {}, atomic ? common : keyOf(operation)));
    } catch (error) {
      if (!(error instanceof CosmosError)) throw error;
      failed = true;
      results.push(failure(error));
    }
  }
  if (atomic && failed) {
    const undone = results.map((result) =>
      result.statusCode < 400 ? failure(errors.failedDependency()) : result,
    );
    return reply(request, undone, true);
  }
  session.commit();
  const written = results.filter(
    ({ statusCode }, index) =>
      statusCode < 300 && (operations as BatchOperation[])[index]?.operationType !== "Read",
  );
  countWrites(state.counters, container.settings.id, written.length);
  return reply(request, results, failed);
}

function keyOf(operation: BatchOperation | null): PartitionKeyPart[] | undefined {
  const key = operation?.partitionKey;
  return typeof key === "string" ? parsePartitionKey(key) : undefined;
}

function execute(
  session: WriteSession,
  operation: BatchOperation,
  parts: PartitionKeyPart[] | undefined,
): BatchResult {
  const { operationType, resourceBody } = operation;
  const id = String(operation.id ?? "");
  const conditions = { ifMatch: operation.ifMatch, ifNoneMatch: operation.ifNoneMatch };
  const addressed = () => {
    if (parts === undefined) throw errors.partitionKeyMissing();
    return parts;
  };
  switch (operationType) {
    case "Create":
      return wrote(201, session.create(parts, resourceBody));
    case "Upsert": {
      const { item, created } = session.upsert(parts, resourceBody, conditions);
      return wrote(created ? 201 : 200, item);
    }
    case "Replace":
      return wrote(200, session.replace(parts, id, resourceBody, conditions));
    case "Patch":
      return wrote(200, session.patch(addressed(), id, readPatch(resourceBody), conditions));
    case "Read": {
      const item = session.read(addressed(), id);
      if (conditions.ifNoneMatch === item.etag) return { statusCode: 304, requestCharge: 1 };
      return { statusCode: 200, requestCharge: charges.read(item.text.length), item };
    }
    case "Delete":
      session.remove(addressed(), id, conditions);
      return { statusCode: 204, requestCharge: charges.remove };
    default:
      throw errors.badRequest(`Batch operation type '${String(operationType)}' is not supported.`);
  }
}

function wrote(statusCode: number, item: StoredItem): BatchResult {
  return { statusCode, requestCharge: charges.write(item.text.length), item };
}

function failure(error: CosmosError): BatchResult {
  const { status, substatus, message } = error;
  return {
    statusCode: status,
    requestCharge: 1,
    ...(substatus !== undefined && { subStatusCode: substatus }),
    ...(message !== "" && { message }),
  };
}

function reply(request: CosmosRequest, results: readonly BatchResult[], failed: boolean): CosmosReply {
  const minimal = headerOf(request, "prefer") === "return=minimal";
  const texts = results.map(({ item, ...result }) => {
    const rest = JSON.stringify(item === undefined ? result : { ...result, eTag: item.etag });
    return item === undefined || minimal ? rest : `${rest.slice(0, -1)},"resourceBody":${item.text}}`;
  });
  const charge = results.reduce((sum, { requestCharge }) => sum + requestCharge, 0);
  return { status: failed ? 207 : 200, body: `[${texts.join(",")}]`, charge: Math.round(charge * 100) / 100 };
}
