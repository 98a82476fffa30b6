import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { type CosmosError, errors } from "../cosmos-error";
import type { Catalog } from "../store/catalog";
import { type PartitionKeyPart, parsePartitionKey } from "../store/partition-key";

/** Largest request body; a batch may hold 100 operations but no more than this in all. */
const maxBodyBytes = 8 * 1024 * 1024;

/** A request after its path was split and its body read. */
export interface CosmosRequest {
  readonly method: string;
  /** Decoded steps of the path, without empty ones. */
  readonly steps: readonly string[];
  /** Path as sent, without leading and trailing slash. */
  readonly rawPath: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface CosmosReply {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Request units; an estimate, not the service's meter. */
  readonly charge: number;
}

/** Figures of the server; each only grows. */
export interface Counters {
  reads: number;
  writes: number;
  queries: number;
  bulk: number;
  feed: number;
  ru: number;
  readonly writesByContainer: Map<string, number>;
}

/** Counts items that were written or removed. */
export function countWrites(counters: Counters, container: string, count: number): void {
  counters.writes += count;
  counters.writesByContainer.set(container, (counters.writesByContainer.get(container) ?? 0) + count);
}

/** What the handlers share. */
export interface ServerState {
  readonly catalog: Catalog;
  readonly counters: Counters;
  readonly nowMs: () => number;
}

/** Reads a request. @throws CosmosError 400, 413 */
export async function readRequest(message: IncomingMessage): Promise<CosmosRequest> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= maxBodyBytes) chunks.push(chunk);
  }
  if (length > maxBodyBytes) throw errors.tooLarge();
  const rawPath = (message.url ?? "/").split("?", 1)[0]?.replace(/^\/+|\/+$/g, "") ?? "";
  return {
    method: message.method ?? "GET",
    steps: rawPath === "" ? [] : rawPath.split("/").map(decodeStep),
    rawPath,
    headers: message.headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    throw errors.badRequest("The request path is not a valid URL path.");
  }
}

/** A header's value; undefined when it is absent. */
export function headerOf(request: CosmosRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Whether a header says true, in any case. */
export function flagOf(request: CosmosRequest, name: string): boolean {
  return headerOf(request, name)?.toLowerCase() === "true";
}

/** The partition key of the header. @throws CosmosError 400 */
export function partitionKeyOf(request: CosmosRequest): PartitionKeyPart[] | undefined {
  const text = headerOf(request, "x-ms-documentdb-partitionkey");
  return text === undefined ? undefined : parsePartitionKey(text);
}

/** Reads the body as JSON. @throws CosmosError 400 */
export function jsonBody(request: CosmosRequest): unknown {
  try {
    return JSON.parse(request.body);
  } catch {
    throw errors.badRequest("The request payload is invalid. Ensure to provide a valid request payload.");
  }
}

/** The number of rows a page may have; Infinity when the client leaves it to the server. @throws CosmosError 400 */
export function maxItemsOf(request: CosmosRequest): number {
  const text = headerOf(request, "x-ms-max-item-count");
  if (text === undefined) return 100;
  const count = Number(text);
  if (count === -1) return Number.POSITIVE_INFINITY;
  if (!Number.isInteger(count) || count < 1) {
    throw errors.badRequest(`The value '${text}' specified for the header 'x-ms-max-item-count' is invalid.`);
  }
  return count;
}

/** The body of an error as clients parse it. */
export function errorBody(error: CosmosError, activityId: string): string {
  const message = `Message: ${JSON.stringify({ Errors: [error.message] })}\r\nActivityId: ${activityId}, Lambda.Platform.Local`;
  return JSON.stringify({
    code: error.code,
    message: error.code === "Unauthorized" ? error.message : message,
  });
}
