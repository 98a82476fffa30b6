import { type FileHandle, open } from "node:fs/promises";
import { fileError } from "../settings";
import type { RandomAccess } from "./parquet-reader";

/** The bytes of a data file, one after another or at any place. */
export interface DataBytes {
  chunks(): AsyncIterable<Uint8Array>;
  open(): Promise<RandomAccess & { close(): Promise<void> }>;
}

/** So much of a file is read at a time. */
const chunkBytes = 1 << 20;

export function inMemory(bytes: Uint8Array): DataBytes {
  return {
    async *chunks() {
      yield bytes;
    },
    open: async () => ({
      byteLength: bytes.byteLength,
      slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
      close: async () => {},
    }),
  };
}

const opened = (file: string): Promise<FileHandle> =>
  open(file).catch((cause: unknown) => {
    throw fileError(file, cause);
  });

/** The bytes of a file on disk. `onRead` hears how many were read. @throws {AsaToolError} ASA_FILE_NOT_FOUND, ASA_FILE_UNREADABLE */
export function onDisk(file: string, onRead: (bytes: number) => void = () => {}): DataBytes {
  return {
    async *chunks() {
      const handle = await opened(file);
      try {
        for (;;) {
          const { buffer, bytesRead } = await handle.read(
            Buffer.allocUnsafe(chunkBytes),
            0,
            chunkBytes,
            null,
          );
          if (bytesRead === 0) return;
          onRead(bytesRead);
          yield buffer.subarray(0, bytesRead);
        }
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
        throw fileError(file, cause);
      } finally {
        await handle.close();
      }
    },
    async open() {
      const handle = await opened(file);
      const { size } = await handle.stat();
      return {
        byteLength: size,
        async slice(start, end = size) {
          const buffer = new ArrayBuffer(end - start);
          const { bytesRead } = await handle.read(new Uint8Array(buffer), 0, end - start, start);
          onRead(bytesRead);
          return buffer;
        },
        close: () => handle.close(),
      };
    },
  };
}
