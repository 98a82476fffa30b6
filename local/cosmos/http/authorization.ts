import { createHmac, timingSafeEqual } from "node:crypto";
import { errors } from "../cosmos-error";
import { type CosmosRequest, headerOf } from "./exchange";

/** How far a client's clock may be off. */
const maxSkewMs = 15 * 60_000;

const wrongKey =
  "The input authorization token can't serve the request. The wrong key is being used or the expected payload is not built as per the protocol. For more info: https://aka.ms/cosmosdb-tsg-unauthorized.";

/** Checks the signature of a request made with the account's master key. @throws CosmosError 401, 403 */
export function authorize(request: CosmosRequest, key: Buffer, nowMs: number): void {
  const header = headerOf(request, "authorization");
  if (header === undefined) {
    throw errors.unauthorized(
      "Required Header authorization is missing. Ensure a valid Authorization token is passed.",
    );
  }
  const token = readToken(header);
  const date = headerOf(request, "x-ms-date") ?? headerOf(request, "date");
  if (date === undefined) {
    throw errors.unauthorized("The authorization header requires the header x-ms-date or date.");
  }
  const { type, link } = resourceOf(request);
  const method = request.method.toLowerCase();
  const payloads = [...new Set([link, decodeLink(link)])].map(
    (name) => `${method}\n${type}\n${name}\n${date.toLowerCase()}\n\n`,
  );
  const given = Buffer.from(token, "base64");
  const matches = payloads.some((payload) => {
    const expected = createHmac("sha256", key).update(payload).digest();
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  if (!matches) {
    throw errors.unauthorized(`${wrongKey} Server used the following payload to sign: '${payloads[0]}'`);
  }
  const sentMs = Date.parse(date);
  if (!(Math.abs(nowMs - sentMs) <= maxSkewMs)) {
    throw errors.forbidden(
      `The authorization token is not valid at the current time. Please create another token and retry (token start time: ${date}, current server time: ${new Date(nowMs).toUTCString()}).`,
    );
  }
}

function readToken(header: string): string {
  let text = header;
  try {
    text = decodeURIComponent(header);
  } catch {
    throw errors.unauthorized("The input authorization token is not URL encoded.");
  }
  const [, type, signature] = /^type=([a-z]+)&ver=1\.0&sig=(.+)$/.exec(text) ?? [];
  if (type === undefined || signature === undefined) {
    throw errors.unauthorized(
      "The input authorization token has an invalid format; it must be type=master&ver=1.0&sig=...",
    );
  }
  if (type !== "master") {
    throw errors.unauthorized(
      `Authorization of type '${type}' is not supported by the local server; use the account key.`,
    );
  }
  return signature;
}

/** Type and link that the client signs: the resource itself, or the owner for feeds and creations. */
function resourceOf({ rawPath, steps }: CosmosRequest): { type: string; link: string } {
  if (steps.length === 0) return { type: "", link: "" };
  const parts = rawPath.split("/");
  if (parts[0] === "offers") return { type: "offers", link: (parts[1] ?? "").toLowerCase() };
  if (parts[4] === "operations") return { type: "colls", link: parts.slice(0, 4).join("/") };
  const single = parts.length % 2 === 0;
  return {
    type: (single ? parts.at(-2) : parts.at(-1)) ?? "",
    link: single ? parts.join("/") : parts.slice(0, -1).join("/"),
  };
}

function decodeLink(link: string): string {
  return link.split("/").map(decodeURIComponent).join("/");
}
