import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { LocalError } from "../process/errors";

/** Where a job stood: what it read, and its state after reading it. */
export interface Checkpoint {
  /** Next sequence number to read, by input alias and partition. */
  readonly positions: Readonly<Record<string, readonly bigint[]>>;
  readonly state: Uint8Array;
}

const magic = "ASACKPT1";

/** So much is hashed and written before others have their turn. */
const sliceBytes = 1 << 20;

/**
 * Writes the checkpoint beside the old one and swaps them, so that a kill leaves one of the two whole. Works in slices:
 * a large state keeps nothing else waiting. `pieces` of the state go one after another and must not change meanwhile.
 */
export async function writeCheckpoint(
  path: string,
  checkpoint: Pick<Checkpoint, "positions"> & { readonly pieces: readonly Uint8Array[] },
): Promise<void> {
  const header = Buffer.from(
    JSON.stringify(checkpoint.positions, (_, value) =>
      typeof value === "bigint" ? value.toString() : value,
    ),
  );
  const { pieces } = checkpoint;
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(header.length, 0);
  lengths.writeUInt32LE(
    pieces.reduce((sum, piece) => sum + piece.length, 0),
    4,
  );
  const hash = createHash("sha256");
  const file = await open(`${path}.new`, "w");
  try {
    const head = Buffer.concat([Buffer.from(magic), lengths, header]);
    hash.update(head);
    await file.writeFile(head);
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; at += sliceBytes) {
        const slice = piece.subarray(at, at + sliceBytes);
        hash.update(slice);
        await file.writeFile(slice);
      }
    }
    await file.writeFile(hash.digest());
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** Returns the checkpoint, or undefined when there is none. @throws {LocalError} LOCAL_DATA_DAMAGED */
export function readCheckpoint(path: string): Checkpoint | undefined {
  if (!existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  const body = bytes.subarray(0, -32);
  const intact =
    bytes.length >= magic.length + 8 + 32 &&
    body.subarray(0, magic.length).toString() === magic &&
    createHash("sha256").update(body).digest().equals(bytes.subarray(-32));
  if (!intact) {
    throw new LocalError("LOCAL_DATA_DAMAGED", `checkpoint ${path} is damaged`, {
      hint: "remove it: the job reads the log from its beginning again and stores the same rows",
    });
  }
  const headerLength = body.readUInt32LE(magic.length);
  const headerStart = magic.length + 8;
  const positions = JSON.parse(body.subarray(headerStart, headerStart + headerLength).toString()) as Record<
    string,
    string[]
  >;
  return {
    positions: Object.fromEntries(
      Object.entries(positions).map(([alias, list]) => [alias, list.map(BigInt)]),
    ),
    state: body.subarray(headerStart + headerLength),
  };
}
