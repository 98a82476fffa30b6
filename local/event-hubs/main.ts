import { runChild } from "../process/child";
import {
  type AccessKey,
  type EventHubsOptions,
  type HubOptions,
  hubsOfTopology,
  startEventHubs,
} from "./index";

/** Configuration of the Event Hubs process. */
export interface EventHubsConfig {
  readonly dataDir: string;
  /** @default 0 (a free port) */
  readonly port?: number;
  /** @default 0 (a free port) */
  readonly internalPort?: number;
  /** @default a random token, in the endpoints */
  readonly internalToken?: string;
  /** @default the topology's hubs in their local size */
  readonly hubs?: readonly HubOptions[];
  readonly keys?: readonly AccessKey[];
  readonly segmentBytes?: number;
  readonly cacheBytes?: number;
}

runChild<EventHubsConfig>(async ({ config, clock, log }) => {
  const options: EventHubsOptions = { ...config, clock, log, hubs: config.hubs ?? hubsOfTopology() };
  const server = await startEventHubs(options);
  return {
    endpoints: {
      port: server.port,
      connectionString: server.connectionString,
      internalPort: server.internalPort,
      internalToken: server.internalToken,
    },
    stats: () => server.stats(),
    async call(verb) {
      if (verb === "lastEnqueuedMs") return server.lastEnqueuedMs();
      if (verb === "retain") return server.retain();
      throw new Error(`no verb "${verb}"`);
    },
    close: () => server.close(),
  };
});
