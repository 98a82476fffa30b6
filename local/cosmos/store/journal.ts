import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { errors } from "../cosmos-error";
import { crc32 } from "./checksum";

/** Bytes before a record's payload: its length and its CRC-32, both little-endian. */
const headerBytes = 8;

/** A record longer than this is no record but damage. */
const maxRecordBytes = 512 * 1024 * 1024;

/**
 * Append-only file of checksummed records. `append` returns once the operating system has the bytes, so that killing
 * the process loses nothing; a torn tail is cut off when the file is opened again.
 */
export class Journal {
  readonly path: string;
  #file: number;
  #size: number;

  private constructor(path: string, file: number, size: number) {
    this.path = path;
    this.#file = file;
    this.#size = size;
  }

  /** Opens or creates the file and hands over its records in order. `droppedBytes` is the torn tail, if any. */
  static open(path: string, replay: (payload: Buffer) => void): { journal: Journal; droppedBytes: number } {
    const file = openSync(path, "a+");
    const bytes = readFileSync(path);
    let at = 0;
    while (at + headerBytes <= bytes.length) {
      const length = bytes.readUInt32LE(at);
      const end = at + headerBytes + length;
      if (length > maxRecordBytes || end > bytes.length) break;
      if (crc32(bytes, at + headerBytes, end) !== bytes.readUInt32LE(at + 4)) break;
      replay(bytes.subarray(at + headerBytes, end));
      at = end;
    }
    if (at < bytes.length) {
      // Kept beside the journal: should this be damage and not a torn write, nothing is gone.
      writeFileSync(`${path}.torn`, bytes.subarray(at));
      ftruncateSync(file, at);
    }
    return { journal: new Journal(path, file, at), droppedBytes: bytes.length - at };
  }

  get size(): number {
    return this.#size;
  }

  /** Writes records with one call. @throws CosmosError 503 when the disk refuses; the file is then as before */
  append(payloads: readonly string[]): void {
    const bytes = frameRecords(payloads);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#file, bytes, written);
      this.#size += written;
    } catch (error) {
      ftruncateSync(this.#file, this.#size);
      throw errors.storageFailed(error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * Replaces the file by one that holds the given records and then everything appended since `from`. The pages are
   * written while the server goes on; only the last step blocks.
   */
  async rewrite(from: number, pages: AsyncIterable<readonly string[]>): Promise<void> {
    const temporary = `${this.path}.new`;
    const file = openSync(temporary, "w+");
    let size = 0;
    try {
      for await (const page of pages) {
        const bytes = frameRecords(page);
        let written = 0;
        while (written < bytes.length) written += writeSync(file, bytes, written);
        size += bytes.length;
      }
      const tail = Buffer.alloc(this.#size - from);
      let read = 0;
      while (read < tail.length) {
        const count = readSync(this.#file, tail, read, tail.length - read, from + read);
        if (count === 0) throw new Error(`journal ${this.path} ends before its known size`);
        read += count;
      }
      let written = 0;
      while (written < tail.length) written += writeSync(file, tail, written);
      size += tail.length;
      fsyncSync(file);
      renameSync(temporary, this.path);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    closeSync(this.#file);
    closeSync(file);
    this.#file = openSync(this.path, "a+");
    this.#size = size;
  }

  close(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}

function frameRecords(payloads: readonly string[]): Buffer {
  const lengths = payloads.map((payload) => Buffer.byteLength(payload));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length + headerBytes, 0));
  let at = 0;
  for (const payload of payloads) {
    const start = at + headerBytes;
    const end = start + bytes.write(payload, start);
    bytes.writeUInt32LE(end - start, at);
    bytes.writeUInt32LE(crc32(bytes, start, end), at + 4);
    at = end;
  }
  return bytes;
}
