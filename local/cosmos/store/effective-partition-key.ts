import type { PartitionKeyDefinition, PartitionKeyPart } from "./partition-key";

const mask = 0xffffffffffffffffn;

/**
 * Position of a key in the container's hash space, as upper-case hexadecimal text: what feed ranges are cut in.
 * Clients compute the same; each level of a hierarchical key is hashed alone.
 */
export function effectivePartitionKey(
  parts: readonly PartitionKeyPart[],
  definition: PartitionKeyDefinition,
): string {
  if (definition.kind === "MultiHash") return parts.map((part) => hashBytes(encodePart(part))).join("");
  return hashBytes(Buffer.concat(parts.map(encodePart)));
}

function encodePart(part: PartitionKeyPart): Buffer {
  switch (typeof part) {
    case "string":
      return Buffer.concat([Buffer.from([8]), Buffer.from(part, "utf8"), Buffer.from([0xff])]);
    case "number": {
      const bytes = Buffer.alloc(9, 5);
      bytes.writeDoubleLE(part, 1);
      return bytes;
    }
    case "boolean":
      return Buffer.from([part ? 3 : 2]);
    default:
      return Buffer.from([part === null ? 1 : 0]);
  }
}

function hashBytes(bytes: Buffer): string {
  const [first, second] = murmur128(bytes);
  const hash = Buffer.alloc(16);
  hash.writeBigUInt64LE(first, 0);
  hash.writeBigUInt64LE(second, 8);
  hash.reverse();
  hash[0] = (hash[0] as number) & 0x3f;
  return hash.toString("hex").toUpperCase();
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & mask;
}

function avalanche(value: bigint): bigint {
  let mixed = value ^ (value >> 33n);
  mixed = (mixed * 0xff51afd7ed558ccdn) & mask;
  mixed ^= mixed >> 33n;
  mixed = (mixed * 0xc4ceb9fe1a85ec53n) & mask;
  return mixed ^ (mixed >> 33n);
}

const c1 = 0x87c37b91114253d5n;
const c2 = 0x4cf5ad432745937fn;

/** MurmurHash3 x64 128 with seed 0. */
function murmur128(bytes: Buffer): [bigint, bigint] {
  let h1 = 0n;
  let h2 = 0n;
  const mixLow = (k: bigint) => (rotate((k * c1) & mask, 31n) * c2) & mask;
  const mixHigh = (k: bigint) => (rotate((k * c2) & mask, 33n) * c1) & mask;
  const whole = bytes.length - (bytes.length % 16);
  for (let at = 0; at < whole; at += 16) {
    h1 ^= mixLow(bytes.readBigUInt64LE(at));
    h1 = (((rotate(h1, 27n) + h2) & mask) * 5n + 0x52dce729n) & mask;
    h2 ^= mixHigh(bytes.readBigUInt64LE(at + 8));
    h2 = (((rotate(h2, 31n) + h1) & mask) * 5n + 0x38495ab5n) & mask;
  }
  const tail = Buffer.alloc(16);
  bytes.copy(tail, 0, whole);
  h2 ^= mixHigh(tail.readBigUInt64LE(8));
  h1 ^= mixLow(tail.readBigUInt64LE(0));
  h1 ^= BigInt(bytes.length);
  h2 ^= BigInt(bytes.length);
  h1 = (h1 + h2) & mask;
  h2 = (h2 + h1) & mask;
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h1 = (h1 + h2) & mask;
  h2 = (h2 + h1) & mask;
  return [h1, h2];
}
