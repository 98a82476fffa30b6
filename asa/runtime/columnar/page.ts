import type { EventMetadata } from "../../api";
import { type ColumnStore, makeStore, pageRows } from "./columns";
import type { Layout } from "./layout";

/** Takes the rows of one page. */
export interface PageTarget {
  /** Rows 0 to `count` of the page that this target was built over, in time order; they are gone after the call. */
  rows(count: number): void;
  /** No later row lies before `time`. */
  progress(time: number): void;
}

/** What the broker knows of the rows' events. */
export interface Origins {
  readonly metadata: (EventMetadata | null)[];
  readonly arrivals: bigint[];
}

/** The way from one typed operator to the next: rows in arrays that stay the same, so that generated loops can hold them. */
export class Page {
  readonly layout: Layout;
  readonly times: Float64Array;
  readonly columns: readonly ColumnStore[];
  readonly origins: Origins | null;
  /** Rows that were put in and are not sent yet. */
  count = 0;
  private readonly targets: PageTarget[] = [];

  /** With `base` the times and the first columns are those of another page, whose rows this one has in their places. */
  constructor(layout: Layout, origins: Origins | null = null, base: Page | null = null) {
    this.layout = layout;
    this.origins = origins;
    this.times = base?.times ?? new Float64Array(pageRows);
    const own = base?.columns ?? [];
    this.columns = Array.from({ length: layout.width }, (_, index) => own[index] ?? makeStore(pageRows));
  }

  connect(target: PageTarget): void {
    this.targets.push(target);
  }

  /** Hands over what was put in. */
  send(): void {
    const { count } = this;
    if (count === 0) return;
    this.count = 0;
    for (const target of this.targets) target.rows(count);
  }

  progress(time: number): void {
    this.send();
    for (const target of this.targets) target.progress(time);
  }
}
