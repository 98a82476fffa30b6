import type { Value } from "../../values/value";
import { tags } from "./columns";
import type { Interner } from "./interner";
import type { TextHolder } from "./operators/operator";
import { ValueCells } from "./value-cells";

/** The kind of a text whose result is not known. */
export const unknownKind = 255;

const leastTexts = 64;

/** What an expression gives for each interned text: worked out once, when the text is first met. */
export class TextMemo implements TextHolder {
  kinds: Uint8Array = new Uint8Array(leastTexts).fill(unknownKind);
  numbers: Float64Array = new Float64Array(leastTexts);
  boxes: Value[] = [];
  readonly size = 0;
  private readonly interner: Interner;
  private readonly evaluate: (text: string) => Value;
  private readonly cells = new ValueCells();

  constructor(interner: Interner, evaluate: (text: string) => Value) {
    this.interner = interner;
    this.evaluate = evaluate;
  }

  /** The kind of the result for a text; number and box stand beside it. */
  learn(id: number): number {
    const value = this.evaluate(this.interner.text(id));
    const text = typeof value === "string" ? this.interner.id(value) : null;
    const kind = text === null ? this.cells.take(value) : tags.text;
    if (id >= this.kinds.length) this.grow(id);
    this.kinds[id] = kind;
    this.numbers[id] = text ?? this.cells.number;
    if (kind === tags.boxed) this.boxes[id] = value;
    return kind;
  }

  private grow(id: number): void {
    const size = Math.max(2 * this.kinds.length, id + 1);
    const kinds = new Uint8Array(size).fill(unknownKind);
    kinds.set(this.kinds);
    this.kinds = kinds;
    const numbers = new Float64Array(size);
    numbers.set(this.numbers);
    this.numbers = numbers;
  }

  liveTexts(): void {}

  /** The texts have new numbers. */
  compact(): void {
    this.kinds = new Uint8Array(leastTexts).fill(unknownKind);
    this.numbers = new Float64Array(leastTexts);
    this.boxes = [];
  }
}
