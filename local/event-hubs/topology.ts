import { type Stage, topology } from "../../contracts";
import type { HubOptions } from "./broker";

/** Name by which Capture holds a hub's log back from retention. */
export const captureHolder = "capture";

/** The hubs of contracts/topology.json as the server takes them; captured hubs wait for Capture before they forget. */
export function hubsOfTopology(stage: Stage = "local"): HubOptions[] {
  return topology.eventHubs.hubs.map((hub) => ({
    name: hub.name,
    partitions: hub.partitions[stage],
    retentionHours: hub.retentionHours[stage],
    consumerGroups: hub.consumerGroups.map((group) => group.name),
    ...(hub.capture !== undefined && { retentionHolders: [captureHolder] }),
  }));
}
