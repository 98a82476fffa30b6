import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import { ContainerClient } from "@azure/storage-blob";
import { connectLog } from "../event-hubs";
import type { ChildContext, ChildServer } from "../process/child";
import { type ReaderChoice, startFunctionsHost } from "./host";
import { readHostConfig } from "./host-config";
import { HostConfigError } from "./host-error";
import { loadFunctionApp } from "./load-app";
import type { FunctionsHostConfig } from "./main-config";

/** One platform has one host; the name stays over restarts, so that its leases are its own at once. */
const instance = "local";
const checkpointContainer = "checkpoints";

/** Starts the host as a process of the platform. */
export async function startFunctionsHostProcess({
  config,
  clock,
  log,
}: ChildContext<FunctionsHostConfig>): Promise<ChildServer> {
  const { reader, close: closeReader } = openReader(config);
  const app = await loadFunctionApp(config.appFolder, config.settings, (level, category, message) => {
    if (category === "user" || level === "warning" || level === "error" || level === "critical") {
      log(levelOf(level), message);
    }
  });
  const host = await startFunctionsHost({
    app,
    config: readHostConfig(config.appFolder),
    settings: config.settings,
    dataFolder: config.dataFolder,
    clock,
    reader,
    port: config.port,
    instance,
    log,
  });
  return {
    endpoints: { port: host.port },
    stats: () => host.stats(),
    async close() {
      await host.close();
      await closeReader();
    },
  };
}

function openReader(config: FunctionsHostConfig): { reader: ReaderChoice; close(): Promise<void> } {
  if (config.reader.kind === "log") {
    const client = connectLog({ port: config.reader.port, token: config.reader.token });
    return { reader: { kind: "log", client }, close: () => client.close() };
  }
  const storage = config.settings["AzureWebJobsStorage"];
  if (storage === undefined) {
    throw new HostConfigError(
      "AzureWebJobsStorage is not set",
      "the reader sdk keeps its checkpoints there: give a connection string of the blob storage",
    );
  }
  const checkpointStore = new BlobCheckpointStore(new ContainerClient(storage, checkpointContainer));
  return { reader: { kind: "sdk", checkpointStore }, close: async () => {} };
}

function levelOf(level: string): "error" | "warn" | "info" {
  if (level === "error" || level === "critical") return "error";
  return level === "warning" ? "warn" : "info";
}
