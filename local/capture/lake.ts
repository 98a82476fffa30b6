import type { ContainerClient } from "@azure/storage-blob";

/**
 * A captured file as the lake tells it. It holds the partition's events with start < enqueued time <= end, and sequence
 * numbers from `firstSequence` up to, not including, `nextSequence`.
 */
export interface CapturedFile {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly firstSequence: bigint;
  readonly nextSequence: bigint;
  readonly bytes: number;
}

/** What a partition's files cover, taken together. */
export interface CapturedRange {
  /** Every event enqueued at or before this moment is in a file. */
  readonly completedThroughMs: number;
  readonly nextSequence: bigint;
}

/** Names the partition whose files are meant. */
export interface PartitionPath {
  readonly namespace: string;
  readonly hub: string;
  readonly partition: number;
}

/** Folder of a partition's files. */
export function partitionPrefix({ namespace, hub, partition }: PartitionPath): string {
  return `${namespace}/${hub}/${partition}/`;
}

/**
 * Name of the file whose interval ends at `endMs`, a whole second. It tells the start of a full interval with that end,
 * so that name + interval is the file's end also where a file was closed early, and no two files share a name.
 */
export function capturedFileName(path: PartitionPath, endMs: number, intervalMs: number): string {
  const time = new Date(endMs - intervalMs).toISOString();
  const [year, month, day, hour, minute, second] = time.split(/[-T:.]/);
  return `${partitionPrefix(path)}${year}/${month}/${day}/${hour}/${minute}/${second}.avro`;
}

/** Metadata of a file's blob: times in ms since 1970 (platform clock), sequence numbers in decimal. */
export function fileMetadata(file: Omit<CapturedFile, "name" | "bytes">): Record<string, string> {
  return {
    startms: String(file.startMs),
    endms: String(file.endMs),
    firstsequence: String(file.firstSequence),
    nextsequence: String(file.nextSequence),
  };
}

function readMetadata(
  name: string,
  bytes: number,
  metadata: Readonly<Record<string, string>> | undefined,
): CapturedFile | undefined {
  const { startms, endms, firstsequence, nextsequence } = metadata ?? {};
  if (
    startms === undefined ||
    endms === undefined ||
    firstsequence === undefined ||
    nextsequence === undefined
  ) {
    return undefined;
  }
  return {
    name,
    startMs: Number(startms),
    endMs: Number(endms),
    firstSequence: BigInt(firstsequence),
    nextSequence: BigInt(nextsequence),
    bytes,
  };
}

/** The partition's captured files, oldest first; blobs that Capture did not write are left out. */
export async function listCaptured(container: ContainerClient, path: PartitionPath): Promise<CapturedFile[]> {
  const files: CapturedFile[] = [];
  const blobs = container.listBlobsFlat({ prefix: partitionPrefix(path), includeMetadata: true });
  for await (const blob of blobs) {
    const file = readMetadata(blob.name, blob.properties.contentLength ?? 0, blob.metadata);
    if (file !== undefined) files.push(file);
  }
  return files.sort((a, b) => a.endMs - b.endMs);
}

/** True when the file is in the lake with the same range and size. */
export async function verifyCaptured(container: ContainerClient, file: CapturedFile): Promise<boolean> {
  try {
    const { metadata, contentLength } = await container.getBlobClient(file.name).getProperties();
    const found = readMetadata(file.name, contentLength ?? 0, metadata);
    return (
      found !== undefined &&
      found.bytes === file.bytes &&
      found.startMs === file.startMs &&
      found.endMs === file.endMs &&
      found.nextSequence === file.nextSequence
    );
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

/** A range between two files, or before the first, that no file covers: its file was lost. */
export interface Hole {
  readonly startMs: number;
  readonly endMs: number;
  readonly firstSequence: bigint;
  readonly nextSequence: bigint;
}

/** Ranges that lie between neighbouring files but in neither. */
export function holesBetween(files: readonly CapturedFile[]): Hole[] {
  const holes: Hole[] = [];
  for (let i = 1; i < files.length; i++) {
    const before = files[i - 1] as CapturedFile;
    const after = files[i] as CapturedFile;
    if (before.endMs < after.startMs || before.nextSequence < after.firstSequence) {
      holes.push({
        startMs: before.endMs,
        endMs: after.startMs,
        firstSequence: before.nextSequence,
        nextSequence: after.firstSequence,
      });
    }
  }
  return holes;
}

/** What the partition's files cover without a gap, from the lake alone; undefined before the first file. */
export async function capturedRange(
  container: ContainerClient,
  path: PartitionPath,
): Promise<CapturedRange | undefined> {
  const files = await listCaptured(container, path);
  const [hole] = holesBetween(files);
  if (hole !== undefined) return { completedThroughMs: hole.startMs, nextSequence: hole.firstSequence };
  const last = files.at(-1);
  return last && { completedThroughMs: last.endMs, nextSequence: last.nextSequence };
}
