const mostKept = 16;

/** Memory for lines on their way to a thread, used again when it has come back: fresh memory costs more than the copy. */
export class LineMemory {
  private readonly free: ArrayBuffer[] = [];

  copy(lines: Uint8Array): Uint8Array {
    // Far too much memory for a few lines would be kept from those who need it.
    const fits = this.free.findIndex(
      ({ byteLength }) => byteLength >= lines.length && byteLength <= 4 * lines.length + 65_536,
    );
    const memory = fits < 0 ? new ArrayBuffer(roundedUp(lines.length)) : this.free.splice(fits, 1)[0]!;
    const copy = new Uint8Array(memory, 0, lines.length);
    copy.set(lines);
    return copy;
  }

  give(memory: ArrayBuffer): void {
    if (this.free.length === mostKept) this.free.shift();
    this.free.push(memory);
  }
}

/** A little more than asked for, so that pieces of nearly one size fit. */
const roundedUp = (length: number): number => (length + 65_535) & ~65_535;
