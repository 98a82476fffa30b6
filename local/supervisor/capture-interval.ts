import { hubNamed } from "../../contracts";

/** Length of the capture intervals of a hub in event time, as the topology has it. */
export function captureIntervalMs(hub: string): number {
  const { capture } = hubNamed(hub);
  if (capture === undefined) throw new Error(`hub "${hub}" is not captured`);
  return capture.intervalSeconds * 1000;
}
