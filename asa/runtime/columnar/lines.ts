import { formatDateTime } from "../../values/datetime";
import { writeJson, writeJsonObject } from "../../values/json-write";
import type { Value } from "../../values/value";
import { tags } from "./columns";
import { FloatDigits } from "./float-digits";
import type { Interner } from "./interner";
import type { TextHolder } from "./operators/operator";
import { absoluteTicks } from "./ticks";

const encoder = new TextEncoder();
/** Texts longer than this are encoded each time. */
const longestCached = 512;
/** So many bytes are handed over before a call of the job ends. */
const mostWaiting = 1 << 18;
/** Two digits as two characters. */
const pairs = Int16Array.from({ length: 100 }, (_, n) => (48 + ((n / 10) | 0)) * 256 + 48 + (n % 10));
const powers = Array.from({ length: 8 }, (_, exponent) => 10 ** exponent);

/**
 * Writes rows as JSON lines into bytes, every value as `writeJson` has it. Texts that occur again are copied from bytes that
 * were escaped once.
 */
export class LineWriter implements TextHolder {
  private readonly interner: Interner;
  bytes: Uint8Array = new Uint8Array(1 << 16);
  view: DataView = new DataView(this.bytes.buffer);
  at = 0;
  rows = 0;
  private pool = new Uint8Array(1 << 12);
  private poolView = new DataView(this.pool.buffer);
  private poolUsed = 0;
  private starts = new Int32Array(1 << 8).fill(-1);
  private lengths = new Int32Array(1 << 8);
  private readonly floats = new FloatDigits();
  private second = Number.NaN;
  private readonly secondText = new DataView(new ArrayBuffer(20));

  private readonly deliver: (lines: Uint8Array, rows: number) => void;

  /** `deliver` takes the lines written so far; they are overwritten afterwards. */
  constructor(interner: Interner, deliver: (lines: Uint8Array, rows: number) => void) {
    this.interner = interner;
    this.deliver = deliver;
  }

  /** Makes room for so many more bytes. */
  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** Hands over what was written. */
  flush(): void {
    if (this.rows === 0) return;
    const { at, rows } = this;
    this.at = 0;
    this.rows = 0;
    this.deliver(this.bytes.subarray(0, at), rows);
  }

  /** Hands over what was written when it has become much. */
  full(): void {
    if (this.at > mostWaiting) this.flush();
  }

  get size(): number {
    return 0;
  }

  liveTexts(): void {}

  /** The texts have new numbers. */
  compact(): void {
    this.starts.fill(-1);
    this.poolUsed = 0;
  }

  /** A whole row that is a record already. */
  record(names: readonly string[], values: readonly Value[]): void {
    this.encoded(`${writeJsonObject(names, values)}\n`);
    this.rows++;
  }

  cell(kind: number, number: number, boxed: Value): void {
    if (kind === tags.text) this.text(number);
    else if (kind === tags.float) this.float(number);
    else if (kind === tags.integer) {
      this.reserve(20);
      this.integer(number);
    } else if (kind === tags.null) this.word("null");
    else if (kind === tags.bit) this.word(number === 1 ? "true" : "false");
    else if (kind === tags.time) this.stamp(number, 7);
    else if (kind >= tags.stamp) this.stamp(number, kind - tags.stamp);
    else this.encoded(writeJson(boxed));
  }

  private word(word: string): void {
    this.reserve(word.length);
    for (let i = 0; i < word.length; i++) this.bytes[this.at++] = word.charCodeAt(i);
  }

  private encoded(text: string): void {
    // One UTF-16 unit takes three bytes at most.
    this.reserve(text.length * 3);
    this.at += encoder.encodeInto(text, this.bytes.subarray(this.at)).written;
  }

  private text(id: number): void {
    if (id >= this.starts.length || this.starts[id]! < 0) {
      const text = JSON.stringify(this.interner.text(id));
      if (text.length > longestCached) {
        this.encoded(text);
        return;
      }
      this.learn(id, text);
    }
    const length = this.lengths[id]!;
    // Four bytes at a time; what is copied too much is overwritten.
    this.reserve(length + 4);
    const { at, view, poolView } = this;
    const start = this.starts[id]!;
    for (let i = 0; i < length; i += 4) view.setInt32(at + i, poolView.getInt32(start + i));
    this.at = at + length;
  }

  private learn(id: number, text: string): void {
    if (id >= this.starts.length) {
      const size = Math.max(this.starts.length * 2, id + 1);
      const starts = new Int32Array(size).fill(-1);
      starts.set(this.starts);
      this.starts = starts;
      const lengths = new Int32Array(size);
      lengths.set(this.lengths);
      this.lengths = lengths;
    }
    const room = this.poolUsed + text.length * 3 + 4;
    if (room > this.pool.length) {
      const pool = new Uint8Array(Math.max(this.pool.length * 2, room));
      pool.set(this.pool.subarray(0, this.poolUsed));
      this.pool = pool;
      this.poolView = new DataView(pool.buffer);
    }
    const { written } = encoder.encodeInto(text, this.pool.subarray(this.poolUsed));
    this.starts[id] = this.poolUsed;
    this.lengths[id] = written;
    this.poolUsed += written;
  }

  /** Digits of a whole number below 2^53; room is there. */
  private integer(value: number): void {
    const { bytes } = this;
    let { at } = this;
    let rest = value;
    if (value < 0) {
      bytes[at++] = 45;
      rest = -value;
    }
    if (rest >= 1_000_000_000) {
      const high = Math.floor(rest / 1_000_000_000);
      const low = rest - high * 1_000_000_000;
      this.at = at;
      this.integer(high);
      at = this.at;
      this.padded(low, 9);
      return;
    }
    let digits = 1;
    for (let limit = 10; digits < 9 && rest >= limit; limit *= 10) digits++;
    this.at = at;
    this.padded(rest, digits);
  }

  /** So many digits of a number below 2^31, zeros in front. */
  private padded(value: number, digits: number): void {
    const { view, at } = this;
    let whole = value | 0;
    let i = at + digits;
    for (; i - at >= 2; i -= 2) {
      const next = (whole / 100) | 0;
      view.setInt16(i - 2, pairs[whole - next * 100]!);
      whole = next;
    }
    if (i > at) this.bytes[at] = 48 + whole;
    this.at = at + digits;
  }

  private float(value: number): void {
    const size = value < 0 ? -value : value;
    // Up to six decimals and 15 digits in all: the decimal that is written is the shortest that reads back the same.
    const millionths = Math.round(size * 1_000_000);
    if (!(millionths < 1_000_000_000_000_000) || millionths < 100 || millionths / 1_000_000 !== size) {
      if (!(size >= 1 && size < 2_147_483_648 && this.longFloat(value, size))) this.encoded(writeJson(value));
      return;
    }
    this.reserve(24);
    if (value < 0) this.bytes[this.at++] = 45;
    const whole = Math.floor(millionths / 1_000_000);
    let rest = millionths - whole * 1_000_000;
    this.integer(whole);
    this.bytes[this.at++] = 46;
    if (rest === 0) {
      this.bytes[this.at++] = 48;
      return;
    }
    let digits = 6;
    while (rest % 10 === 0) {
      rest = (rest / 10) | 0;
      digits--;
    }
    this.padded(rest, digits);
  }

  private longFloat(value: number, size: number): boolean {
    const whole = Math.floor(size);
    if (whole === size) return false;
    const digits = this.floats.of(size, whole);
    if (digits === 0) return false;
    this.reserve(32);
    if (value < 0) this.bytes[this.at++] = 45;
    this.integer(whole);
    this.bytes[this.at++] = 46;
    const rest = this.floats.digits;
    const high = Math.floor(rest / 10_000_000);
    if (digits > 7) this.padded(high, digits - 7);
    this.padded(rest - high * 10_000_000, Math.min(digits, 7));
    return true;
  }

  /** A moment as text with so many digits behind the point. */
  private stamp(time: number, digits: number): void {
    this.reserve(32);
    const second = Math.floor(time / 10_000_000);
    // Rows come in time order: the text of the last second nearly always fits again.
    if (second !== this.second) this.turnTo(second);
    const { view, secondText } = this;
    let { at } = this;
    for (let i = 0; i < 20; i += 4) view.setInt32(at + i, secondText.getInt32(i));
    at += 20;
    if (digits > 0) {
      const fraction = time - second * 10_000_000;
      this.bytes[at] = 46;
      this.at = at + 1;
      this.padded(digits === 7 ? fraction : (fraction / powers[7 - digits]!) | 0, digits);
      at = this.at;
    }
    this.bytes[at] = 90;
    this.bytes[at + 1] = 34;
    this.at = at + 2;
  }

  /** Writes a quote and `yyyy-MM-ddTHH:mm:ss` of a second, counted from the base. */
  private turnTo(second: number): void {
    this.second = second;
    const text = `"${formatDateTime(absoluteTicks(second * 10_000_000)).slice(0, 19)}`;
    for (let i = 0; i < 20; i++) this.secondText.setUint8(i, text.charCodeAt(i));
  }
}
