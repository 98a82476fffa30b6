import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { indexGroups, openSegmentHeader } from "./segment";

function foldersIn(path: string): string[] {
  if (!existsSync(path)) return [];
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
}

function lastOfPartition(folder: string): number {
  const last = readdirSync(folder)
    .filter((name) => name.endsWith(".log"))
    .sort()
    .at(-1);
  if (last === undefined) return 0;
  const bytes = readFileSync(join(folder, last));
  const head = openSegmentHeader(bytes);
  if (head === undefined) return 0;
  const { index } = indexGroups(bytes, head.headerBytes, head.start.firstSequence);
  return index.enqueuedMs.at(-1) ?? head.start.enqueuedBeforeMs;
}

function promised(hubFolder: string): number {
  const path = join(hubFolder, "floor");
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  return bytes.length === 8 ? bytes.readDoubleBE(0) : 0;
}

/**
 * The moment that the platform clock must not start before, read from a data folder that no server runs over: the last
 * enqueued time of any hub, or the last moment promised to a reader; 0 for a new folder.
 */
export function storedClockMs(dataDir: string): number {
  let lastMs = 0;
  for (const hub of foldersIn(dataDir)) {
    lastMs = Math.max(lastMs, promised(hub), ...foldersIn(hub).map(lastOfPartition));
  }
  return lastMs;
}
