import { type Code, code, literal } from "../../../codegen/code";
import { Scope } from "../../../codegen/scope";
import { dayNumber, daysInMonth } from "../../../values/calendar";
import type { JsonReader } from "../../../values/json-read";
import { type ColumnStore, type ColumnUse, tags } from "../columns";
import type { Interner } from "../interner";
import { asciiText, dayAt, readSlice, skipNumber, skipText, skipValue } from "./support";

/**
 * Reads the object that begins at `at` into row `row` of the columns and returns the index behind it; -1 when the bytes
 * are anything but one object whose meaning is beyond doubt, and the JSON reader has to decide.
 */
export type Scan = (bytes: Uint8Array, at: number, row: number) => number;

/** A spelling of a needed key, and the columns that it feeds as indices in the uses. */
export interface Spelling {
  readonly name: string;
  readonly columns: readonly number[];
}

/** A key of events and the column that it feeds; several keys of one column differ by case. */
interface KnownKey {
  readonly name: string;
  /** Index in the uses; null: known not to be needed. */
  readonly columns: readonly number[] | null;
}

const baseDay = dayNumber(2020, 1, 1);
const dayOf = (year: number, month: number, day: number): number =>
  year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
    ? dayNumber(year, month, day) - baseDay
    : Number.NaN;

/** Names whose bytes in an event are their characters. */
export const asciiName = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;

/** Powers of ten that divide a mantissa of up to 15 digits to the double nearest to the written number. */
const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const matches = (name: string): Code => {
  const tests = [...name].map((unit, i) => code`b[k + ${i}] === ${unit.charCodeAt(0)}`);
  return code`${tests.reduce((all, test) => code`${all} && ${test}`)}`;
};

/**
 * Makes and remakes the generated scanner of an input: it learns which keys of the events are spelt like a needed column
 * in another case, and which are known to be of no interest.
 */
export class ScannerFactory {
  private readonly uses: readonly ColumnUse[];
  private readonly stores: readonly ColumnStore[];
  private readonly interner: Interner;
  private readonly reader: JsonReader;
  private readonly keys = new Map<string, KnownKey>();
  private readonly folded = new Map<string, number[]>();
  private learned = 0;
  /** True when a new key was learned and `make` gives a better scanner. */
  stale = true;

  constructor(
    uses: readonly ColumnUse[],
    stores: readonly ColumnStore[],
    interner: Interner,
    reader: JsonReader,
  ) {
    this.uses = uses;
    this.stores = stores;
    this.interner = interner;
    this.reader = reader;
    for (const [index, { name }] of uses.entries()) {
      const key = name.toLowerCase();
      this.folded.set(key, [...(this.folded.get(key) ?? []), index]);
    }
    // A key feeds columns of another casing too, unless the event also has the key in theirs.
    for (const { name } of uses) this.keys.set(name, { name, columns: this.folded.get(name.toLowerCase())! });
  }

  /** Judges a key that the scanner does not know: 1 skip its value, 0 the JSON reader has to take the event. */
  private unknown(bytes: Uint8Array, from: number, to: number): number {
    const name = asciiText(bytes, from, to);
    const columns = this.folded.get(name.toLowerCase());
    if (this.learned < 256 && asciiName.test(name)) {
      this.learned++;
      this.keys.set(name, { name, columns: columns ?? null });
      this.stale = true;
    }
    return columns === undefined ? 1 : 0;
  }

  /** Keys whose column is also fed by another spelling: two of them in one event need the JSON reader. */
  private shared(): ReadonlySet<number> {
    const counts = new Map<number, number>();
    for (const { columns } of this.keys.values())
      for (const column of columns ?? []) counts.set(column, (counts.get(column) ?? 0) + 1);
    return new Set([...counts].filter(([, count]) => count > 1).map(([column]) => column));
  }

  /** The spellings of needed keys met so far, in an order to which later ones are added. */
  get spellings(): readonly Spelling[] {
    const found: Spelling[] = [];
    for (const { name, columns } of this.keys.values())
      if (columns !== null && asciiName.test(name)) found.push({ name, columns });
    return found;
  }

  make(): Scan {
    this.stale = false;
    const scope = new Scope();
    return scope.evaluate<Scan>(this.body(scope));
  }

  /** The text of the scanner, for `explain`. */
  text(): string {
    return this.body(new Scope()).text;
  }

  private body(scope: Scope): Code {
    const shared = this.shared();
    const unknown = scope.value("unknown", (bytes: Uint8Array, from: number, to: number) =>
      this.unknown(bytes, from, to),
    );
    const skip = scope.value("skipValue", skipValue);
    const stores = this.uses.map((_, index) => ({
      numbers: scope.value("numbers", this.stores[index]!.numbers),
      kinds: scope.value("kinds", this.stores[index]!.kinds),
    }));
    const byLength = new Map<number, KnownKey[]>();
    for (const key of this.keys.values())
      if (asciiName.test(key.name))
        byLength.set(key.name.length, [...(byLength.get(key.name.length) ?? []), key]);
    const foldedLengths = new Set([...this.folded.keys()].map((name) => name.length));
    const cases: Code[] = [];
    let spelling = 0;
    for (const [length, keys] of byLength) {
      const tests: Code[] = [];
      for (const { name, columns } of keys) {
        const actions: Code[] = [];
        for (const column of columns ?? []) {
          spelling++;
          if (shared.has(column))
            actions.push(
              code`if (${seenName(column)} !== 0 && ${seenName(column)} !== ${spelling}) return -1; ${seenName(column)} = ${spelling};`,
            );
        }
        tests.push(code`if (${matches(name)}) {
${actions}
${columns === null ? code`i = skip(b, i, 1); if (i < 0) return -1;` : this.readValue(scope, columns)}
break;
}`);
      }
      const other = foldedLengths.has(length) ? code`if (${unknown}(b, k, q) === 0) return -1;` : code``;
      cases.push(code`case ${length}:
${tests}
${other}
i = skip(b, i, 1); if (i < 0) return -1;
break;`);
    }
    for (const length of foldedLengths) {
      if (byLength.has(length)) continue;
      cases.push(code`case ${length}:
if (${unknown}(b, k, q) === 0) return -1;
i = skip(b, i, 1); if (i < 0) return -1;
break;`);
    }
    const reset = stores.map(({ kinds, numbers }, index) =>
      this.uses[index]!.marksAbsent === true
        ? code`${kinds}[r] = 0; ${numbers}[r] = NaN;`
        : code`${kinds}[r] = 0;`,
    );
    const seen = [...shared].map((column) => code`let ${seenName(column)} = 0;`);
    return code`let dayKey0 = -1, dayKey1 = -1, dayKey2 = -1, dayValue = 0;
const skip = ${skip};
return (b, at, r) => {
let i = at, c = 0;
while ((c = b[i]) === 32 || c === 9 || c === 13) i++;
if (c !== 123) return -1;
${reset}
${seen}
i++;
while ((c = b[i]) === 32 || c === 9 || c === 13) i++;
if (c === 125) return i + 1;
for (;;) {
  if (c !== 34) return -1;
  const k = i + 1;
  let q = k;
  while ((c = b[q]) !== 34) { if (!(c >= 32) || c === 92 || c >= 128) return -1; q++; }
  i = q + 1;
  while ((c = b[i]) === 32 || c === 9 || c === 13) i++;
  if (c !== 58) return -1;
  i++;
  while ((c = b[i]) === 32 || c === 9 || c === 13) i++;
  switch (q - k) {
${cases}
default:
  i = skip(b, i, 1); if (i < 0) return -1;
  }
  while ((c = b[i]) === 32 || c === 9 || c === 13) i++;
  if (c === 44) {
    i++;
    while ((c = b[i]) === 32 || c === 9 || c === 13) i++;
    continue;
  }
  return c === 125 ? i + 1 : -1;
}
};`;
  }

  /** Reads the value at `i` into the columns of a key, and moves `i` behind it. */
  private readValue(scope: Scope, columns: readonly number[]): Code {
    const parts: Code[] = [code`const v = i;`];
    for (const [index, column] of columns.entries()) {
      if (index > 0) parts.push(code`i = v; c = b[i];`);
      const read =
        this.uses[column]!.as === "time" ? this.readTime(scope, column) : this.readCell(scope, column);
      parts.push(code`{\n${read}\n}`);
    }
    return code`${parts}`;
  }

  private cell(scope: Scope, column: number): { numbers: Code; kinds: Code; boxes: Code } {
    const store = this.stores[column]!;
    return {
      numbers: scope.value("numbers", store.numbers),
      kinds: scope.value("kinds", store.kinds),
      boxes: scope.value("boxes", store.boxes),
    };
  }

  /** A value that has no short cut: read by the JSON reader from its bytes. */
  private boxed(scope: Scope, column: number): Code {
    const { kinds, boxes, numbers } = this.cell(scope, column);
    const read = scope.value("readSlice", readSlice);
    const reader = scope.value("jsonReader", this.reader);
    return code`const e = skip(b, i, 1); if (e < 0) return -1;
const x = ${read}(${reader}, b, i, e); if (x === undefined) return -1;
${kinds}[r] = ${tags.boxed}; ${numbers}[r] = 0; ${boxes}[r] = x; i = e;`;
  }

  private readCell(scope: Scope, column: number): Code {
    const { numbers, kinds, boxes } = this.cell(scope, column);
    const use = this.uses[column]!;
    const text =
      use.as === "text"
        ? code`let j = i + 1, h = 0;
while ((c = b[j]) !== 34 && c >= 32 && c !== 92 && c < 128) { h = (Math.imul(h, 31) + c) | 0; j++; }
if (c === 34) { ${numbers}[r] = ${scope.value("interner", this.interner)}.bytes(b, i + 1, j, h); ${kinds}[r] = ${tags.text}; i = j + 1; }
else {
  const e = ${scope.value("skipText", skipText)}(b, i); if (e < 0) return -1;
  const x = ${scope.value("readSlice", readSlice)}(${scope.value("jsonReader", this.reader)}, b, i, e); if (x === undefined) return -1;
  const id = ${scope.value("interner", this.interner)}.id(x);
  if (id === null) { ${kinds}[r] = ${tags.boxed}; ${numbers}[r] = 0; ${boxes}[r] = x; } else { ${kinds}[r] = ${tags.text}; ${numbers}[r] = id; }
  i = e;
}`
        : code`let j = i + 1;
while ((c = b[j]) !== 34 && c >= 32 && c !== 92 && c < 128) j++;
if (c === 34) { ${kinds}[r] = ${tags.boxed}; ${numbers}[r] = 0; ${boxes}[r] = ${scope.value("asciiText", asciiText)}(b, i + 1, j); i = j + 1; }
else { ${this.boxed(scope, column)} }`;
    return code`if (c === 34) {
${text}
} else if (c === 45 || (c >= 48 && c <= 57)) {
${this.readNumber(scope, column)}
} else if (c === 116) {
  if (b[i + 1] !== 114 || b[i + 2] !== 117 || b[i + 3] !== 101) return -1;
  ${kinds}[r] = ${tags.bit}; ${numbers}[r] = 1; i += 4;
} else if (c === 102) {
  if (b[i + 1] !== 97 || b[i + 2] !== 108 || b[i + 3] !== 115 || b[i + 4] !== 101) return -1;
  ${kinds}[r] = ${tags.bit}; ${numbers}[r] = 0; i += 5;
} else if (c === 110) {
  if (b[i + 1] !== 117 || b[i + 2] !== 108 || b[i + 3] !== 108) return -1;
  ${kinds}[r] = 0; ${numbers}[r] = 0; i += 4;
} else { ${this.boxed(scope, column)} }`;
  }

  private readNumber(scope: Scope, column: number): Code {
    const { numbers, kinds, boxes } = this.cell(scope, column);
    const powersName = scope.value("powers", powers);
    return code`const start = i;
let negative = false;
if (c === 45) { negative = true; c = b[++i]; }
const first = i;
let m = 0;
while (c >= 48 && c <= 57) { m = m * 10 + (c - 48); c = b[++i]; }
let digits = i - first;
if (digits === 0 || (digits > 1 && b[first] === 48)) return -1;
let kind = ${tags.integer}, places = 0;
if (c === 46) {
  kind = ${tags.float};
  const point = ++i;
  c = b[i];
  while (c >= 48 && c <= 57) { m = m * 10 + (c - 48); c = b[++i]; }
  places = i - point;
  if (places === 0) return -1;
  digits += places;
}
if (digits > 15 || c === 101 || c === 69) {
  const e = ${scope.value("skipNumber", skipNumber)}(b, start); if (e < 0) return -1;
  const x = ${scope.value("readSlice", readSlice)}(${scope.value("jsonReader", this.reader)}, b, start, e); if (x === undefined) return -1;
  if (typeof x === "number") { ${kinds}[r] = ${tags.float}; ${numbers}[r] = x; }
  else { ${kinds}[r] = ${tags.boxed}; ${numbers}[r] = 0; ${boxes}[r] = x; }
  i = e;
} else {
  if (places > 0) m = m / ${powersName}[places];
  ${kinds}[r] = kind;
  ${numbers}[r] = negative ? (kind === ${tags.integer} && m === 0 ? 0 : -m) : m;
}`;
  }

  /** `yyyy-MM-ddTHH:mm:ss[.f]Z` as ticks; any other value as it is. The day of the last event nearly always fits again. */
  private readTime(scope: Scope, column: number): Code {
    const { numbers, kinds } = this.cell(scope, column);
    return code`let plain = c === 34 && b[i + 11] === 84 && b[i + 14] === 58 && b[i + 17] === 58;
if (plain) {
  const h1 = b[i + 12] - 48, h2 = b[i + 13] - 48, m1 = b[i + 15] - 48, m2 = b[i + 16] - 48, s1 = b[i + 18] - 48, s2 = b[i + 19] - 48;
  let j = i + 20, f = 0, left = 7;
  c = b[j];
  if (c === 46) {
    c = b[++j];
    while (c >= 48 && c <= 57 && left > 0) { f = f * 10 + (c - 48); left--; c = b[++j]; }
    plain = left < 7;
  }
  const digits = 7 - left;
  while (left > 0) { f *= 10; left--; }
  if (j === i + 20) f = 0;
  plain = plain && c === 90 && b[j + 1] === 34 && ((h1 | h2 | m1 | m2 | s1 | s2) >>> 0) < 16 && h1 < 10 && h2 < 10 && m1 < 6 && m2 < 10 && s1 < 6 && s2 < 10 && h1 * 10 + h2 < 24;
  if (plain) {
    const k0 = b[i + 1] | (b[i + 2] << 8) | (b[i + 3] << 16) | (b[i + 4] << 24), k1 = b[i + 5] | (b[i + 6] << 8) | (b[i + 7] << 16) | (b[i + 8] << 24), k2 = b[i + 9] | (b[i + 10] << 8);
    if (k0 !== dayKey0 || k1 !== dayKey1 || k2 !== dayKey2) {
      dayValue = ${scope.value("dayAt", dayAt)}(b, i + 1, ${scope.value("dayOf", dayOf)});
      dayKey0 = k0; dayKey1 = k1; dayKey2 = k2;
    }
    if (dayValue > -9800 && dayValue < 9800) {
      ${numbers}[r] = (dayValue * 86400 + (h1 * 10 + h2) * 3600 + (m1 * 10 + m2) * 60 + s1 * 10 + s2) * 10000000 + f;
      ${kinds}[r] = ${tags.stamp} + digits;
      i = j + 2;
    } else plain = false;
  }
}
if (!plain) { c = b[i];
${this.readCell(scope, column)}
}`;
  }
}

function seenName(column: number): Code {
  return code`seen${literal(column)}`;
}
