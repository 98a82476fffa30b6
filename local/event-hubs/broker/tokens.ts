import { createHmac, timingSafeEqual } from "node:crypto";
import { addressPath } from "./address";

/** A shared access policy of the namespace. */
export interface AccessKey {
  readonly name: string;
  readonly key: string;
  /** @default all three */
  readonly rights?: readonly AccessRight[];
}

/** What a shared access policy allows. */
export type AccessRight = "Send" | "Listen" | "Manage";

/** What a token that holds allows: everything below a path, until a wall moment. */
export interface Grant {
  readonly path: string;
  readonly expiresMs: number;
  readonly rights: readonly AccessRight[];
}

/** A token that does not hold, in the service's words. */
export interface TokenRefusal {
  readonly statusCode: 400 | 401;
  readonly description: string;
}

const allRights: readonly AccessRight[] = ["Send", "Listen", "Manage"];

export function rightsOf(key: AccessKey): readonly AccessRight[] {
  return key.rights ?? allRights;
}

function sameBytes(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}

function refused(description: string): TokenRefusal {
  return { statusCode: 401, description };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Checks a shared access signature: form, key name, signature over `sr` and `se` as sent, and expiry by the wall. */
export function checkToken(token: string, keys: readonly AccessKey[], nowMs: number): Grant | TokenRefusal {
  const prefix = "SharedAccessSignature ";
  if (!token.startsWith(prefix)) {
    return refused(
      "InvalidToken: The token is no shared access signature; this namespace knows no other kind.",
    );
  }
  const fields = new Map<string, string>();
  for (const pair of token.slice(prefix.length).split("&")) {
    const at = pair.indexOf("=");
    if (at > 0) fields.set(pair.slice(0, at), pair.slice(at + 1));
  }
  const resource = fields.get("sr");
  const signature = fields.get("sig");
  const expiry = fields.get("se");
  const keyName = decoded(fields.get("skn") ?? "");
  if (resource === undefined || signature === undefined || expiry === undefined || !/^\d+$/.test(expiry)) {
    return { statusCode: 400, description: "MalformedToken: The token lacks sr, sig, se or skn." };
  }
  const key = keys.find((candidate) => candidate.name === keyName);
  if (key === undefined) return refused("InvalidSignature: The token has an invalid signature.");
  const expected = createHmac("sha256", key.key).update(`${resource}\n${expiry}`).digest("base64");
  if (!sameBytes(decoded(signature), expected)) {
    return refused("InvalidSignature: The token has an invalid signature.");
  }
  const expiresMs = Number(expiry) * 1000;
  if (expiresMs <= nowMs) {
    return refused(
      `ExpiredToken: The token is expired. Expiration time: '${new Date(expiresMs).toUTCString()}'.`,
    );
  }
  return { path: addressPath(decoded(resource)).toLowerCase(), expiresMs, rights: rightsOf(key) };
}

/** The grants of one connection. */
export class Grants {
  readonly #grants = new Map<string, Grant>();

  add(grant: Grant): void {
    this.#grants.set(grant.path, grant);
  }

  /** True when a grant that still holds covers the path with the right. */
  allow(path: string, right: AccessRight | undefined, nowMs: number): boolean {
    const wanted = path.toLowerCase();
    for (const grant of this.#grants.values()) {
      const covers = grant.path === "" || wanted === grant.path || wanted.startsWith(`${grant.path}/`);
      if (covers && grant.expiresMs > nowMs && (right === undefined || grant.rights.includes(right)))
        return true;
    }
    return false;
  }

  /** True when a grant covers the path, held once but has run out. */
  expired(path: string, nowMs: number): boolean {
    return !this.allow(path, undefined, nowMs) && this.allow(path, undefined, 0);
  }
}
