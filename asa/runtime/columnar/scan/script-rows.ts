import { AsaRecord } from "../../../values/value";
import type { RowScanner } from "./rows";
import type { Scan, ScannerFactory } from "./script";

const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 9 || byte === 13;

/** Reads rows by the generated script; without it (`factory` null) the JSON reader has to take every row. */
export class ScriptRows implements RowScanner {
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  readonly refused: Uint8Array;
  next = 0;
  private readonly capacity: number;
  private readonly factory: ScannerFactory | null;
  private scan: Scan;

  constructor(factory: ScannerFactory | null, capacity: number) {
    this.factory = factory;
    this.capacity = capacity;
    this.starts = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
    this.refused = new Uint8Array(capacity);
    this.scan = factory?.make() ?? (() => -1);
  }

  start(row: number): number {
    return this.starts[row]!;
  }

  end(row: number): number {
    return this.ends[row]!;
  }

  lines(bytes: Uint8Array, from: number): number {
    let row = 0;
    let at = from;
    while (at < bytes.length && row < this.capacity) {
      let first = at;
      while (isBlank(bytes[first])) first++;
      if (first >= bytes.length || bytes[first] === 10) {
        at = first + 1;
        continue;
      }
      const end = this.line(bytes, at, row);
      this.refused[row] = end < 0 ? 1 : 0;
      this.starts[row] = at;
      if (end >= 0) this.ends[row] = end;
      else {
        const feed = bytes.indexOf(10, at);
        this.ends[row] = feed < 0 ? bytes.length : feed;
      }
      at = this.ends[row]! + 1;
      row++;
    }
    this.next = Math.min(at, bytes.length);
    this.renew();
    return row;
  }

  /** Reads the line at `at`; returns where it ends, -1 when it is refused. */
  line(bytes: Uint8Array, at: number, row: number): number {
    let end = this.scan(bytes, at, row);
    if (end < 0) return -1;
    while (isBlank(bytes[end])) end++;
    return end >= bytes.length || bytes[end] === 10 ? end : -1;
  }

  bodies(count: number, from: number, body: (index: number) => Uint8Array | AsaRecord): number {
    const rows = Math.min(count - from, this.capacity);
    for (let row = 0; row < rows; row++) {
      const bytes = body(from + row);
      this.refused[row] = this.body(bytes, row) ? 0 : 1;
    }
    this.renew();
    return rows;
  }

  /** Reads one body; false when it is refused. */
  body(bytes: Uint8Array | AsaRecord, row: number): boolean {
    if (bytes instanceof AsaRecord) return false;
    let at = this.scan(bytes, 0, row);
    if (at < 0) return false;
    while (at < bytes.length && (isBlank(bytes[at]) || bytes[at] === 10)) at++;
    return at === bytes.length;
  }

  /** Takes what was learned of keys into the script; true when there was something. */
  renew(): boolean {
    if (this.factory === null || !this.factory.stale) return false;
    this.scan = this.factory.make();
    return true;
  }

  describe(): string {
    return `// generated script, then the JSON reader\n${this.factory?.text() ?? ""}`;
  }
}
