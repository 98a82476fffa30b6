import type { ColumnUse } from "../columns";
import type { Kernel } from "./kernel";
import { type LayoutStep, learnLayout } from "./layout";
import type { Spelling } from "./script";

const mostLayouts = 4;
const stepBytes = 80;
const roomBytes = stepBytes * 130;
/** Batches that are read key by key before layouts are tried again; doubled each time they fail. */
const firstPause = 16;
const longestPause = 4096;

/**
 * Chooses how the kernel reads a batch: by the layouts of events seen before while they fit, key by key when events come
 * in too many shapes.
 */
export class Layouts {
  private readonly kernel: Kernel;
  private readonly uses: readonly ColumnUse[];
  private readonly table: number;
  private readonly rooms: readonly number[];
  private known: readonly LayoutStep[][] = [];
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
    this.known = [];
    this.activate();
  }

  /** Lets the kernel read by these layouts. */
  activate(): void {
    this.kernel.calls.setLayouts(this.table, this.known.length);
  }

  /** Notes a batch of which `misses` rows fitted no layout; `learnFrom` gives bytes and begin of one of them. */
  note(
    rows: number,
    misses: number,
    learnFrom: () => { readonly bytes: Uint8Array; readonly at: number } | null,
  ): void {
    if (this.pause > 0) {
      this.pause--;
      return;
    }
    if (misses * 16 <= rows) {
      this.nextPause = firstPause;
      return;
    }
    if (this.known.length < mostLayouts) {
      const sample = learnFrom();
      if (sample !== null) this.learn(sample.bytes, sample.at);
    } else if (misses * 2 > rows) {
      this.forget();
      this.pause = this.nextPause;
      this.nextPause = Math.min(2 * this.nextPause, longestPause);
    }
  }

  private learn(bytes: Uint8Array, at: number): void {
    const layout = learnLayout(
      bytes,
      at,
      (name) => this.names.get(name) ?? -1,
      (key) => this.spellings[key]!.columns.map((column) => this.uses[column]!),
    );
    if (layout === null) {
      this.pause = this.nextPause;
      this.nextPause = Math.min(2 * this.nextPause, longestPause);
      return;
    }
    this.write(layout, this.rooms[this.known.length]!);
    this.known = [...this.known, [...layout]];
    this.activate();
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
