import type { CosmosClient } from "@azure/cosmos";
import { EventHubProducerClient } from "@azure/event-hubs";
import { localCosmosClient } from "./cosmos-client";
import { HostConfigError } from "./host-error";
import type { BindingInfo, FunctionMetadata, InvocationResponse, RpcTypedData } from "./rpc";
import { connectionStringOf, textProperty } from "./settings";

const sendDeadlineMs = 8_000;

const known: ReadonlySet<string> = new Set(["eventhub", "cosmosdb", "http"]);

/** Writes what functions hand to their output bindings. */
export class OutputWriter {
  readonly #settings: Readonly<Record<string, string>>;
  readonly #producers = new Map<string, EventHubProducerClient>();
  readonly #databases = new Map<string, CosmosClient>();

  constructor(settings: Readonly<Record<string, string>>) {
    this.#settings = settings;
  }

  /** @throws HostConfigError for an output, or an extra input, that this host cannot serve. */
  check(metadata: FunctionMetadata): void {
    for (const { type, direction } of Object.values(metadata.bindings)) {
      const served = direction === "out" ? known.has(type.toLowerCase()) : /trigger$/i.test(type);
      if (!served) {
        throw new HostConfigError(
          `${metadata.name}: the local host has no ${direction === "out" ? "output" : "input"} of type ${type}`,
          "use the service's SDK in the function, or an output of type eventHub or cosmosDB",
        );
      }
    }
  }

  /** Writes every output of an invocation; resolves when all are stored. */
  async write(metadata: FunctionMetadata, response: InvocationResponse): Promise<void> {
    const outputs = [...(response.outputData ?? [])];
    if (response.returnValue && metadata.bindings["$return"] !== undefined) {
      outputs.push({ name: "$return", data: response.returnValue });
    }
    for (const { name, data } of outputs) {
      const binding = metadata.bindings[name];
      if (binding === undefined || data === null) continue;
      switch (binding.type.toLowerCase()) {
        case "eventhub":
          await this.#sendEvents(metadata.name, binding, data);
          break;
        case "cosmosdb":
          await this.#storeDocuments(metadata.name, binding, data);
          break;
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#producers.values()].map((producer) => producer.close()));
    for (const client of this.#databases.values()) client.dispose();
  }

  async #sendEvents(functionName: string, binding: BindingInfo, data: RpcTypedData): Promise<void> {
    const hub = textProperty(binding, "eventHubName", functionName);
    const connection = connectionStringOf(binding, this.#settings, functionName);
    const key = `${connection}\n${hub}`;
    let producer = this.#producers.get(key);
    if (producer === undefined) {
      producer = new EventHubProducerClient(connection, hub, { retryOptions: { retryDelayInMs: 300 } });
      this.#producers.set(key, producer);
    }
    try {
      await withDeadline(sendBodies(producer, functionName, eventBodies(data)), hub);
    } catch (error) {
      // After a broken connection a link can wait for ever; the retry begins with a new one.
      this.#producers.delete(key);
      producer.close().catch(() => {});
      throw error;
    }
  }

  async #storeDocuments(functionName: string, binding: BindingInfo, data: RpcTypedData): Promise<void> {
    const connection = connectionStringOf(binding, this.#settings, functionName);
    let client = this.#databases.get(connection);
    if (client === undefined) {
      client = localCosmosClient(connection);
      this.#databases.set(connection, client);
    }
    const container = client
      .database(textProperty(binding, "databaseName", functionName))
      .container(textProperty(binding, "containerName", functionName));
    for (const document of documentsOf(data)) await container.items.upsert(document);
  }
}

async function sendBodies(
  producer: EventHubProducerClient,
  functionName: string,
  bodies: readonly Buffer[],
): Promise<void> {
  let batch = await producer.createBatch();
  for (const body of bodies) {
    if (batch.tryAdd({ body })) continue;
    if (batch.count > 0) await producer.sendBatch(batch);
    batch = await producer.createBatch();
    if (!batch.tryAdd({ body })) throw new Error(`${functionName}: an event is larger than the hub takes`);
  }
  if (batch.count > 0) await producer.sendBatch(batch);
}

async function withDeadline(work: Promise<void>, hub: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`hub ${hub} did not take the events within ${sendDeadlineMs} ms`)),
      sendDeadlineMs,
    );
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function eventBodies(data: RpcTypedData): Buffer[] {
  if (data.bytes !== undefined) return [Buffer.from(data.bytes)];
  const value = payloadOf(data);
  return (Array.isArray(value) ? value : [value]).map((item) =>
    Buffer.from(typeof item === "string" ? item : JSON.stringify(item)),
  );
}

function documentsOf(data: RpcTypedData): object[] {
  const value = payloadOf(data);
  return (Array.isArray(value) ? value : [value]).map((item) =>
    typeof item === "string" ? (JSON.parse(item) as object) : (item as object),
  );
}

function payloadOf(data: RpcTypedData): unknown {
  if (data.json !== undefined) return JSON.parse(data.json);
  return data.string ?? data.int ?? data.double;
}
