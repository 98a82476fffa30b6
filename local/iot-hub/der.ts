/** Writes the few ASN.1 DER shapes that an X.509 certificate needs. */

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function tagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

export const der = {
  sequence: (...items: readonly Uint8Array[]) => tagged(0x30, ...items),
  set: (...items: readonly Uint8Array[]) => tagged(0x31, ...items),
  /** A non-negative integer given as big-endian bytes. */
  integer: (bytes: Uint8Array) =>
    tagged(0x02, bytes[0] !== undefined && bytes[0] >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0), bytes),
  boolean: (value: boolean) => tagged(0x01, Buffer.from([value ? 0xff : 0])),
  oid: (dotted: string) => {
    const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
    return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
  },
  utf8: (text: string) => tagged(0x0c, Buffer.from(text, "utf8")),
  /** GeneralizedTime, whole seconds UTC. */
  time: (moment: Date) => tagged(0x18, Buffer.from(`${moment.toISOString().replace(/[-:T]|\..*$/g, "")}Z`)),
  bitString: (bytes: Uint8Array, unusedBits = 0) => tagged(0x03, Buffer.from([unusedBits]), bytes),
  octetString: (bytes: Uint8Array) => tagged(0x04, bytes),
  /** A constructed value under a context tag. */
  explicit: (number: number, ...items: readonly Uint8Array[]) => tagged(0xa0 | number, ...items),
  /** A primitive value under a context tag. */
  implicit: (number: number, bytes: Uint8Array) => tagged(0x80 | number, bytes),
} as const;
