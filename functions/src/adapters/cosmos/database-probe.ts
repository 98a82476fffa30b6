import type { Database } from "@azure/cosmos";
import type { HealthProbe } from "../../domain/health";

/** Reads a view pointer that need not exist: any answer of the service means that it can be used. */
export function cosmosProbe(database: Database): HealthProbe {
  return {
    name: "cosmos",
    async check() {
      await database.container("view-pointers").item("health", "health").read();
    },
  };
}
