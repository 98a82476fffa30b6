/**
 * The service's hash of a partition key: Jenkins lookup3 (hashlittle2 with both seeds 0) over the UTF-8 bytes, its two
 * halves mixed to 16 bits.
 */
function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = 0; i < 4 && at + i < end; i++) value |= (bytes[at + i] as number) << (8 * i);
  return value;
}

/** Returns the signed 16-bit hash of the key. */
export function hashPartitionKey(key: string): number {
  const bytes = Buffer.from(key, "utf8");
  const end = bytes.length;
  let a = (0xdeadbeef + end) | 0;
  let b = a;
  let c = a;
  let at = 0;
  while (end - at > 12) {
    a = (a + word(bytes, at, end)) | 0;
    b = (b + word(bytes, at + 4, end)) | 0;
    c = (c + word(bytes, at + 8, end)) | 0;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
    at += 12;
  }
  if (end > at) {
    a = (a + word(bytes, at, end)) | 0;
    b = (b + word(bytes, at + 4, end)) | 0;
    c = (c + word(bytes, at + 8, end)) | 0;
    c = ((c ^ b) - rotate(b, 14)) | 0;
    a = ((a ^ c) - rotate(c, 11)) | 0;
    b = ((b ^ a) - rotate(a, 25)) | 0;
    c = ((c ^ b) - rotate(b, 16)) | 0;
    a = ((a ^ c) - rotate(c, 4)) | 0;
    b = ((b ^ a) - rotate(a, 14)) | 0;
    c = ((c ^ b) - rotate(b, 24)) | 0;
  }
  return ((c ^ b) << 16) >> 16;
}

/** Partition of the key among `partitions`. */
export function partitionOfKey(key: string, partitions: number): number {
  return Math.abs(hashPartitionKey(key) % partitions);
}
