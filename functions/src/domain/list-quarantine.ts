import { hubNamed, topology } from "../../../contracts";
import { Problem } from "./problem";
import type { QuarantinedMessage } from "./quarantine";

/** One page of refused messages, newest first. */
export interface QuarantinePage {
  readonly items: readonly QuarantinedMessage[];
  /** Pass it as `continuation` for the next page; null on the last one. */
  readonly continuation: string | null;
}

/** A checked request for a page. */
export interface QuarantineQuery {
  readonly source: string;
  readonly reason: string | undefined;
  readonly replayed: boolean | undefined;
  readonly pageSize: number;
  readonly continuation: string | undefined;
}

export interface QuarantineReader {
  page(query: QuarantineQuery): Promise<QuarantinePage>;
}

const maxPageSize = 200;

/** The one hub whose messages are checked, unless a request names another. */
export const defaultSource = hubNamed("telemetry").name;

/** Reads a page of the quarantine. @throws Problem for a parameter that cannot be used. */
export function listQuarantine(
  reader: QuarantineReader,
): (parameters: ReadonlyMap<string, string> | URLSearchParams) => Promise<QuarantinePage> {
  return async (parameters) => {
    const text = (name: string) => parameters.get(name) ?? undefined;
    const source = sourceOf(text("source"));
    const pageSize = Number(text("pageSize") ?? 50);
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > maxPageSize) {
      throw new Problem("invalid-parameter", `pageSize is not a whole number from 1 to ${maxPageSize}`, {
        parameter: "pageSize",
      });
    }
    const replayed = text("replayed");
    if (replayed !== undefined && replayed !== "true" && replayed !== "false") {
      throw new Problem("invalid-parameter", `replayed is "${replayed}", not true or false`, {
        parameter: "replayed",
      });
    }
    return reader.page({
      source,
      reason: text("reason"),
      replayed: replayed === undefined ? undefined : replayed === "true",
      pageSize,
      continuation: text("continuation"),
    });
  };
}

/** The hub named by a request. @throws Problem when the topology has no such hub. */
export function sourceOf(source: string | undefined): string {
  if (source === undefined) return defaultSource;
  const hubs = topology.eventHubs.hubs.map(({ name }) => name);
  if (!hubs.includes(source)) {
    throw new Problem("invalid-parameter", `no hub is named "${source}"`, {
      parameter: "source",
      allowed: hubs,
    });
  }
  return source;
}
