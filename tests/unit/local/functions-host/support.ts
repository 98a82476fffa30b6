import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogAppend, LogBatch, LogClient, LogRecord } from "../../../../local/event-hubs";
import {
  type FunctionApp,
  type FunctionsHost,
  type FunctionsHostOptions,
  startFunctionsHost,
} from "../../../../local/functions-host";
import type {
  BindingInfo,
  FunctionMetadata,
  InvocationRequest,
  InvocationResponse,
} from "../../../../local/functions-host/rpc";
import { ManualClock } from "../../../../local/process/clock";

/** A broker's log in memory, with the rules of the interface. */
export class MemoryLog implements LogClient {
  readonly partitions: LogRecord[][];
  /** Thrown by the next reads, one each. */
  readonly failures: Error[] = [];
  #wake: (() => void)[] = [];

  constructor(partitions = 1) {
    this.partitions = Array.from({ length: partitions }, () => []);
  }

  async partitionCount(): Promise<number> {
    return this.partitions.length;
  }

  async read({
    partition,
    fromSequence,
    maxRecords,
    waitMs,
  }: Parameters<LogClient["read"]>[0]): Promise<LogBatch> {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const log = this.partitions[partition] ?? [];
    const from = Number(fromSequence);
    if (from > log.length) throw new RangeError(`position ${from} lies beyond the end`);
    if (from === log.length && waitMs > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        timer = setTimeout(resolve, waitMs).unref();
        this.#wake.push(resolve);
      });
      clearTimeout(timer);
    }
    const records = log.slice(from, from + maxRecords);
    const next = from + records.length;
    return { records, nextSequence: BigInt(next), endOfLog: next === log.length, serverClockMs: 0 };
  }

  async append(_hub: string, events: readonly LogAppend[], partition = 0): Promise<void> {
    const log = this.partitions[partition] as LogRecord[];
    for (const event of events) {
      log.push({
        sequence: BigInt(log.length),
        enqueuedMs: 1_767_600_000_000 + log.length,
        appendedWallMs: Date.now(),
        offset: String(log.length),
        partitionKey: event.partitionKey ?? null,
        messageId: event.messageId ?? null,
        properties: () => event.properties ?? {},
        annotations: () => event.annotations ?? {},
        body: event.body,
      });
    }
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Appends texts to a partition. */
  say(texts: readonly string[], partition = 0): Promise<void> {
    return this.append(
      "hub",
      texts.map((text) => ({ body: Buffer.from(text) })),
      partition,
    );
  }

  async close(): Promise<void> {}
}

export type Handler = (
  request: InvocationRequest,
  name: string,
) => Promise<InvocationResponse | undefined> | InvocationResponse | undefined;

/** An app without the library: its handlers see what the host sends. */
export function fakeApp(functions: readonly FunctionMetadata[], handler: Handler): FunctionApp {
  return {
    functions,
    httpStreamUri: undefined,
    invoke: async (name, request) => (await handler(request, name)) ?? {},
    terminate: async () => {},
  };
}

export function hubFunction(
  changes: Partial<BindingInfo> = {},
  retryOptions?: FunctionMetadata["retryOptions"],
): FunctionMetadata {
  return {
    name: "onEvents",
    bindings: {
      messages: {
        type: "eventHubTrigger",
        direction: "in",
        connection: "EventHubs",
        eventHubName: "hub",
        consumerGroup: "group",
        cardinality: "many",
        ...changes,
      },
    },
    ...(retryOptions !== undefined && { retryOptions }),
  };
}

/** Texts of a batch as the app gets them. */
export function textsOf(request: InvocationRequest): string[] {
  const data = request.inputData[0]?.data;
  return [
    ...(data?.collectionString?.string ?? []),
    ...(data?.collectionBytes?.bytes.map((bytes) => Buffer.from(bytes).toString()) ?? []),
    ...(data?.string !== undefined ? [data.string] : []),
  ];
}

/** Resolves once `condition` holds; asks on every turn of the event loop's timers. */
export async function until(condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Hosts and folders of a test, closed and removed by `clean`. */
export class HostFixture {
  readonly dataFolder = mkdtempSync(join(tmpdir(), "functions-host-"));
  readonly logs: string[] = [];
  readonly #hosts: FunctionsHost[] = [];

  async start(app: FunctionApp, options: Partial<FunctionsHostOptions> = {}): Promise<FunctionsHost> {
    const host = await startFunctionsHost({
      app,
      config: { routePrefix: "api", eventHubs: { maxEventBatchSize: 10, initialOffset: "fromStart" } },
      settings: {},
      dataFolder: this.dataFolder,
      clock: new ManualClock(0),
      reader: { kind: "log", client: new MemoryLog() },
      port: 0,
      instance: "test",
      log: (level, text, fields) => void this.logs.push(`${level} ${text} ${JSON.stringify(fields ?? {})}`),
      ...options,
    });
    this.#hosts.push(host);
    return host;
  }

  async stop(host: FunctionsHost): Promise<void> {
    this.#hosts.splice(this.#hosts.indexOf(host), 1);
    await host.close();
  }

  async clean(): Promise<void> {
    await Promise.all(this.#hosts.splice(0).map((host) => host.close()));
    rmSync(this.dataFolder, { recursive: true, force: true });
  }
}
