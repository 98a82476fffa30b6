import { topology } from "../../contracts";
import type { CosmosDatabaseSpec } from "./server";

/** The database and containers of the topology, as the server takes them. */
export function topologyDatabases(): CosmosDatabaseSpec[] {
  const { database, containers } = topology.cosmos;
  return [
    {
      id: database,
      containers: containers.map(({ name, partitionKey, defaultTtlSeconds }) => ({
        id: name,
        partitionKey,
        ...(defaultTtlSeconds !== undefined && { defaultTtlSeconds }),
      })),
    },
  ];
}
