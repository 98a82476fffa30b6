import { createHash } from "node:crypto";
import { CosmosError, errors } from "../cosmos-error";
import { type ObjectValue, type PreparedQuery, prepareQuery, SqlError, type Value } from "../sql";
import { candidateItems, type KeySelection } from "../store/candidates";
import type { Container } from "../store/container";
import type { StoredItem } from "../store/item";
import { charges } from "./charges";
import { type CosmosReply, type CosmosRequest, flagOf, headerOf, jsonBody, maxItemsOf } from "./exchange";
import { keySelectionOf } from "./key-selection";

/** A page ends when it is this large, whatever number of rows was asked for. */
const maxPageBytes = 4 * 1024 * 1024;
const maxPreparedQueries = 500;
const maxCursors = 32;

interface Page {
  readonly texts: string[];
  readonly continuation: string | undefined;
}

/** Answers queries; keeps prepared queries by text and the rest of sorted results between their pages. */
export class QueryHandler {
  readonly #prepared = new Map<string, PreparedQuery>();
  readonly #cursors = new Map<string, readonly Value[]>();
  #nextCursor = 1;

  /** `POST docs` with a query. @throws CosmosError 400 */
  query(request: CosmosRequest, container: Container): CosmosReply {
    const { text, parameters } = readQuery(request);
    return asBadRequest(() => {
      const prepared = this.#prepare(text);
      const selection = keySelectionOf(request, container);
      this.#checkCrossPartition(request, container, selection, prepared);
      const signature = createHash("sha1").update(request.body).digest("base64url").slice(0, 12);
      const page = prepared.streaming
        ? this.#streamPage(request, container, selection, prepared, parameters, signature)
        : this.#cursorPage(request, container, selection, prepared, parameters, signature);
      return pageReply(container, page);
    });
  }

  /** The plan of a query: the one partition can answer every query as it stands. @throws CosmosError 400 */
  plan(request: CosmosRequest): CosmosReply {
    const { text } = readQuery(request);
    asBadRequest(() => this.#prepare(text));
    const body = {
      partitionedQueryExecutionInfoVersion: 2,
      queryInfo: {
        distinctType: "None",
        top: null,
        offset: null,
        limit: null,
        orderBy: [],
        orderByExpressions: [],
        groupByExpressions: [],
        groupByAliases: [],
        aggregates: [],
        groupByAliasToAggregateType: {},
        rewrittenQuery: "",
        hasSelectValue: false,
        hasNonStreamingOrderBy: false,
        dCountInfo: null,
      },
      queryRanges: [{ min: "", max: "FF", isMinInclusive: true, isMaxInclusive: false }],
    };
    return { status: 200, body: JSON.stringify(body), charge: 1 };
  }

  /** `GET docs`: every item, page by page. */
  readAll(request: CosmosRequest, container: Container): CosmosReply {
    const selection = keySelectionOf(request, container);
    return pageReply(
      container,
      this.#streamPage(request, container, selection, this.#prepare("SELECT * FROM c"), {}, "all"),
    );
  }

  #prepare(text: string): PreparedQuery {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const prepared = prepareQuery(text);
    if (this.#prepared.size >= maxPreparedQueries) this.#prepared.clear();
    this.#prepared.set(text, prepared);
    return prepared;
  }

  #checkCrossPartition(
    request: CosmosRequest,
    container: Container,
    selection: KeySelection,
    prepared: PreparedQuery,
  ): void {
    if (selection.parts !== undefined || flagOf(request, "x-ms-documentdb-query-enablecrosspartition"))
      return;
    if (headerOf(request, "x-ms-documentdb-partitionkeyrangeid") !== undefined) return;
    const wanted = container.settings.partitionKey.paths;
    const pinned = wanted.every((path) =>
      prepared.filters.some(
        ({ operator, path: steps }) => operator === "=" && `/${steps.join("/")}` === path,
      ),
    );
    if (!pinned) throw errors.crossPartitionDisabled();
  }

  /** Goes on at an item, so that writes between pages neither repeat nor hide other items. */
  #streamPage(
    request: CosmosRequest,
    container: Container,
    selection: KeySelection,
    prepared: PreparedQuery,
    parameters: ObjectValue,
    signature: string,
  ): Page {
    const maxItems = maxItemsOf(request);
    const [ordinal, skip] = readContinuation(request, "item", signature);
    const texts: string[] = [];
    let bytes = 0;
    for (const item of candidateItems(container, selection, prepared.filters, parameters)) {
      if (item.ordinal < ordinal) continue;
      const rows = prepared.rowsOf(item.body, parameters);
      for (let at = item.ordinal === ordinal ? skip : 0; at < rows.length; at++) {
        if (texts.length >= maxItems || bytes >= maxPageBytes) {
          return { texts, continuation: `item.${item.ordinal}.${at}.${signature}` };
        }
        const text = rows[at] === item.body ? item.text : JSON.stringify(rows[at]);
        texts.push(text);
        bytes += text.length;
      }
    }
    return { texts, continuation: undefined };
  }

  #cursorPage(
    request: CosmosRequest,
    container: Container,
    selection: KeySelection,
    prepared: PreparedQuery,
    parameters: ObjectValue,
    signature: string,
  ): Page {
    const maxItems = maxItemsOf(request);
    const [start, cursor] = readContinuation(request, "rows", signature);
    const name = `${cursor}.${signature}`;
    const rows =
      this.#cursors.get(name) ??
      prepared.run(bodiesOf(candidateItems(container, selection, prepared.filters, parameters)), parameters);
    this.#cursors.delete(name);
    const texts: string[] = [];
    let bytes = 0;
    let at = start;
    for (; at < rows.length && texts.length < maxItems && bytes < maxPageBytes; at++) {
      const text = JSON.stringify(rows[at]);
      texts.push(text);
      bytes += text.length;
    }
    if (at >= rows.length) return { texts, continuation: undefined };
    return { texts, continuation: `rows.${at}.${this.#keepCursor(rows, signature)}.${signature}` };
  }

  /** Keeps sorted rows for the next page; a cursor that was pushed out is made again from the query. */
  #keepCursor(rows: readonly Value[], signature: string): number {
    const cursor = this.#nextCursor++;
    this.#cursors.set(`${cursor}.${signature}`, rows);
    const [oldest] = this.#cursors.keys();
    if (this.#cursors.size > maxCursors && oldest !== undefined) this.#cursors.delete(oldest);
    return cursor;
  }
}

function* bodiesOf(items: Iterable<StoredItem>): Generator<ObjectValue> {
  for (const { body } of items) yield body;
}

function readQuery(request: CosmosRequest): { text: string; parameters: ObjectValue } {
  const { query, parameters = [] } = (jsonBody(request) ?? {}) as { query?: unknown; parameters?: unknown };
  if (typeof query !== "string") throw errors.invalidInput("query");
  if (!Array.isArray(parameters)) throw errors.badRequest("The query's parameters must be a list.");
  const values: Record<string, Value> = {};
  for (const { name, value } of parameters as { name?: unknown; value?: Value }[]) {
    if (typeof name !== "string") throw errors.badRequest("A query parameter needs a name.");
    values[name] = value;
  }
  return { text: query, parameters: values };
}

/** Position of the page that is asked for: two numbers whose meaning depends on the kind of page. */
function readContinuation(
  request: CosmosRequest,
  kind: "item" | "rows",
  signature: string,
): [number, number] {
  const text = headerOf(request, "x-ms-continuation");
  if (text === undefined || text === "") return [0, 0];
  const [givenKind, first, second, givenSignature] = text.split(".");
  const numbers: [number, number] = [Number(first), Number(second)];
  if (givenKind !== kind || givenSignature !== signature || !numbers.every(Number.isSafeInteger)) {
    throw errors.badRequest("Invalid continuation token: it belongs to another query or is damaged.");
  }
  return numbers;
}

function pageReply(container: Container, { texts, continuation }: Page): CosmosReply {
  const body = `{"_rid":"${container.place.rid}","Documents":[${texts.join(",")}],"_count":${texts.length}}`;
  return {
    status: 200,
    body,
    charge: charges.query(texts.length, body.length),
    headers: {
      "x-ms-item-count": String(texts.length),
      ...(continuation !== undefined && { "x-ms-continuation": continuation }),
    },
  };
}

function asBadRequest<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof SqlError) throw new CosmosError(400, "BadRequest", error.describe());
    throw error;
  }
}
