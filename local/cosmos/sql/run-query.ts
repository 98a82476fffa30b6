import type { Accumulator } from "./aggregates";
import { type CompiledQuery, compileQuery } from "./compile-query";
import type { Environment } from "./environment";
import { parseQuery } from "./parse-query";
import { findPathFilters, type PathFilter, pathOf } from "./path-filter";
import { SqlError } from "./sql-error";
import { canonicalText, compareOrdered, isArray, type ObjectValue, type Value } from "./value";

/** A query ready to run over the items of a container, any number of times. */
export interface PreparedQuery {
  /** Conditions that an index may use to hand over fewer items. */
  readonly filters: readonly PathFilter[];
  /** Property paths of ORDER BY when every one is a path of the item; empty otherwise. */
  readonly orderPaths: readonly { readonly path: readonly string[]; readonly descending: boolean }[];
  /** True when rows come item by item, so that a page can stop and go on at any item. */
  readonly streaming: boolean;
  /** Rows that one item yields, in order; only for streaming queries. */
  rowsOf(item: ObjectValue, parameters: ObjectValue): Value[];
  /** All rows over the items. */
  run(items: Iterable<ObjectValue>, parameters: ObjectValue): Value[];
}

/** Parses and compiles a query. @throws SqlError */
export function prepareQuery(text: string): PreparedQuery {
  const query = parseQuery(text);
  const compiled = compileQuery(query, runSubquery);
  const [source] = query.sources;
  const direct = source !== undefined && !source.iterate && source.collection.kind === "name";
  const alias = direct ? source.alias : "";
  const orderPaths = query.orderBy.map(({ expression, descending }) => ({
    path: pathOf(expression, alias),
    descending,
  }));
  return {
    filters: direct ? findPathFilters(query.where, alias) : [],
    orderPaths:
      direct && orderPaths.every(({ path }) => path !== undefined && path.length > 0)
        ? (orderPaths as PreparedQuery["orderPaths"])
        : [],
    streaming:
      query.sources.length > 0 &&
      !query.distinct &&
      query.top === undefined &&
      query.groupBy.length === 0 &&
      query.orderBy.length === 0 &&
      query.limit === undefined &&
      compiled.aggregates.length === 0,
    rowsOf(item, parameters) {
      const rows: Value[] = [];
      const environment = newEnvironment(parameters);
      bindItem(compiled, environment, item);
      visitRows(compiled, environment, 0, () => {
        const row = compiled.project(environment);
        if (row !== undefined) rows.push(row);
        return true;
      });
      return rows;
    },
    run: (items, parameters) =>
      runOver(compiled, newEnvironment(parameters), items, Number.POSITIVE_INFINITY),
  };
}

function newEnvironment(parameters: ObjectValue): Environment {
  return { slots: [], parameters, aggregates: [] };
}

function bindItem(query: CompiledQuery, environment: Environment, item: ObjectValue): void {
  if (query.rootSlot !== undefined) environment.slots[query.rootSlot] = item;
}

/** Binds the sources one after the other and visits each row that WHERE keeps; false from `visit` ends it. */
function visitRows(
  query: CompiledQuery,
  environment: Environment,
  index: number,
  visit: () => boolean,
): boolean {
  const source = query.sources[index];
  if (source === undefined) {
    return query.where !== undefined && query.where(environment) !== true ? true : visit();
  }
  const value = source.collection(environment);
  if (value === undefined) return true;
  if (!source.iterate) {
    environment.slots[source.slot] = value;
    return visitRows(query, environment, index + 1, visit);
  }
  if (!isArray(value)) return true;
  for (const item of value) {
    environment.slots[source.slot] = item;
    if (!visitRows(query, environment, index + 1, visit)) return false;
  }
  return true;
}

function runSubquery(query: CompiledQuery, environment: Environment, maxRows: number): readonly Value[] {
  const { aggregates } = environment;
  try {
    return runOver(query, environment, [undefined], maxRows);
  } finally {
    environment.aggregates = aggregates;
  }
}

function runOver(
  query: CompiledQuery,
  environment: Environment,
  items: Iterable<ObjectValue | undefined>,
  maxRows: number,
): Value[] {
  const top = countOf(query.top, environment, "TOP");
  const skip = countOf(query.offset, environment, "OFFSET") ?? 0;
  const take = Math.min(countOf(query.limit, environment, "LIMIT") ?? maxRows, top ?? maxRows, maxRows);
  const visitAll = (visit: () => boolean) => {
    for (const item of query.sources.length === 0 ? [undefined] : items) {
      if (item !== undefined) bindItem(query, environment, item);
      if (!visitRows(query, environment, 0, visit)) return;
    }
  };
  if (query.groupBy.length > 0 || query.aggregates.length > 0) {
    return finish(groupedRows(query, environment, visitAll), query.distinct, skip, take);
  }
  if (query.orderBy.length > 0) {
    return finish(orderedRows(query, environment, visitAll), query.distinct, skip, take);
  }
  const rows: Value[] = [];
  const seen = new Set<string>();
  visitAll(() => {
    if (rows.length >= skip + take) return false;
    const row = query.project(environment);
    if (row === undefined) return true;
    if (query.distinct) {
      const key = canonicalText(row);
      if (seen.has(key)) return true;
      seen.add(key);
    }
    rows.push(row);
    return rows.length < skip + take;
  });
  return skip > 0 ? rows.slice(skip) : rows;
}

function countOf(
  evaluate: CompiledQuery["top"],
  environment: Environment,
  clause: string,
): number | undefined {
  if (evaluate === undefined) return undefined;
  const value = evaluate(environment);
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new SqlError("SC2062", `The value of the ${clause} clause must be a non-negative integer.`, 0, 0);
  }
  return value;
}

function finish(rows: readonly Value[], distinct: boolean, skip: number, take: number): Value[] {
  const defined = rows.filter((row) => row !== undefined);
  if (!distinct) return defined.slice(skip, skip + take);
  const seen = new Set<string>();
  const unique = defined.filter((row) => {
    const key = canonicalText(row);
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
  return unique.slice(skip, skip + take);
}

function orderedRows(
  query: CompiledQuery,
  environment: Environment,
  visitAll: (visit: () => boolean) => void,
): Value[] {
  const rows: { keys: Value[]; row: Value; index: number }[] = [];
  visitAll(() => {
    const keys = query.orderBy.map(({ evaluate }) => evaluate(environment));
    rows.push({ keys, row: query.project(environment), index: rows.length });
    return true;
  });
  rows.sort((left, right) => {
    for (const [at, { descending }] of query.orderBy.entries()) {
      const order = compareOrdered(left.keys[at], right.keys[at]);
      if (order !== 0) return descending ? -order : order;
    }
    return left.index - right.index;
  });
  return rows.map(({ row }) => row);
}

function groupedRows(
  query: CompiledQuery,
  environment: Environment,
  visitAll: (visit: () => boolean) => void,
): Value[] {
  interface Group {
    readonly slots: Value[];
    readonly accumulators: readonly Accumulator[];
  }
  const groups = new Map<string, Group>();
  const open = (): Group => ({
    slots: environment.slots.slice(),
    accumulators: query.aggregates.map(({ create }) => create()),
  });
  if (query.groupBy.length === 0) groups.set("", open());
  visitAll(() => {
    const key = query.groupBy.map((evaluate) => canonicalText(evaluate(environment))).join("\u0000");
    let group = groups.get(key);
    if (group === undefined) {
      group = open();
      groups.set(key, group);
    }
    for (const [index, { argument }] of query.aggregates.entries()) {
      group.accumulators[index]?.add(argument(environment));
    }
    return true;
  });
  const { slots } = environment;
  const rows = [...groups.values()].map((group) => {
    environment.slots = group.slots;
    environment.aggregates = group.accumulators.map((accumulator) => accumulator.result());
    return query.project(environment);
  });
  environment.slots = slots;
  return rows;
}
