import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HostConfigError } from "./host-error";

/** What the local host heeds of host.json. */
export interface HostConfig {
  /** Without slashes; empty for none. */
  readonly routePrefix: string;
  readonly eventHubs: {
    readonly maxEventBatchSize: number;
    /** Where a consumer group without a checkpoint begins. */
    readonly initialOffset: "fromStart" | "fromEnd";
  };
}

interface HostDocument {
  readonly version?: string;
  readonly extensions?: {
    readonly http?: { readonly routePrefix?: string };
    readonly eventHubs?: {
      readonly maxEventBatchSize?: number;
      readonly initialOffsetOptions?: { readonly type?: string };
    };
  };
}

const defaultMaxEventBatchSize = 100;

/** Reads host.json of an app. @throws HostConfigError when it cannot be used. */
export function readHostConfig(folder: string): HostConfig {
  const file = join(folder, "host.json");
  if (!existsSync(file))
    throw new HostConfigError(`${file} is missing`, "every functions app has a host.json");
  let document: HostDocument;
  try {
    document = JSON.parse(readFileSync(file, "utf8")) as HostDocument;
  } catch (error) {
    throw new HostConfigError(`${file} is not JSON: ${(error as Error).message}`, "correct the file");
  }
  if (document.version !== "2.0") {
    throw new HostConfigError(`${file} has version ${document.version ?? "none"}`, 'set "version": "2.0"');
  }
  const eventHubs = document.extensions?.eventHubs ?? {};
  const maxEventBatchSize = eventHubs.maxEventBatchSize ?? defaultMaxEventBatchSize;
  if (!Number.isInteger(maxEventBatchSize) || maxEventBatchSize < 1) {
    throw new HostConfigError(
      `${file}: extensions.eventHubs.maxEventBatchSize is ${maxEventBatchSize}`,
      "give a whole number from 1",
    );
  }
  const initialOffset = eventHubs.initialOffsetOptions?.type ?? "fromStart";
  if (initialOffset !== "fromStart" && initialOffset !== "fromEnd") {
    throw new HostConfigError(
      `${file}: extensions.eventHubs.initialOffsetOptions.type is "${initialOffset}"`,
      "the local host knows fromStart and fromEnd",
    );
  }
  return {
    routePrefix: (document.extensions?.http?.routePrefix ?? "api").replaceAll(/^\/+|\/+$/g, ""),
    eventHubs: { maxEventBatchSize, initialOffset },
  };
}
