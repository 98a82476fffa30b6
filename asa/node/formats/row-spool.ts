import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { AsaRecord, DateTime, type Value } from "../../values";
import { writing } from "./byte-file";

/** A row without its output and its time. */
export interface SpoolRow {
  readonly columns: readonly string[];
  readonly values: readonly Value[];
}

/** So many rows are kept in memory, and written and read together. */
const rowsOfBatch = 4096;

/** Rows in the order in which they were added; many of them lie in a file that is gone after `dispose`. */
export class RowSpool {
  private rows: SpoolRow[] = [];
  private readonly batches: { readonly at: number; readonly length: number }[] = [];
  private file: { readonly folder: string; readonly path: string; readonly handle: number } | null = null;
  private size = 0;
  count = 0;

  add(row: SpoolRow): void {
    this.count++;
    if (this.rows.push(row) === rowsOfBatch) this.put();
  }

  private put(): void {
    const layouts: (readonly string[])[] = [];
    const coded = this.rows.map(({ columns, values }) => {
      let layout = layouts.lastIndexOf(columns);
      if (layout < 0) layout = layouts.push(columns) - 1;
      return [layout, ...values.map(plain)];
    });
    const bytes = serialize([layouts, coded]);
    this.rows = [];
    this.file ??= opened();
    const { handle, path } = this.file;
    writing(path, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    });
    this.batches.push({ at: this.size, length: bytes.length });
    this.size += bytes.length;
  }

  /** All rows again, some at a time. */
  *read(): Generator<readonly SpoolRow[]> {
    for (const { at, length } of this.batches) {
      const bytes = Buffer.allocUnsafe(length);
      for (let done = 0; done < length; )
        done += readSync(this.file!.handle, bytes, done, length - done, at + done);
      const [layouts, coded] = deserialize(bytes) as [string[][], [number, ...unknown[]][]];
      yield coded.map(([layout, ...values]) => ({ columns: layouts[layout]!, values: values.map(live) }));
    }
    if (this.rows.length > 0) yield this.rows;
  }

  dispose(): void {
    this.rows = [];
    if (this.file === null) return;
    closeSync(this.file.handle);
    rmSync(this.file.folder, { recursive: true, force: true });
    this.file = null;
  }
}

function opened() {
  const parent = tmpdir();
  return writing(parent, () => {
    const folder = mkdtempSync(join(parent, "asa-rows-"));
    const path = join(folder, "rows");
    return { folder, path, handle: openSync(path, "w+") };
  });
}

/** Classes do not survive serialisation: a time is its ticks, a record its names and values. */
function plain(value: Value): unknown {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof DateTime) return { t: value.ticks };
  if (value instanceof AsaRecord) return { n: value.names, v: value.values.map(plain) };
  return value.map(plain);
}

function live(coded: unknown): Value {
  if (coded === null || typeof coded !== "object") return coded as Value;
  if (Array.isArray(coded)) return coded.map(live);
  const { t, n, v } = coded as { t?: bigint; n?: readonly string[]; v?: readonly unknown[] };
  return t === undefined ? new AsaRecord(n!, v!.map(live)) : new DateTime(t);
}
