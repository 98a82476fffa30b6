import { errors } from "../cosmos-error";
import { type FeedRequest, readAllVersions, readLatestVersions } from "../store/change-feed";
import type { Container } from "../store/container";
import { charges } from "./charges";
import { type CosmosReply, type CosmosRequest, headerOf, maxItemsOf } from "./exchange";
import { keySelectionOf, selectionTest } from "./key-selection";

/**
 * `GET docs` with `A-IM`: the changes after the sequence number in `If-None-Match`. The answer always carries the
 * number to go on from, also when there is nothing new (304).
 */
export function changeFeed(request: CosmosRequest, container: Container): CosmosReply {
  const mode = headerOf(request, "a-im")?.toLowerCase();
  if (mode !== "incremental feed" && mode !== "full-fidelity feed") {
    throw errors.badRequest(`The value '${mode}' of the header 'A-IM' is invalid.`);
  }
  const feedRequest: FeedRequest = {
    after: startOf(request, container),
    sinceSeconds: sinceOf(request),
    includes: selectionTest(keySelectionOf(request, container)),
    maxItems: maxItemsOf(request),
  };
  const read = mode === "incremental feed" ? readLatestVersions : readAllVersions;
  const { texts, lsn } = read(container, feedRequest);
  const etag = `"${lsn}"`;
  if (texts.length === 0) return { status: 304, charge: 1, headers: { etag, "x-ms-item-count": "0" } };
  const body = `{"_rid":"${container.place.rid}","Documents":[${texts.join(",")}],"_count":${texts.length}}`;
  return {
    status: 200,
    body,
    charge: charges.feed(body.length),
    headers: { etag, "x-ms-item-count": String(texts.length) },
  };
}

function startOf(request: CosmosRequest, container: Container): number {
  const text = headerOf(request, "if-none-match");
  if (text === undefined || text === "") return 0;
  if (text === "*") return container.lsn;
  const lsn = Number(text.replaceAll('"', ""));
  if (!Number.isSafeInteger(lsn) || lsn < 0) {
    throw errors.badRequest(`The continuation '${text}' of the change feed is invalid.`);
  }
  return lsn;
}

function sinceOf(request: CosmosRequest): number | undefined {
  const text = headerOf(request, "if-modified-since");
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (!Number.isFinite(ms)) throw errors.badRequest(`The date '${text}' of 'If-Modified-Since' is invalid.`);
  return Math.floor(ms / 1000);
}
