import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { LocalError } from "../process/errors";
import { CosmosError, errors } from "./cosmos-error";
import { authorize } from "./http/authorization";
import { type CosmosReply, type Counters, errorBody, readRequest, type ServerState } from "./http/exchange";
import { QueryHandler } from "./http/query";
import { route } from "./http/router";
import { Throttle } from "./http/throttle";
import { Catalog } from "./store/catalog";

/** The account key that every Cosmos DB emulator has; it protects nothing. */
export const emulatorKey =
  "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

const sweepIntervalMs = 1_000;

/** A database with its containers, as the topology lists them. */
export interface CosmosDatabaseSpec {
  readonly id: string;
  readonly containers: readonly {
    readonly id: string;
    /** One path, or up to three for a hierarchical key. */
    readonly partitionKey: string | readonly string[];
    readonly defaultTtlSeconds?: number;
  }[];
}

/** What the Cosmos DB server is told at its start. */
export interface CosmosOptions {
  /** Folder of the journals; made when it is absent. */
  readonly dataDir: string;
  /** @default 0, a free port */
  readonly port?: number;
  /** Account key, base64. @default emulatorKey */
  readonly key?: string;
  /** Databases and containers that are made at the start unless they exist. @default none */
  readonly databases?: readonly CosmosDatabaseSpec[];
  /** Answers 429 to what a container gets beyond this in a second. @default no limit */
  readonly requestUnitsPerSecond?: number;
  /** Wall clock in milliseconds since 1970; rules `_ts` and time to live. @default Date.now */
  readonly nowMs?: () => number;
}

/** A running Cosmos DB server. */
export interface CosmosServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT/` */
  readonly endpoint: string;
  readonly connectionString: string;
  /** Counters `reads, writes, queries, bulk, feed, ru` and `writes.<container>`; each only grows. */
  stats(): Readonly<Record<string, number>>;
  /** Rewrites every journal so that it holds live items only. */
  compact(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the Cosmos DB server on 127.0.0.1 over a data folder. A write is acknowledged after the operating system has
 * it, so that killing the process loses nothing.
 *
 * @throws {LocalError} LOCAL_PORT_IN_USE when the port is taken
 */
export async function startCosmos(options: CosmosOptions): Promise<CosmosServer> {
  const key = Buffer.from(options.key ?? emulatorKey, "base64");
  const catalog = new Catalog(options.dataDir);
  const counters: Counters = {
    reads: 0,
    writes: 0,
    queries: 0,
    bulk: 0,
    feed: 0,
    ru: 0,
    writesByContainer: new Map(),
  };
  const state: ServerState = { catalog, counters, nowMs: options.nowMs ?? Date.now };
  for (const database of options.databases ?? []) ensureDatabase(catalog, database, state.nowMs());
  const queries = new QueryHandler();
  const throttle = new Throttle(options.requestUnitsPerSecond, state.nowMs);
  const server = createServer((message, response) => {
    void answer(message, response, async () => {
      const request = await readRequest(message);
      authorize(request, key, Date.now());
      throttle.check(request);
      const reply = await route(request, state, queries);
      throttle.spend(request, reply.charge);
      counters.ru += reply.charge;
      return { reply, container: containerOf(catalog, request.steps) };
    });
  });
  // Longer than clients keep idle connections, so that none is closed while a request is on its way.
  server.keepAliveTimeout = 120_000;
  try {
    await listen(server, options.port ?? 0);
  } catch (error) {
    await catalog.close();
    throw error;
  }
  const sweeping = setInterval(() => {
    for (const container of catalog.containers()) container.sweep(Math.floor(state.nowMs() / 1000));
  }, sweepIntervalMs);
  sweeping.unref();
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}/`;
  return {
    port,
    endpoint,
    connectionString: `AccountEndpoint=${endpoint};AccountKey=${options.key ?? emulatorKey};`,
    stats: () => readCounters(counters),
    async compact() {
      for (const container of catalog.containers()) await container.compact();
    },
    async close() {
      clearInterval(sweeping);
      server.close();
      server.closeIdleConnections();
      await Promise.race([once(server, "close"), closeSoon(server)]);
      await catalog.close();
    },
  };
}

type Container = ReturnType<Catalog["container"]>["container"];

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  handle: () => Promise<{ reply: CosmosReply; container: Container | undefined }>,
): Promise<void> {
  const activityId = (message.headers["x-ms-activity-id"] as string | undefined) ?? randomUUID();
  const common = {
    "content-type": "application/json",
    "x-ms-activity-id": activityId,
    "x-ms-gatewayversion": "version=2.0.0",
  };
  try {
    const { reply, container } = await handle();
    send(response, reply.status, reply.body, {
      ...common,
      "x-ms-request-charge": String(reply.charge),
      ...(container !== undefined && {
        "x-ms-session-token": `0:-1#${container.lsn}`,
        lsn: String(container.lsn),
        "x-ms-content-path": container.place.rid,
      }),
      ...reply.headers,
    });
  } catch (error) {
    const known = error instanceof CosmosError ? error : unexpected(error);
    send(response, known.status, errorBody(known, activityId), {
      ...common,
      "x-ms-request-charge": "1",
      "x-ms-substatus": String(known.substatus ?? 0),
      ...known.headers,
    });
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
): void {
  if (response.destroyed) return;
  const bytes =
    body === undefined || status === 304 || status === 204 ? undefined : Buffer.from(body, "utf8");
  response.writeHead(status, {
    ...headers,
    ...(bytes !== undefined && { "content-length": String(bytes.length) }),
  });
  response.end(bytes);
}

function unexpected(error: unknown): CosmosError {
  const text =
    error instanceof RangeError ? "The request is nested too deeply or too large to process." : undefined;
  if (text !== undefined) return errors.badRequest(text);
  return new CosmosError(
    500,
    "InternalServerError",
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  );
}

function ensureDatabase(catalog: Catalog, { id, containers }: CosmosDatabaseSpec, nowMs: number): void {
  const database = catalog.databases.get(id) ?? catalog.createDatabase(id, nowMs);
  for (const { id: containerId, partitionKey, defaultTtlSeconds } of containers) {
    if (database.containers.has(containerId)) continue;
    const paths = typeof partitionKey === "string" ? [partitionKey] : partitionKey;
    const body = {
      id: containerId,
      partitionKey: { paths },
      ...(defaultTtlSeconds !== undefined && { defaultTtl: defaultTtlSeconds }),
    };
    catalog.createContainer(id, body, nowMs);
  }
}

function containerOf(catalog: Catalog, [, database, , container]: readonly string[]): Container | undefined {
  if (database === undefined || container === undefined) return undefined;
  return catalog.databases.get(database)?.containers.get(container)?.container;
}

function readCounters({ writesByContainer, ...counters }: Counters): Record<string, number> {
  const named = [...writesByContainer].map(([id, count]) => [`writes.${id}`, count] as const);
  return { ...counters, ru: Math.round(counters.ru), ...Object.fromEntries(named) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") return reject(error);
      return reject(
        new LocalError("LOCAL_PORT_IN_USE", `port ${port} of the Cosmos DB server is in use`, {
          hint: "Stop the process that holds the port, or choose other ports with --port-base.",
          cause: error,
        }),
      );
    });
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

/** Requests under way get a moment; then their connections are closed. */
async function closeSoon(server: Server): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 500).unref());
  server.closeAllConnections();
}
