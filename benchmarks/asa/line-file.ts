import { closeSync, openSync, readSync } from "node:fs";

const chunkBytes = 1 << 20;

/** Reads whole lines in pieces of about a megabyte; the piece is overwritten by the next. */
export class LineFile {
  private readonly file: number;
  private readonly buffer = new Uint8Array(chunkBytes + 65_536);
  private from = 0;
  private to = 0;
  private closed = false;

  constructor(path: string) {
    this.file = openSync(path, "r");
  }

  next(): Uint8Array | null {
    if (this.closed) return null;
    this.buffer.copyWithin(0, this.from, this.to);
    const rest = this.to - this.from;
    const read = readSync(this.file, this.buffer, rest, chunkBytes, null);
    const length = rest + read;
    const end = read === 0 ? length : this.buffer.lastIndexOf(10, length - 1) + 1;
    this.from = end;
    this.to = length;
    if (end > 0) return this.buffer.subarray(0, end);
    closeSync(this.file);
    this.closed = true;
    return null;
  }
}
