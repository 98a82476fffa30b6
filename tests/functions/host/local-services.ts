import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CosmosClient, type Database } from "@azure/cosmos";
import { type EventData, EventHubProducerClient } from "@azure/event-hubs";
import { topology } from "../../../contracts";
import { type CosmosServer, startCosmos, topologyDatabases } from "../../../local/cosmos";
import {
  connectLog,
  type EventHubsServer,
  hubsOfTopology,
  type PlatformLogClient,
  startEventHubs,
} from "../../../local/event-hubs";
import type { FunctionsHostConfig } from "../../../local/functions-host";
import type { FromChild, ProcessStats, ToChild } from "../../../local/process/child";
import { wallClock } from "../../../local/process/clock";

/** Builds the app as it is deployed: one module beside host.json and package.json. */
export function buildApp(folder: string): string {
  const app = resolve("functions");
  mkdirSync(join(folder, "dist"), { recursive: true });
  for (const file of ["host.json", "package.json"]) copyFileSync(join(app, file), join(folder, file));
  execFileSync(
    resolve("node_modules/.bin/esbuild"),
    [
      join(app, "src/main.ts"),
      ...["--bundle", "--platform=node", "--target=node20", "--format=cjs", "--log-level=warning"],
      ...["--external:@azure/functions-core", `--outfile=${join(folder, "dist/main.js")}`],
    ],
    { stdio: "pipe" },
  );
  return folder;
}

/** A process of the functions host as the supervisor runs it. */
export class HostProcess {
  port = 0;
  readonly logs: string[] = [];
  readonly counters: Record<string, number> = {};
  readonly latenciesMs: Record<string, number[]> = {};
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, "exit");
  }

  static async start(config: FunctionsHostConfig): Promise<HostProcess> {
    const child = fork(resolve("local/functions-host/main.ts"), [], {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
    });
    const host = new HostProcess(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => void host.logs.push(chunk.toString()));
    }
    const now = Date.now();
    child.send({
      type: "start",
      config,
      clock: { wallAnchorMs: now, eventAnchorMs: now, speed: 1, limitMs: null },
    } satisfies ToChild);
    await new Promise<void>((done, failed) => {
      child.on("message", (message: FromChild) => {
        if (message.type === "ready") {
          host.port = Number(message.endpoints["port"]);
          done();
        } else if (message.type === "failed") failed(new Error(`${message.message} ${message.hint ?? ""}`));
        else if (message.type === "stats") host.#add(message.stats);
        else if (message.type === "log") host.logs.push(`${message.level} ${message.text}`);
      });
      child.once("exit", (code) => failed(new Error(`ended with ${code}: ${host.logs.join("\n")}`)));
    });
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/api`;
  }

  /** Null while it runs, and after a kill. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.send({ type: "stop" } satisfies ToChild);
      await this.#ended;
    }
  }

  #add({ counters, latenciesMs = {} }: ProcessStats): void {
    Object.assign(this.counters, counters);
    for (const [name, samples] of Object.entries(latenciesMs)) {
      this.latenciesMs[name] = [...(this.latenciesMs[name] ?? []), ...samples];
    }
  }
}

const keys = [{ name: "RootManageSharedAccessKey", key: "c2VjcmV0" }];

function openEventHubs(folder: string, before?: EventHubsServer): Promise<EventHubsServer> {
  return startEventHubs({
    dataDir: join(folder, "event-hubs"),
    clock: wallClock(),
    hubs: hubsOfTopology(),
    keys,
    ...(before !== undefined && {
      port: before.port,
      internalPort: before.internalPort,
      internalToken: before.internalToken,
    }),
  });
}

function openCosmos(folder: string, port: number): Promise<CosmosServer> {
  return startCosmos({ dataDir: join(folder, "cosmos"), databases: topologyDatabases(), port });
}

/** Broker, database and app of a test, with data folders of their own. */
export class LocalServices {
  readonly folder: string;
  eventHubs: EventHubsServer;
  cosmos: CosmosServer;
  readonly appFolder: string;
  readonly log: PlatformLogClient;
  readonly database: Database;
  readonly #client: CosmosClient;
  readonly #producers = new Map<string, EventHubProducerClient>();
  readonly #hosts: HostProcess[] = [];

  private constructor(folder: string, appFolder: string, eventHubs: EventHubsServer, cosmos: CosmosServer) {
    this.folder = folder;
    this.eventHubs = eventHubs;
    this.cosmos = cosmos;
    this.appFolder = appFolder;
    this.log = connectLog({ port: eventHubs.internalPort, token: eventHubs.internalToken });
    this.#client = new CosmosClient(cosmos.connectionString);
    this.database = this.#client.database(topology.cosmos.database);
  }

  static async start(): Promise<LocalServices> {
    const folder = mkdtempSync(join(tmpdir(), "local-services-"));
    const appFolder = buildApp(join(folder, "app"));
    const eventHubs = await openEventHubs(folder);
    const cosmos = await openCosmos(folder, 0);
    return new LocalServices(folder, appFolder, eventHubs, cosmos);
  }

  /** Takes the database away; the result brings it back on its port. */
  async stopCosmos(): Promise<() => Promise<void>> {
    const { port } = this.cosmos;
    await this.cosmos.close();
    return async () => {
      this.cosmos = await openCosmos(this.folder, port);
    };
  }

  /** Takes the broker away; the result brings it back on its ports. */
  async stopEventHubs(): Promise<() => Promise<void>> {
    const before = this.eventHubs;
    await before.close();
    return async () => {
      this.eventHubs = await openEventHubs(this.folder, before);
    };
  }

  get settings(): Record<string, string> {
    return { EventHubs: this.eventHubs.connectionString, Cosmos: this.cosmos.connectionString };
  }

  /** Starts the host over the same data folder each time. */
  async startHost(changes: Partial<FunctionsHostConfig> = {}): Promise<HostProcess> {
    const host = await HostProcess.start({
      appFolder: this.appFolder,
      dataFolder: join(this.folder, "functions-host"),
      port: 0,
      settings: this.settings,
      reader: { kind: "log", port: this.eventHubs.internalPort, token: this.eventHubs.internalToken },
      ...changes,
    });
    this.#hosts.push(host);
    return host;
  }

  /** Sends through the service's SDK, as a device's gateway would. */
  async send(partitionKey: string, events: readonly EventData[], hub = "telemetry"): Promise<void> {
    let producer = this.#producers.get(hub);
    if (producer === undefined) {
      producer = new EventHubProducerClient(this.eventHubs.connectionString, hub);
      this.#producers.set(hub, producer);
    }
    await producer.sendBatch([...events], { partitionKey });
  }

  /** Every document of a container. */
  async documents<T>(container: string): Promise<T[]> {
    return (await this.database.container(container).items.readAll<T & { id: string }>().fetchAll())
      .resources;
  }

  /** Every event of a hub, by partition. */
  async events(
    hub: string,
  ): Promise<{ messageId: string | null; partitionKey: string | null; text: string }[]> {
    const events = [];
    const partitions = await this.log.partitionCount(hub);
    for (let partition = 0; partition < partitions; partition++) {
      const { records } = await this.log.read({
        hub,
        partition,
        fromSequence: 0n,
        maxRecords: 100_000,
        waitMs: 0,
      });
      for (const { messageId, partitionKey, body } of records) {
        events.push({ messageId, partitionKey, text: Buffer.from(body).toString() });
      }
    }
    return events;
  }

  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
    await Promise.all([...this.#producers.values()].map((producer) => producer.close()));
    await this.log.close();
    this.#client.dispose();
    await this.cosmos.close();
    await this.eventHubs.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
