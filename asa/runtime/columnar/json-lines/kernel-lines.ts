import { writeJson, writeJsonObject } from "../../../values/json-write";
import type { Value } from "../../../values/value";
import { pageRows, tags } from "../columns";
import type { Interner } from "../interner";
import { valueAt } from "../layout";
import type { Page, PageTarget } from "../page";
import type { Kernel } from "../scan";
import type { LineSink, LineWriter } from "./line-writer";
import { powersOfTen } from "./powers-of-ten";

const encoder = new TextEncoder();
const firstRoom = 1 << 17;
const itemBytes = 16;
/** The kernel copies sixteen bytes at a time. */
const slack = 16;
const states = { done: 0, hostWrites: 1, noRoom: 2 } as const;

/** A column of a page, and where the kernel has it. */
interface Copied {
  readonly numbers: Uint8Array;
  readonly kinds: Uint8Array;
  readonly numbersAt: number;
  readonly kindsAt: number;
}

/** Writes lines in the kernel's memory, where the texts are; what the kernel has no text for is written here. */
export class KernelLines implements LineWriter {
  private readonly kernel: Kernel;
  private readonly interner: Interner;
  private readonly deliver: LineSink;
  private size = firstRoom;
  private begin: number;
  private at: number;
  private rows = 0;

  constructor(kernel: Kernel, interner: Interner, deliver: LineSink) {
    this.kernel = kernel;
    this.interner = interner;
    this.deliver = deliver;
    kernel.bytes.set(powersOfTen(), kernel.calls.powersOfTen());
    this.begin = kernel.allocate(this.size);
    this.at = this.begin;
  }

  record(names: readonly string[], values: readonly Value[]): void {
    this.put(`${writeJsonObject(names, values)}\n`);
    this.rows++;
  }

  /** Writes a text behind all others. */
  private put(text: string): void {
    // One UTF-16 unit takes three bytes at most.
    this.makeRoom(text.length * 3, this.at);
    const { at } = this;
    this.at = at + encoder.encodeInto(text, this.kernel.bytes.subarray(at, this.begin + this.size)).written;
  }

  /** Makes room for so many bytes behind all that was written; bytes from `rowBegin` on are of a row that is not whole yet. */
  private makeRoom(count: number, rowBegin: number): void {
    const end = this.begin + this.size;
    if (this.at + count <= end) return;
    const part = this.at - rowBegin;
    this.at = rowBegin;
    this.flush();
    let { begin } = this;
    if (part + count > this.size) {
      while (part + count > this.size) this.size *= 2;
      begin = this.kernel.allocate(this.size);
    }
    this.kernel.bytes.copyWithin(begin, rowBegin, rowBegin + part);
    this.begin = begin;
    this.at = begin + part;
  }

  target(page: Page): PageTarget {
    const { kernel } = this;
    const { names, columns } = page.layout.slots[0]!;
    const items = this.items(names);
    const copied: Copied[] = [];
    for (const [index, column] of columns.entries()) {
      const place = (items + itemBytes * index) >>> 2;
      const [numbersAt, kindsAt] = [kernel.words[place + 2]!, kernel.words[place + 3]!];
      if (page.layout.records?.has(column) === true)
        kernel.bytes.fill(tags.boxed, kindsAt, kindsAt + pageRows);
      else {
        const { numbers, kinds } = page.columns[column]!;
        const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
        copied.push({ numbers: bytes, kinds, numbersAt, kindsAt });
      }
    }
    return {
      rows: (count) => {
        const { bytes } = kernel;
        for (const { numbers, kinds, numbersAt, kindsAt } of copied) {
          bytes.set(count === pageRows ? numbers : numbers.subarray(0, count * 8), numbersAt);
          bytes.set(count === pageRows ? kinds : kinds.subarray(0, count), kindsAt);
        }
        this.write(page, items, count);
      },
      progress: () => {},
    };
  }

  /** Lays out what the kernel needs to know of a page; see asa/kernel/lines.ts. */
  private items(names: readonly string[]): number {
    const { kernel } = this;
    const texts = names.map((name, index) =>
      encoder.encode(`${index === 0 ? "{" : ","}${JSON.stringify(name)}:`),
    );
    texts.push(encoder.encode(names.length === 0 ? "{}\n" : "}\n"));
    const items = kernel.allocate(itemBytes * texts.length);
    for (const [index, text] of texts.entries()) {
      const place = kernel.allocate(text.length + slack);
      kernel.bytes.set(text, place);
      const numbers = index < names.length ? kernel.allocate(pageRows * 8) : 0;
      const kinds = index < names.length ? kernel.allocate(pageRows) : 0;
      kernel.words.set([place, text.length, numbers, kinds], (items + itemBytes * index) >>> 2);
    }
    return items;
  }

  private write(page: Page, items: number, count: number): void {
    const { calls } = this.kernel;
    const { columns } = page.layout.slots[0]!;
    const itemCount = columns.length;
    calls.beginRows(this.at);
    let counted = 0;
    while (true) {
      const state = calls.writeRows(items, itemCount, count, this.begin + this.size - slack);
      const row = calls.currentRow();
      this.rows += row - counted;
      counted = row;
      this.at = calls.outPosition() >>> 0;
      if (state === states.done) return;
      const rowBegin = calls.rowBegin() >>> 0;
      if (state === states.noRoom) {
        const part = this.at - rowBegin;
        this.makeRoom((calls.neededBytes() >>> 0) + slack, rowBegin);
        calls.moveRow(this.at - part);
        continue;
      }
      const text = writeJson(valueAt(page, columns[calls.currentItem()]!, row, this.interner));
      const part = this.at - rowBegin;
      this.makeRoom(text.length * 3, rowBegin);
      calls.moveRow(this.at - part);
      this.put(text);
      calls.passCell(this.at);
    }
  }

  flush(): void {
    const { rows, at, begin } = this;
    this.rows = 0;
    this.at = begin;
    if (rows > 0) this.deliver(this.kernel.bytes.subarray(begin, at), rows);
  }
}
