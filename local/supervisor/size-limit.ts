import type { DataFolder } from "./data-folder";

const checkIntervalMs = 10_000;

/** Calls `onFull` at each look at which the data folder is larger than `maxBytes`; returns what ends the watch. */
export function watchSize(data: DataFolder, maxBytes: number, onFull: () => void): () => void {
  const timer = setInterval(() => {
    void data.sizeBytes().then((bytes) => {
      if (bytes > maxBytes) onFull();
    });
  }, checkIntervalMs);
  return () => clearInterval(timer);
}
