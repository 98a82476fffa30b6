import type { Database } from "@azure/cosmos";
import type { AlertStore } from "../../domain/alerts";
import { createMissing, runBulk } from "./bulk";

/** Keeps alerts in the container `alerts`. */
export function cosmosAlertStore(database: Database): AlertStore {
  const container = database.container("alerts");
  return {
    async known(alerts) {
      const responses = await runBulk(
        container,
        alerts.map(({ id, deviceId }) => ({ operationType: "Read", id, partitionKey: deviceId })),
      );
      const known = new Set<string>();
      for (const [index, { statusCode }] of responses.entries()) {
        const { id } = alerts[index] as { readonly id: string };
        if (statusCode < 400) known.add(id);
        else if (statusCode !== 404) {
          throw new Error(`Cosmos DB refused to read alert "${id}" with status ${statusCode}`);
        }
      }
      return known;
    },
    keep: (alerts) =>
      createMissing(
        container,
        alerts.map((alert) => ({ id: alert.id, partitionKey: alert.deviceId, body: alert })),
      ),
  };
}
