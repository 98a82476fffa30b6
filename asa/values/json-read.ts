import { fitsBigint } from "./types";
import { AsaRecord, type Value } from "./value";

/** JSON text that cannot be read as values of the language; `offset` counts UTF-16 units from the text's start. */
export class JsonReadError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`${message} at offset ${offset}`);
    this.name = "JsonReadError";
    this.offset = offset;
  }
}

const maxDepth = 512;
const quote = 34;
const backslash = 92;

/**
 * Reads JSON text into values of the language, keeping the kinds of numbers: no fraction and no exponent is bigint,
 * anything else float. Of duplicate names the last value wins, at the place of the first; with `keepFirst` the first.
 *
 * Events of one shape share one `names` array, so that accessors may remember a member's index by its identity.
 */
export class JsonReader {
  private text = "";
  private at = 0;
  private depth = 0;
  private readonly layouts = new Map<string, readonly string[]>();
  private lastTop: readonly string[] = [];
  private readonly keepFirst: boolean;

  constructor(options: { readonly keepFirst?: boolean } = {}) {
    this.keepFirst = options.keepFirst === true;
  }

  /**
   * Reads exactly one value.
   * @throws {JsonReadError} when the text is not JSON, has an integer outside 64 bits, or nests deeper than 512.
   */
  read(text: string): Value {
    this.begin(text);
    const value = this.value();
    this.blank();
    if (this.at < this.text.length) throw this.error("unexpected text after the value");
    return value;
  }

  /** Starts on a text that holds several values; use with `next`. */
  begin(text: string, offset = 0): void {
    this.text = text;
    this.at = offset;
    this.depth = 0;
  }

  /** Reads the next value, skipping blanks and, between values, commas; undefined at the end of the text. */
  next(): Value | undefined {
    this.blank();
    while (this.text.charCodeAt(this.at) === 44) {
      this.at++;
      this.blank();
    }
    return this.at >= this.text.length ? undefined : this.value();
  }

  /** Offset of the first unit not yet read. */
  get offset(): number {
    return this.at;
  }

  private error(message: string): JsonReadError {
    return new JsonReadError(message, this.at);
  }

  private blank(): void {
    const text = this.text;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === 32 || code === 10 || code === 13 || code === 9) this.at++;
      else return;
    }
  }

  private value(): Value {
    this.blank();
    const code = this.text.charCodeAt(this.at);
    switch (code) {
      case 123:
        return this.object();
      case 91:
        return this.array();
      case quote:
        return this.string();
      case 116:
        return this.word("true", true);
      case 102:
        return this.word("false", false);
      case 110:
        return this.word("null", null);
      default:
        if (code === 45 || (code >= 48 && code <= 57)) return this.number();
        throw this.error(this.at >= this.text.length ? "unexpected end of JSON" : "unexpected character");
    }
  }

  private word<T extends Value>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) throw this.error("unexpected character");
    this.at += word.length;
    return value;
  }

  private enter(): void {
    this.depth++;
    if (this.depth > maxDepth) throw this.error("JSON nests too deeply");
  }

  private object(): AsaRecord {
    this.enter();
    this.at++;
    const expected = this.depth === 1 ? this.lastTop : [];
    const names: string[] = [];
    const values: Value[] = [];
    let same = true;
    this.blank();
    if (this.text.charCodeAt(this.at) === 125) {
      this.at++;
      this.depth--;
      return new AsaRecord(names, values);
    }
    for (;;) {
      this.blank();
      if (this.text.charCodeAt(this.at) !== quote) throw this.error("expected a member name");
      const name = this.string();
      if (same && expected[names.length] !== name) same = false;
      this.blank();
      if (this.text.charCodeAt(this.at) !== 58) throw this.error('expected ":"');
      this.at++;
      const value = this.value();
      // A name equal to the expected layout's cannot repeat an earlier one, layouts being free of duplicates.
      const known = same ? -1 : names.indexOf(name);
      if (known >= 0) values[known] = this.keepFirst ? values[known]! : value;
      else {
        names.push(name);
        values.push(value);
      }
      this.blank();
      const code = this.text.charCodeAt(this.at++);
      if (code === 44) continue;
      if (code === 125) break;
      this.at--;
      throw this.error('expected "," or "}"');
    }
    this.depth--;
    if (same && expected.length === names.length) return new AsaRecord(expected, values);
    const layout = this.layout(names);
    if (this.depth === 0) this.lastTop = layout;
    return new AsaRecord(layout, values);
  }

  private layout(names: readonly string[]): readonly string[] {
    const key = names.join("\u0000");
    const known = this.layouts.get(key);
    if (known !== undefined && known.length === names.length) return known;
    // Unbounded names (maps as objects) must not grow the table for ever.
    if (this.layouts.size > 1000) this.layouts.clear();
    this.layouts.set(key, names);
    return names;
  }

  private array(): Value {
    this.enter();
    this.at++;
    const items: Value[] = [];
    this.blank();
    if (this.text.charCodeAt(this.at) === 93) {
      this.at++;
      this.depth--;
      return items;
    }
    for (;;) {
      items.push(this.value());
      this.blank();
      const code = this.text.charCodeAt(this.at++);
      if (code === 44) continue;
      if (code === 93) break;
      this.at--;
      throw this.error('expected "," or "]"');
    }
    this.depth--;
    return items;
  }

  private string(): string {
    const text = this.text;
    const start = this.at + 1;
    let i = start;
    for (;;) {
      const code = text.charCodeAt(i);
      if (code === quote) {
        this.at = i + 1;
        return text.slice(start, i);
      }
      if (code === backslash) return this.escaped(start, i);
      // NaN, the code behind the end, fails this comparison too.
      if (!(code >= 32)) {
        this.at = i;
        throw this.error("unterminated string or control character in it");
      }
      i++;
    }
  }

  private escaped(start: number, first: number): string {
    const text = this.text;
    let result = text.slice(start, first);
    let i = first;
    for (;;) {
      const code = text.charCodeAt(i);
      if (code === quote) {
        this.at = i + 1;
        return result;
      }
      if (!(code >= 32)) {
        this.at = i;
        throw this.error("unterminated string or control character in it");
      }
      if (code !== backslash) {
        result += text[i];
        i++;
        continue;
      }
      const letter = text[i + 1];
      if (letter === "u") {
        const digits = text.slice(i + 2, i + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
          this.at = i;
          throw this.error("invalid escape in a string");
        }
        result += String.fromCharCode(Number.parseInt(digits, 16));
        i += 6;
        continue;
      }
      const plain = letter === undefined ? undefined : escapes[letter];
      if (plain === undefined) {
        this.at = i;
        throw this.error("invalid escape in a string");
      }
      result += plain;
      i += 2;
    }
  }

  private number(): Value {
    const text = this.text;
    const start = this.at;
    let i = start;
    if (text.charCodeAt(i) === 45) i++;
    const firstDigit = i;
    let code = text.charCodeAt(i);
    while (code >= 48 && code <= 57) code = text.charCodeAt(++i);
    const digits = i - firstDigit;
    if (digits === 0 || (digits > 1 && text.charCodeAt(firstDigit) === 48))
      throw this.error("invalid number");
    if (code !== 46 && code !== 101 && code !== 69) {
      this.at = i;
      if (digits <= 15) return BigInt(+text.slice(start, i));
      const whole = BigInt(text.slice(start, i));
      if (!fitsBigint(whole)) {
        this.at = start;
        throw this.error("integer outside the range of bigint");
      }
      return whole;
    }
    if (code === 46) {
      const before = i;
      code = text.charCodeAt(++i);
      while (code >= 48 && code <= 57) code = text.charCodeAt(++i);
      if (i === before + 1) throw this.error("invalid number");
    }
    if (code === 101 || code === 69) {
      code = text.charCodeAt(++i);
      if (code === 43 || code === 45) code = text.charCodeAt(++i);
      const before = i;
      while (code >= 48 && code <= 57) code = text.charCodeAt(++i);
      if (i === before) throw this.error("invalid number");
    }
    const number = Number(text.slice(start, i));
    if (!Number.isFinite(number)) throw this.error("number outside the range of float");
    this.at = i;
    return number;
  }
}

const escapes: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
});

/** Reads one JSON text; see `JsonReader`. */
export function readJson(text: string): Value {
  return new JsonReader().read(text);
}
