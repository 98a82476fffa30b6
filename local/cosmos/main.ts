import { runChild } from "../process/child";
import { type CosmosOptions, startCosmos } from "./server";
import { topologyDatabases } from "./topology-databases";

/** What the supervisor hands over; the topology's containers are made unless it names others. */
type CosmosConfig = Pick<CosmosOptions, "dataDir" | "port" | "key" | "databases">;

runChild<CosmosConfig>(async ({ config }) => {
  const server = await startCosmos({ ...config, databases: config.databases ?? topologyDatabases() });
  const { port, endpoint, connectionString } = server;
  return {
    endpoints: { port, endpoint, connectionString },
    stats: () => ({ counters: server.stats() }),
    async call(verb) {
      if (verb !== "compact") throw new Error(`no verb "${verb}"`);
      await server.compact();
    },
    close: () => server.close(),
  };
});
