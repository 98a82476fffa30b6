import type { RetryOptions } from "@azure/functions";
import { type FunctionBinding, topology } from "../../../contracts";

/** Names of the app settings that hold the connections; `__fullyQualifiedNamespace` or `__accountEndpoint` may follow. */
export const connections = { eventHubs: "EventHubs", cosmos: "Cosmos" } as const;

/**
 * For triggers that read a log: an outage of a service behind the function must not lose an event, so a failed batch is
 * repeated until it succeeds. The handlers never fail over what an event says.
 */
export const untilItSucceeds: RetryOptions = {
  strategy: "exponentialBackoff",
  maxRetryCount: -1,
  minimumInterval: 1_000,
  maximumInterval: 15_000,
};

/** The topology's entry of a function. @throws RangeError when there is none of that name and trigger. */
export function functionNamed(name: string, trigger: FunctionBinding["trigger"]): FunctionBinding {
  const entry = topology.functions.find((candidate) => candidate.name === name);
  if (entry?.trigger !== trigger) {
    throw new RangeError(`contracts/topology.json has no ${trigger} function "${name}"`);
  }
  return entry;
}

/** A part of a topology entry that its kind of trigger has to have. @throws RangeError when it is absent. */
export function required(
  entry: FunctionBinding,
  part: "hub" | "consumerGroup" | "container" | "leases" | "route" | "schedule",
): string {
  const value = entry[part];
  if (value === undefined)
    throw new RangeError(`function "${entry.name}" has no ${part} in contracts/topology.json`);
  return value;
}
