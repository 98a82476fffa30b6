import { writeJsonObject } from "../../../values/json-write";
import type { Value } from "../../../values/value";
import type { Interner } from "../interner";
import { valueAt } from "../layout";
import type { Page, PageTarget } from "../page";
import type { LineSink, LineWriter } from "./line-writer";

const encoder = new TextEncoder();
/** So many characters are handed over before a call of the job ends. */
const mostWaiting = 1 << 17;

/** Writes lines where the kernel cannot run: every row as a record. */
export class RecordLines implements LineWriter {
  private readonly interner: Interner;
  private readonly deliver: LineSink;
  private text = "";
  private rows = 0;

  constructor(interner: Interner, deliver: LineSink) {
    this.interner = interner;
    this.deliver = deliver;
  }

  record(names: readonly string[], values: readonly Value[]): void {
    this.text += `${writeJsonObject(names, values)}\n`;
    this.rows++;
    if (this.text.length > mostWaiting) this.flush();
  }

  target(page: Page): PageTarget {
    const { names, columns } = page.layout.slots[0]!;
    return {
      rows: (count) => {
        for (let row = 0; row < count; row++) {
          const values = columns.map((column) => valueAt(page, column, row, this.interner));
          this.record(names, values);
        }
      },
      progress: () => {},
    };
  }

  flush(): void {
    if (this.rows === 0) return;
    const { text, rows } = this;
    this.text = "";
    this.rows = 0;
    this.deliver(encoder.encode(text), rows);
  }
}
