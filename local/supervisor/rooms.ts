import { join } from "node:path";
import { certificateFileName } from "../iot-hub";
import { storageAccountKey } from "../storage";
import type { PlatformSettings } from "./settings";

/** One process of ours: its module and what it is told at each start. */
export interface Room {
  readonly name: RoomName;
  readonly module: string;
  readonly config: unknown;
  /** What the system gives less of the processor to, above 0, when others want it too. */
  readonly niceness: number;
  /** Started before the rooms that need it; rooms of one rank start together. */
  readonly rank: number;
}

export const roomNames = [
  "event-hubs",
  "cosmos",
  "iot-hub",
  "capture",
  "functions",
  "stream-analytics",
  "batch",
  "simulator",
] as const;

export type RoomName = (typeof roomNames)[number];

/** Jobs of a run that is not told which ones to start. */
const defaultStreamJobs = ["factory-aggregates/v1"];

/** The batch layer and its way to the lake run beside the speed layer and must not slow it down. */
const patientNiceness = 5;

const compiled = join(__dirname, "..");

/** The processes of the platform and their configuration. */
export function roomsOf(settings: PlatformSettings): Room[] {
  const { data, ports, secrets, repositoryDir } = settings;
  const log = { port: ports.eventHubsInternal, token: secrets.internalToken };
  const cosmos = { endpoint: `http://127.0.0.1:${ports.cosmos}/`, key: secrets.cosmosKey };
  const room = (name: RoomName, rank: number, folder: string, config: unknown, niceness = 0): Room => ({
    name,
    rank,
    module: join(compiled, folder, "main.js"),
    config,
    niceness,
  });
  return [
    room("event-hubs", 0, "event-hubs", {
      dataDir: data.room("event-hubs"),
      port: ports.eventHubs,
      internalPort: ports.eventHubsInternal,
      internalToken: secrets.internalToken,
      keys: [{ name: "RootManageSharedAccessKey", key: secrets.eventHubsKey }],
    }),
    room("cosmos", 0, "cosmos", { dataDir: data.room("cosmos"), port: ports.cosmos, key: secrets.cosmosKey }),
    room("iot-hub", 1, "iot-hub", {
      folder: data.room("iot-hub"),
      port: ports.iotHub,
      eventHubs: log,
      groupKey: secrets.deviceGroupKey,
      serviceKey: secrets.iotServiceKey,
      devices: settings.devices,
    }),
    room(
      "capture",
      1,
      "capture",
      { dataDir: data.room("capture"), log, blobConnectionString: settings.blobConnectionString },
      patientNiceness,
    ),
    room("functions", 1, "functions-host", {
      appFolder: join(repositoryDir, "functions"),
      dataFolder: data.room("functions"),
      port: ports.functions,
      reader: { kind: "log", ...log },
      settings: {
        FUNCTIONS_WORKER_RUNTIME: "node",
        EventHubs: settings.eventHubsConnectionString,
        Cosmos: `AccountEndpoint=${cosmos.endpoint};AccountKey=${cosmos.key};`,
        AzureWebJobsStorage: settings.blobConnectionString,
      },
    }),
    room("stream-analytics", 1, "stream-analytics", {
      repositoryDir,
      dataDir: data.room("stream-analytics"),
      log,
      cosmos,
      jobs: defaultStreamJobs,
      workers: settings.jobThreads,
    }),
    room(
      "batch",
      2,
      "batch",
      {
        storageEndpoint: `127.0.0.1:${ports.blob}`,
        storageKey: storageAccountKey,
        cosmosEndpoint: cosmos.endpoint,
        cosmosKey: cosmos.key,
      },
      patientNiceness,
    ),
    room("simulator", 3, "simulator", {
      eventHubsConnectionString: settings.eventHubsConnectionString,
      hub: "telemetry",
      log,
      iotHub: {
        hostName: `localhost:${ports.iotHub}`,
        caFile: join(data.room("iot-hub"), certificateFileName),
        groupKey: secrets.deviceGroupKey,
      },
      ...settings.sender,
    }),
  ];
}
