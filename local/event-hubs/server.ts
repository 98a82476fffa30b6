import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import type { Clock } from "../process/clock";
import { LocalError } from "../process/errors";
import { Connection } from "./amqp";
import { type AccessKey, Broker, Hub, type HubOptions } from "./broker";
import { LogServer } from "./log-server";
import { SegmentCache } from "./store";

/** What the Event Hubs server is told at its start. */
export interface EventHubsOptions {
  /** Folder of the logs; made when missing. */
  readonly dataDir: string;
  /** Platform clock: enqueued times and retention. */
  readonly clock: Clock;
  /** AMQP port on 127.0.0.1; 0 takes a free one. @default 0 */
  readonly port?: number;
  /** Port of the internal log protocol on 127.0.0.1. @default 0 */
  readonly internalPort?: number;
  /** Token of the internal log protocol. @default a random one */
  readonly internalToken?: string;
  readonly hubs: readonly HubOptions[];
  /** Shared access policies; the first one goes into the connection string. @default RootManageSharedAccessKey with a random key */
  readonly keys?: readonly AccessKey[];
  /** Size of a segment file. @default 4 MiB */
  readonly segmentBytes?: number;
  /** Memory for segments that are read back from disk. @default 64 MiB */
  readonly cacheBytes?: number;
  readonly log?: (
    level: "error" | "warn" | "info",
    text: string,
    fields?: Readonly<Record<string, unknown>>,
  ) => void;
}

/** A running Event Hubs server. */
export interface EventHubsServer {
  readonly port: number;
  /** For the official SDKs, without an entity path. */
  readonly connectionString: string;
  readonly internalPort: number;
  readonly internalToken: string;
  /** Names of hubs, in order. */
  readonly hubs: readonly string[];
  /** Counters, gauges and latencies in the shape of ProcessStats. */
  stats(): {
    readonly counters: Readonly<Record<string, number>>;
    readonly gauges: Readonly<Record<string, number>>;
    readonly latenciesMs: Readonly<Record<string, readonly number[]>>;
  };
  /** Enqueued time of the last event of any hub, or the last moment promised to a reader; 0 when there is none. */
  lastEnqueuedMs(): number;
  /** Applies retention now, as the server does on its own every few seconds. */
  retain(): Promise<void>;
  close(): Promise<void>;
}

const defaultSegmentBytes = 4 * 1024 * 1024;
const defaultCacheBytes = 64 * 1024 * 1024;
const retentionCheckMs = 2000;

/** @throws {LocalError} LOCAL_PORT_IN_USE */
export async function listenLocal(server: Server, port: number, what: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new LocalError("LOCAL_PORT_IN_USE", `port ${port} for ${what} is taken by another process`, {
              hint: "Stop that process, or start the platform with another --port-base.",
              cause: error,
            })
          : error,
      );
    });
    server.listen({ port, host: "127.0.0.1" }, resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/**
 * Starts an Event Hubs namespace on 127.0.0.1: AMQP 1.0 for the official SDKs and the platform's own log protocol, over
 * durable logs in `dataDir`. A send is acknowledged after the operating system has its bytes.
 * @throws {LocalError} LOCAL_PORT_IN_USE when a port is taken; LOCAL_CHILD_FAILED when the logs do not fit the hubs.
 */
export async function startEventHubs(options: EventHubsOptions): Promise<EventHubsServer> {
  const log = options.log ?? (() => {});
  const keys = options.keys ?? [
    { name: "RootManageSharedAccessKey", key: randomBytes(32).toString("base64") },
  ];
  const internalToken = options.internalToken ?? randomBytes(24).toString("hex");
  const cache = new SegmentCache(options.cacheBytes ?? defaultCacheBytes);
  const hubs: Hub[] = [];
  for (const hubOptions of options.hubs) {
    const { hub, cutBytes } = await Hub.open(hubOptions, {
      folder: join(options.dataDir, hubOptions.name.toLowerCase()),
      clock: options.clock,
      cache,
      segmentBytes: options.segmentBytes ?? defaultSegmentBytes,
    });
    if (cutBytes > 0)
      log("warn", "unfinished append cut off the log", { hub: hubOptions.name, bytes: cutBytes });
    hubs.push(hub);
  }

  const broker = new Broker({ hubs, keys, log });
  const amqp = createServer((socket) => new Connection(socket, broker));
  const logServer = new LogServer(hubs, internalToken);
  const port = await listenLocal(amqp, options.port ?? 0, "Event Hubs");
  let internalPort: number;
  try {
    internalPort = await listenLocal(logServer.server, options.internalPort ?? 0, "the Event Hubs log");
  } catch (error) {
    amqp.close();
    throw error;
  }

  let retaining: Promise<void> = Promise.resolve();
  const retain = () => {
    retaining = retaining.then(async () => {
      for (const hub of hubs) await hub.retain();
    });
    return retaining;
  };
  const timer = setInterval(() => {
    retain().catch((error) => log("error", "retention failed", { error: String(error) }));
  }, retentionCheckMs);
  timer.unref();

  const first = keys[0] as AccessKey;
  return {
    port,
    internalPort,
    internalToken,
    connectionString: `Endpoint=sb://localhost:${port};SharedAccessKeyName=${first.name};SharedAccessKey=${first.key};UseDevelopmentEmulator=true;`,
    hubs: hubs.map((hub) => hub.options.name),
    stats: () => ({
      counters: Object.assign(
        { "refused.connections": broker.refusals.connections, "refused.tokens": broker.refusals.tokens },
        ...hubs.map((hub) => hub.figures.counters()),
      ),
      gauges: Object.assign(
        { connections: broker.connectionCount, "cache.bytes": cache.bytes },
        ...hubs.map((hub) => hub.figures.gauges()),
      ),
      latenciesMs: Object.fromEntries(
        hubs.map((hub) => [`append.${hub.options.name}`, hub.figures.takeLatencies()] as const),
      ),
    }),
    lastEnqueuedMs: () => Math.max(0, ...hubs.map((hub) => hub.lastEnqueuedMs)),
    retain,
    close: async () => {
      clearInterval(timer);
      const amqpClosed = new Promise((resolve) => amqp.close(resolve));
      broker.close();
      await logServer.close();
      await amqpClosed;
      await retaining.catch(() => {});
      for (const hub of hubs) await hub.close();
    },
  };
}
