import { type Stage, topology } from "../../contracts";
import type { CapturedHub } from "./capture";

/** A file is built in memory here; the service's limit would fill it. More files say the same as one. */
const localSizeLimitBytes = 16 * 1024 * 1024;

/** The hubs of contracts/topology.json that are captured. */
export function capturedHubs(stage: Stage = "local"): CapturedHub[] {
  return topology.eventHubs.hubs.flatMap((hub) =>
    hub.capture === undefined
      ? []
      : [
          {
            name: hub.name,
            partitions: hub.partitions[stage],
            container: hub.capture.container,
            intervalSeconds: hub.capture.intervalSeconds,
            sizeLimitBytes: Math.min(hub.capture.sizeLimitBytes, localSizeLimitBytes),
          },
        ],
  );
}
