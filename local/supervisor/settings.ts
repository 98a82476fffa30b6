import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { emulatorKey } from "../cosmos";
import { storageConnectionString } from "../storage";
import type { DataFolder } from "./data-folder";
import type { ServerPort } from "./ports";

/** What the sender sends and how; its `source` is the simulator's own configuration. */
export interface SenderSettings {
  readonly source: unknown;
  /** sent.ndjson; null counts only. */
  readonly ledgerPath: string | null;
  readonly unattended: boolean;
}

/** Everything that the processes of one platform are told, resolved. */
export interface PlatformSettings {
  readonly repositoryDir: string;
  readonly data: DataFolder;
  readonly ports: Readonly<Record<ServerPort, number>>;
  readonly secrets: {
    readonly internalToken: string;
    readonly cosmosKey: string;
    readonly eventHubsKey: string;
    readonly deviceGroupKey: string;
    readonly iotServiceKey: string;
  };
  readonly eventHubsConnectionString: string;
  readonly blobConnectionString: string;
  /** Ids of the devices that the IoT hub knows. */
  readonly devices: readonly string[];
  readonly sender: SenderSettings;
  /** Worker threads of each stream job whose partitions can run on their own; 0: none. */
  readonly jobThreads: number;
}

/** Finds the repository's folder from the compiled or source file that runs. */
export function findRepository(from = __dirname): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "stream-jobs")) && existsSync(join(folder, "package-lock.json")))
      return folder;
    if (dirname(folder) === folder) throw new Error(`no repository above ${from}`);
  }
}

export function resolveSettings(
  data: DataFolder,
  ports: Readonly<Record<ServerPort, number>>,
  devices: readonly string[],
  sender: SenderSettings,
  jobThreads: number,
): PlatformSettings {
  const eventHubsKey = data.secret("event-hubs-key");
  return {
    repositoryDir: findRepository(),
    data,
    ports,
    secrets: {
      internalToken: data.secret("internal-token"),
      cosmosKey: emulatorKey,
      eventHubsKey,
      deviceGroupKey: data.secret("device-group-key"),
      iotServiceKey: data.secret("iot-service-key"),
    },
    eventHubsConnectionString: `Endpoint=sb://localhost:${ports.eventHubs};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=${eventHubsKey};UseDevelopmentEmulator=true;`,
    blobConnectionString: storageConnectionString(ports.blob),
    devices,
    sender,
    jobThreads,
  };
}
