import { civilDate } from "../../values/calendar";
import { writeJson, writeJsonObject } from "../../values/json-write";
import { ticksPerDay } from "../../values/ticks";
import type { Value } from "../../values/value";
import { tags } from "./columns";
import { FloatDigits } from "./float-digits";
import type { Interner } from "./interner";
import type { TextHolder } from "./operators/operator";
import { baseTicks } from "./ticks";

const encoder = new TextEncoder();
const dayTicks = Number(ticksPerDay);
const baseDay = Number(baseTicks / ticksPerDay);
/** Texts longer than this are encoded each time. */
const longestCached = 512;
/** So many bytes are handed over before a call of the job ends. */
const mostWaiting = 1 << 18;
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
  private day = Number.NaN;
  private readonly dayBytes = new Uint8Array(10);

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
    let whole = rest | 0;
    let digits = 1;
    for (let limit = 10; digits < 9 && whole >= limit; limit *= 10) digits++;
    for (let i = at + digits - 1; i >= at; i--) {
      const next = (whole / 10) | 0;
      bytes[i] = 48 + whole - next * 10;
      whole = next;
    }
    this.at = at + digits;
  }

  /** So many digits of a number below 2^31, zeros in front. */
  private padded(value: number, digits: number): void {
    const { bytes, at } = this;
    let whole = value | 0;
    for (let i = at + digits - 1; i >= at; i--) {
      const next = (whole / 10) | 0;
      bytes[i] = 48 + whole - next * 10;
      whole = next;
    }
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
    this.reserve(30);
    const day = Math.floor(time / dayTicks);
    if (day !== this.day) this.turnTo(day);
    const { bytes, dayBytes } = this;
    let { at } = this;
    const inDay = time - day * dayTicks;
    const seconds = Math.floor(inDay / 10_000_000);
    const fraction = inDay - seconds * 10_000_000;
    bytes[at++] = 34;
    for (let i = 0; i < 10; i++) bytes[at++] = dayBytes[i]!;
    const hour = (seconds / 3600) | 0;
    const minute = ((seconds - hour * 3600) / 60) | 0;
    const second = seconds - hour * 3600 - minute * 60;
    bytes[at] = 84;
    bytes[at + 1] = 48 + ((hour / 10) | 0);
    bytes[at + 2] = 48 + (hour % 10);
    bytes[at + 3] = 58;
    bytes[at + 4] = 48 + ((minute / 10) | 0);
    bytes[at + 5] = 48 + (minute % 10);
    bytes[at + 6] = 58;
    bytes[at + 7] = 48 + ((second / 10) | 0);
    bytes[at + 8] = 48 + (second % 10);
    at += 9;
    if (digits > 0) {
      bytes[at] = 46;
      this.at = at + 1;
      this.padded(digits === 7 ? fraction : (fraction / powers[7 - digits]!) | 0, digits);
      at = this.at;
    }
    bytes[at] = 90;
    bytes[at + 1] = 34;
    this.at = at + 2;
  }

  private turnTo(day: number): void {
    this.day = day;
    const { year, month, day: date } = civilDate(day + baseDay);
    const text = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`;
    for (let i = 0; i < 10; i++) this.dayBytes[i] = text.charCodeAt(i);
  }
}
