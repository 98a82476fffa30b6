import type { ColumnUse } from "../columns";
import type { Kernel } from "./kernel";
import { type LayoutStep, learnLayout } from "./layout";
import type { Spelling } from "./script";

const mostLayouts = 4;
const stepBytes = 80;
const roomBytes = stepBytes * 130;
/** So many rows tell whether layouts are worth their while. */
const windowRows = 256;
/** Rows that are read key by key before layouts are tried again; doubled each time they fail. */
const firstPause = 1 << 12;
const longestPause = 1 << 20;

/**
 * Chooses how the kernel reads a batch: by the layouts of events seen before while they fit, key by key when events come
 * in too many shapes.
 */
export class Layouts {
  private readonly kernel: Kernel;
  private readonly uses: readonly ColumnUse[];
  private readonly table: number;
  private readonly rooms: readonly number[];
  private known = 0;
  private rows = 0;
  private misses = 0;
  private pause = 0;
  private nextPause = firstPause;
  private names = new Map<string, number>();
  private spellings: readonly Spelling[] = [];
  private firstTargets: readonly number[] = [];

  constructor(kernel: Kernel, uses: readonly ColumnUse[]) {
    this.kernel = kernel;
    this.uses = uses;
    this.table = kernel.allocate(4 * mostLayouts);
    this.rooms = Array.from({ length: mostLayouts }, () => kernel.allocate(roomBytes));
    kernel.words.set(this.rooms, this.table >>> 2);
  }

  /** Takes the spellings of needed keys; layouts are learned again. */
  reset(spellings: readonly Spelling[], firstTargets: readonly number[]): void {
    this.spellings = spellings;
    this.firstTargets = firstTargets;
    this.names = new Map(spellings.map(({ name }, index) => [name, index]));
    this.forget();
  }

  private forget(): void {
    this.known = 0;
    this.activate();
  }

  /** Lets the kernel read by these layouts. */
  activate(): void {
    this.kernel.calls.setLayouts(this.table, this.known);
  }

  /** Notes a batch of which `misses` rows fitted no layout; `learnFrom` gives bytes and begin of one of them. */
  note(
    rows: number,
    misses: number,
    learnFrom: () => { readonly bytes: Uint8Array; readonly at: number } | null,
  ): void {
    if (this.pause > 0) {
      this.pause -= rows;
      return;
    }
    this.rows += rows;
    this.misses += misses;
    const many = this.known === 0 || this.misses * 16 > this.rows;
    if (misses > 0 && many && this.known < mostLayouts) {
      const sample = learnFrom();
      if (sample !== null && !this.learn(sample.bytes, sample.at)) this.rest();
    }
    if (this.rows < windowRows) return;
    if (this.misses * 16 <= this.rows) this.nextPause = firstPause;
    else if (this.known === mostLayouts && this.misses * 2 > this.rows) this.rest();
    this.rows = 0;
    this.misses = 0;
  }

  /** Reads key by key for a while. */
  private rest(): void {
    this.forget();
    this.pause = this.nextPause;
    this.nextPause = Math.min(2 * this.nextPause, longestPause);
  }

  /** Learns the layout of an object; false when it has none that helps. */
  private learn(bytes: Uint8Array, at: number): boolean {
    const layout = learnLayout(
      bytes,
      at,
      (name) => this.names.get(name) ?? -1,
      (key) => this.spellings[key]!.columns.map((column) => this.uses[column]!),
    );
    if (layout === null) return false;
    this.write(layout, this.rooms[this.known]!);
    this.known++;
    this.activate();
    return true;
  }

  private write(layout: readonly LayoutStep[], room: number): void {
    const { bytes, words } = this.kernel;
    bytes.fill(0, room, room + stepBytes * layout.length);
    for (const [index, { before, operation, key }] of layout.entries()) {
      const at = room + stepBytes * index;
      const columns = key < 0 ? [] : this.spellings[key]!.columns;
      words[at >>> 2] = before.length;
      words[(at >>> 2) + 1] = operation;
      // A value read by one operation goes to one column, by its number; any other goes by the list of targets.
      words[(at >>> 2) + 2] = operation === 7 ? this.firstTargets[key]! : (columns[0] ?? 0);
      words[(at >>> 2) + 3] = columns.length;
      bytes.set(before, at + 16);
    }
  }
}
