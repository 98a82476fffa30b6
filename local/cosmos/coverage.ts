import { aggregates, functionGroups } from "./sql";

/** What the server does with a feature of the service; docs/cosmos-coverage.md is generated from this table. */
export interface CoverageEntry {
  readonly area: string;
  readonly feature: string;
  readonly status: "supported" | "differs" | "not supported";
  /** What is different or missing, as a full sentence; absent when there is nothing to say. */
  readonly note?: string;
}

function supported(area: string, ...features: readonly string[]): CoverageEntry[] {
  return features.map((feature) => ({ area, feature, status: "supported" }));
}

function differs(area: string, feature: string, note: string): CoverageEntry {
  return { area, feature, status: "differs", note };
}

function missing(area: string, feature: string, note?: string): CoverageEntry {
  return { area, feature, status: "not supported", ...(note !== undefined && { note }) };
}

/** Features of the API for NoSQL, area by area. */
export const cosmosCoverage: readonly CoverageEntry[] = [
  ...supported(
    "Account",
    "Account properties",
    "Master-key signatures with the service's clock tolerance",
    "Databases: create, read, list, query, delete",
    "Containers: create, read, replace, list, query, delete",
    "Partition key ranges and feed ranges",
    "Session tokens",
  ),
  differs("Account", "Endpoint", "Plain HTTP on 127.0.0.1; the service and its Docker emulator use TLS."),
  differs(
    "Account",
    "Physical partitions",
    "Every container has one, so that one request answers a cross-partition query.",
  ),
  differs("Account", "Consistency", "Every read sees every acknowledged write, whatever level is asked for."),
  missing("Account", "Microsoft Entra ID and resource tokens", "Use the account key."),
  missing(
    "Account",
    "Throughput offers",
    "Listings are empty; a limit for all containers can be set when the server starts.",
  ),
  missing("Account", "Users and permissions"),
  missing("Account", "Several regions and conflict feeds"),
  ...supported(
    "Items",
    "Create, upsert, read, replace, delete",
    "Patch: add, set, replace, remove, incr, move, with condition",
    "If-Match and If-None-Match",
    "Transactional batch",
    "Bulk",
    "Delete by partition key",
    "Time to live of containers and items",
    "Unique keys",
    "Hierarchical partition keys, undefined and null keys",
    "Limits: item 2 MB, id 1,023 bytes, 100 operations of a batch, 10 of a patch",
    "Items after a restart, also after kill -9",
  ),
  differs(
    "Items",
    "Request charge",
    "An estimate from the documented figures; it is not the service's meter.",
  ),
  differs("Items", "429", "Only when a limit is set at the start of the server."),
  missing("Items", "Stored procedures, triggers, user defined functions"),
  missing("Items", "Attachments"),
  missing("Items", "Client-side encryption keys"),
  ...supported(
    "Change feed",
    "Latest version: from the beginning, from now, from a time, from a continuation",
    "Whole container, feed range, partition key, leading levels of a hierarchical key",
    "Transactions are never split over pages",
    "Continuations after a restart",
    "All versions and deletes, for containers with a change feed policy",
  ),
  ...supported(
    "Queries",
    "SELECT, VALUE, DISTINCT, TOP, aliases, object and array expressions",
    "FROM with paths, IN, JOIN, subqueries",
    "WHERE with three-valued logic, BETWEEN, IN, LIKE with ESCAPE, EXISTS, ARRAY()",
    "GROUP BY with aggregates",
    "ORDER BY over several expressions, OFFSET and LIMIT",
    "Operators: arithmetic, bitwise, comparison, ||, ??, ?:",
    "Parameters",
    "Continuation tokens and page sizes",
    "Query plans",
  ),
  differs("Queries", "ORDER BY over several properties", "Needs no composite index; the service does."),
  differs(
    "Queries",
    "Comparison of values of different types with = and !=",
    "Yields false and true, so that c.x != null finds items whose x is a text; only undefined yields undefined.",
  ),
  differs("Queries", "Indexing policy", "Is kept and returned but has no effect on results."),
  differs("Queries", "Composition of ORDER BY with GROUP BY", "Is refused, as in the service."),
  missing("Queries", "Spatial functions (ST_DISTANCE, ST_WITHIN, ...)"),
  missing("Queries", "Full-text and vector search"),
  missing("Queries", "User defined functions"),
  ...Object.entries(functionGroups).flatMap(([group, table]) =>
    supported(`Functions: ${group}`, ...Object.keys(table)),
  ),
  ...supported("Functions: aggregate", ...aggregates.keys()),
];
