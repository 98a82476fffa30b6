import { createHmac, timingSafeEqual } from "node:crypto";

/** Why a token was refused. */
export type SasRefusal = "token unreadable" | "wrong resource" | "token expired" | "wrong key";

export type SasVerdict =
  | { readonly accepted: true; readonly expiresAtMs: number }
  | { readonly accepted: false; readonly refusal: SasRefusal };

function signature(key: string, encodedResource: string, expirySeconds: string): string {
  return createHmac("sha256", Buffer.from(key, "base64"))
    .update(`${encodedResource}\n${expirySeconds}`)
    .digest("base64");
}

/** Returns a shared access signature for the resource (`host/devices/id`), valid until the wall time given. */
export function createSasToken(
  resource: string,
  key: string,
  expiresAtMs: number,
  policyName?: string,
): string {
  const encodedResource = encodeURIComponent(resource);
  const expirySeconds = String(Math.ceil(expiresAtMs / 1000));
  const policy = policyName === undefined ? "" : `&skn=${encodeURIComponent(policyName)}`;
  const sig = encodeURIComponent(signature(key, encodedResource, expirySeconds));
  return `SharedAccessSignature sr=${encodedResource}&sig=${sig}&se=${expirySeconds}${policy}`;
}

/**
 * Decides whether a token opens `resource` (its path without the host, compared without regard to case) at the wall
 * time `nowMs`. A token for a parent of the resource opens it too. Any of `keys` may have signed it.
 */
export function verifySasToken(
  token: string,
  path: string,
  keys: readonly string[],
  nowMs: number,
): SasVerdict {
  const fields = new Map<string, string>();
  const body = /^SharedAccessSignature (.*)$/s.exec(token)?.[1];
  if (body === undefined) return { accepted: false, refusal: "token unreadable" };
  for (const pair of body.split("&")) {
    const at = pair.indexOf("=");
    if (at > 0) fields.set(pair.slice(0, at).trim(), pair.slice(at + 1));
  }
  const encodedResource = fields.get("sr");
  const expiry = fields.get("se");
  const sig = fields.get("sig");
  if (
    encodedResource === undefined ||
    sig === undefined ||
    expiry === undefined ||
    !/^\d{1,12}$/.test(expiry)
  ) {
    return { accepted: false, refusal: "token unreadable" };
  }
  let given: Buffer;
  let scope: string;
  try {
    given = Buffer.from(decodeURIComponent(sig), "base64");
    scope = decodeURIComponent(encodedResource).toLowerCase();
  } catch {
    return { accepted: false, refusal: "token unreadable" };
  }
  const slash = scope.indexOf("/");
  const scopePath = slash < 0 ? "" : scope.slice(slash + 1).replace(/\/$/, "");
  const wanted = path.toLowerCase();
  if (scopePath !== "" && wanted !== scopePath && !wanted.startsWith(`${scopePath}/`)) {
    return { accepted: false, refusal: "wrong resource" };
  }
  const matches = keys.some((key) => {
    const expected = Buffer.from(signature(key, encodedResource, expiry), "base64");
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  if (!matches) return { accepted: false, refusal: "wrong key" };
  const expiresAtMs = Number(expiry) * 1000;
  return expiresAtMs <= nowMs
    ? { accepted: false, refusal: "token expired" }
    : { accepted: true, expiresAtMs };
}

/** Returns a device's symmetric key derived from a group key, as a provisioning enrollment group does. */
export function deriveDeviceKey(groupKey: string, deviceId: string): string {
  return createHmac("sha256", Buffer.from(groupKey, "base64")).update(deviceId).digest("base64");
}
