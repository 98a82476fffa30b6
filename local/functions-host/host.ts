import { setMaxListeners } from "node:events";
import type { CheckpointStore } from "@azure/event-hubs";
import type { LogClient } from "../event-hubs/log-api";
import type { ProcessStats } from "../process/child";
import type { Clock } from "../process/clock";
import { DeadLetterFile } from "./dead-letters";
import type { FunctionApp } from "./function-app";
import { HostFigures } from "./function-stats";
import type { HostConfig } from "./host-config";
import { HostConfigError } from "./host-error";
import { type HostLog, Invoker } from "./invoker";
import { OutputWriter } from "./outputs";
import { LogReader } from "./readers/log-reader";
import type { EventReader } from "./readers/reader";
import { SdkReader } from "./readers/sdk-reader";
import { connectionStringOf, resolveBindings, triggerOf } from "./settings";
import { CosmosTrigger } from "./triggers/cosmos-trigger";
import { EventHubTrigger } from "./triggers/event-hub-trigger";
import { HttpTriggers } from "./triggers/http-server";
import { TimerTrigger } from "./triggers/timer-trigger";

/** How Event Hub triggers read: through the platform's log client, or through the service's SDK. */
export type ReaderChoice =
  | { readonly kind: "log"; readonly client: LogClient }
  | { readonly kind: "sdk"; readonly checkpointStore: CheckpointStore };

/** What the Functions host is told at its start. */
export interface FunctionsHostOptions {
  readonly app: FunctionApp;
  readonly config: HostConfig;
  /** App settings, connection strings among them. */
  readonly settings: Readonly<Record<string, string>>;
  /** Checkpoints, timers' states and dead letters are kept here. */
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly reader: ReaderChoice;
  /** Port of the HTTP functions; 0 takes a free one. */
  readonly port: number;
  /** Names this host in leases; the same after a restart. */
  readonly instance: string;
  readonly log: HostLog;
}

/** A running host. */
export interface FunctionsHost {
  readonly port: number;
  /** Figures per function; latency samples are those since the last call. */
  stats(): ProcessStats;
  /** Lets invocations finish, stores positions, runs the app's clean-up and closes. */
  close(): Promise<void>;
}

/**
 * Starts every trigger of an app. At least once: a position is stored only after the handler and its outputs succeeded.
 * @throws LocalError when a setting is missing, a binding is not served, or the port is taken.
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const { app, config, settings, dataFolder, clock, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  // Every partition of every function waits for it.
  setMaxListeners(0, signal);
  const figures = new HostFigures();
  const outputs = new OutputWriter(settings);
  const deadLetters = new DeadLetterFile(dataFolder, log, signal);
  const metadatas = app.functions.map((metadata) => resolveBindings(metadata, settings));
  const reader = openReader(options, metadatas, signal);
  const http = new HttpTriggers({ routePrefix: config.routePrefix, streamUri: app.httpStreamUri, log });

  const onHubs: EventHubTrigger[] = [];
  const loops: (() => Promise<void>)[] = [];
  for (const metadata of metadatas) {
    outputs.check(metadata);
    const invoker = new Invoker(app, metadata, outputs, figures.of(metadata.name), log);
    const { type } = triggerOf(metadata).binding;
    switch (type.toLowerCase()) {
      case "eventhubtrigger":
        onHubs.push(new EventHubTrigger(invoker, deadLetters, signal));
        break;
      case "cosmosdbtrigger": {
        const trigger = new CosmosTrigger(invoker, {
          settings,
          owner: options.instance,
          deadLetters,
          signal,
          log,
        });
        loops.push(() => trigger.run());
        break;
      }
      case "timertrigger": {
        const trigger = new TimerTrigger(invoker, { clock, dataFolder, signal, log });
        loops.push(() => trigger.run());
        break;
      }
      case "httptrigger":
        http.add(invoker);
        break;
      default:
        throw new HostConfigError(
          `${metadata.name}: the local host has no ${type}`,
          "it serves eventHub, cosmosDB, timer and http triggers",
        );
    }
  }

  const port = await http.listen(options.port);
  const starting = onHubs.map((trigger) =>
    reader.start(trigger).catch((error: unknown) => {
      if (!signal.aborted) {
        log("error", `${trigger.functionName} does not read hub ${trigger.hub}`, { error: String(error) });
      }
    }),
  );
  const running = loops.map((run) => run());
  return {
    port,
    stats: () => figures.take(),
    async close() {
      await http.close();
      stopping.abort(new Error("the functions host stops"));
      await Promise.all(starting);
      await Promise.all([reader.close(), ...running]);
      await app.terminate();
      await outputs.close();
    },
  };
}

function openReader(
  { reader, config, settings, dataFolder, log }: FunctionsHostOptions,
  metadatas: FunctionApp["functions"],
  signal: AbortSignal,
): EventReader {
  if (reader.kind === "log") {
    return new LogReader({ client: reader.client, dataFolder, ...config.eventHubs, signal, log });
  }
  return new SdkReader({
    checkpointStore: reader.checkpointStore,
    connectionString(functionName) {
      const metadata = metadatas.find(({ name }) => name === functionName);
      if (metadata === undefined) throw new HostConfigError(`no function is named ${functionName}`, "");
      return connectionStringOf(triggerOf(metadata).binding, settings, functionName);
    },
    ...config.eventHubs,
    signal,
    log,
  });
}
