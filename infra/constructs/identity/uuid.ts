import { createHash } from "node:crypto";

/** Namespace of the names below; any fixed one does. */
const namespace = Buffer.from("6f1c9f7f3f105d6a8a546b0b4f0e9f0d", "hex");

/** A version 5 UUID: the same parts give the same id in every plan. */
export function stableUuid(...parts: readonly string[]): string {
  const digest = createHash("sha1").update(namespace).update(parts.join("\n")).digest().subarray(0, 16);
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
