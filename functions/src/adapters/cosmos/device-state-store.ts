import type { Database, OperationInput } from "@azure/cosmos";
import type { DeviceState, DeviceStateStore, StoredState } from "../../domain/device-state";
import { runBulk } from "./bulk";

const lostRace: ReadonlySet<number> = new Set([404, 409, 412]);

/** Keeps device states in the container `device-state`. */
export function cosmosDeviceStateStore(database: Database): DeviceStateStore {
  const container = database.container("device-state");
  return {
    async read(deviceIds) {
      const responses = await runBulk(
        container,
        deviceIds.map((id) => ({ operationType: "Read", id, partitionKey: id })),
      );
      const found = new Map<string, StoredState>();
      for (const [index, response] of responses.entries()) {
        const id = deviceIds[index] as string;
        if (response.statusCode === 404) continue;
        if (response.statusCode >= 400) {
          throw new Error(
            `Cosmos DB refused to read the state of "${id}" with status ${response.statusCode}`,
          );
        }
        const state = response.resourceBody as unknown as DeviceState & { readonly _etag: string };
        found.set(id, { state, etag: response.eTag ?? state._etag });
      }
      return found;
    },

    async write(writes) {
      const responses = await runBulk(
        container,
        writes.map(({ state, etag }): OperationInput => {
          const body = state as unknown as Record<string, never>;
          const place = { partitionKey: state.deviceId, resourceBody: body };
          return etag === undefined
            ? { operationType: "Create", ...place }
            : { operationType: "Replace", id: state.id, ifMatch: etag, ...place };
        }),
      );
      return responses.map((response, index) => {
        if (response.statusCode < 400) return response.eTag;
        if (lostRace.has(response.statusCode)) return undefined;
        throw new Error(
          `Cosmos DB refused the state of "${writes[index]?.state.id}" with status ${response.statusCode}`,
        );
      });
    },
  };
}
