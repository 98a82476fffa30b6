/** Resource ids: a database has 4 bytes, a container 8, an item 16; text is base64 with `-` for `/`. */

function toText(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("/", "-");
}

export function databaseRid(number: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return toText(bytes);
}

/** The first bit of a container's half is set; that tells it from a user's. */
export function containerRid(database: number, container: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(database);
  bytes.writeUInt32BE((0x80000000 | container) >>> 0, 4);
  return toText(bytes);
}

/** Returns what makes item ids of one container from their numbers. */
export function documentRids(database: number, container: number): (ordinal: number) => string {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(database);
  bytes.writeUInt32BE((0x80000000 | container) >>> 0, 4);
  return (ordinal) => {
    bytes.writeBigUInt64LE(BigInt(ordinal), 8);
    return toText(bytes);
  };
}
