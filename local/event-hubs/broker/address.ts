import { EventHubsError } from "../errors";

/** What a link's address names. */
export type Address =
  | { readonly kind: "cbs" }
  | { readonly kind: "management"; readonly hub: string | undefined }
  | { readonly kind: "hub"; readonly hub: string; readonly partition: number | undefined }
  | { readonly kind: "reader"; readonly hub: string; readonly group: string; readonly partition: number };

/** Path of an address without scheme, host and slashes at its ends. */
export function addressPath(address: string): string {
  return address.replace(/^amqps?:\/\/[^/]*|^sb:\/\/[^/]*/i, "").replace(/^\/+|\/+$/g, "");
}

/** The service's words for an address that leads nowhere. */
export function entityNotFound(hostName: string, path: string): EventHubsError {
  return new EventHubsError(
    "amqp:not-found",
    `The messaging entity 'sb://${hostName}/${path}' could not be found. To know more visit https://aka.ms/sbResourceMgrExceptions.`,
  );
}

function partitionNumber(text: string): number {
  return /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
}

/** Reads an address; undefined when it has no form that the service knows. */
export function readAddress(address: string): Address | undefined {
  const parts = addressPath(address).split("/");
  const [first = "", second = "", third = "", fourth = "", fifth = ""] = parts;
  if (parts.length === 1) {
    if (first === "$cbs") return { kind: "cbs" };
    if (first === "$management") return { kind: "management", hub: undefined };
    return first === "" ? undefined : { kind: "hub", hub: first, partition: undefined };
  }
  if (parts.length === 2 && second === "$management") return { kind: "management", hub: first };
  if (parts.length === 3 && second.toLowerCase() === "partitions") {
    return { kind: "hub", hub: first, partition: partitionNumber(third) };
  }
  if (
    parts.length === 5 &&
    second.toLowerCase() === "consumergroups" &&
    fourth.toLowerCase() === "partitions"
  ) {
    return { kind: "reader", hub: first, group: third, partition: partitionNumber(fifth) };
  }
  return undefined;
}
