import { DateTime, type Value } from "../../values/value";
import { stateMismatch } from "./mismatch";
import type { StateReader } from "./reader";
import { decodeText, encodeText } from "./text-bytes";
import type { StateWriter } from "./writer";

/** How the values of a column are written, NULLs apart. */
const forms = { mixed: 0, floats: 1, integers: 2, texts: 3, times: 4, numbers: 5 } as const;
/** Added to the form when a flag for each value says which are NULL. */
const withNulls = 8;
/** Differences up to this size are exact when doubled. */
const longestStep = 2 ** 52;
/** So many new texts in a row, less than a quarter of them seen before, and the rest of a column is not looked up. */
const leastTexts = 64;

function formOf(value: Value): (typeof forms)[keyof typeof forms] {
  if (typeof value === "number") return forms.floats;
  if (typeof value === "string") return forms.texts;
  if (typeof value === "bigint")
    return value < longestStep && value > -longestStep ? forms.integers : forms.mixed;
  return value instanceof DateTime ? forms.times : forms.mixed;
}

function commonForm(values: readonly Value[]): (typeof forms)[keyof typeof forms] {
  if (values.length === 0) return forms.mixed;
  let form = formOf(values[0]!);
  for (let i = 1; i < values.length && form !== forms.mixed; i++) {
    const other = formOf(values[i]!);
    if (other === form) continue;
    const numbers = isNumber(form) && isNumber(other);
    form = numbers ? forms.numbers : forms.mixed;
  }
  return form;
}

const isNumber = (form: number): boolean =>
  form === forms.floats || form === forms.integers || form === forms.numbers;

/** Writes many values next to each other: of one type in few bytes, of several types each with its type. */
export function writeColumn(writer: StateWriter, values: readonly Value[]): void {
  writer.count(values.length);
  const present = values.includes(null) ? values.filter((value) => value !== null) : values;
  const form = commonForm(present);
  if (present.length < values.length) {
    writer.byte(form + withNulls);
    writer.array(Uint8Array.from(values, (value) => (value === null ? 1 : 0)));
  } else writer.byte(form);
  switch (form) {
    case forms.floats:
      writer.array(Float64Array.from(present as readonly number[]));
      break;
    case forms.integers:
      for (const value of present) writer.step(Number(value));
      break;
    case forms.numbers: {
      const floats = present.filter((value) => typeof value === "number");
      writer.array(Uint8Array.from(present, (value) => (typeof value === "number" ? 1 : 0)));
      writer.array(Float64Array.from(floats));
      for (const value of present) if (typeof value === "bigint") writer.step(Number(value));
      break;
    }
    case forms.texts:
      writeTexts(writer, present as readonly string[]);
      break;
    case forms.times:
      writeTicks(
        writer,
        present.map((value) => (value as DateTime).ticks),
      );
      break;
    default:
      for (const value of present) writer.value(value);
  }
}

/** Reads what `writeColumn` wrote. */
export function readColumn(reader: StateReader): Value[] {
  const count = reader.count();
  const tag = reader.byte();
  const nulls = tag >= withNulls ? reader.array(Uint8Array) : null;
  const present = nulls === null ? count : nulls.reduce((sum, flag) => sum - flag, nulls.length);
  const values = readPresent(reader, nulls === null ? tag : tag - withNulls, present);
  if (nulls === null) return values;
  if (nulls.length !== count) throw stateMismatch("snapshot is damaged");
  let taken = 0;
  return Array.from(nulls, (flag) => (flag === 1 ? null : values[taken++]!));
}

function readPresent(reader: StateReader, form: number, count: number): Value[] {
  switch (form) {
    case forms.mixed:
      return reader.times(count, () => reader.value());
    case forms.floats:
      return Array.from(reader.array(Float64Array));
    case forms.integers:
      return reader.times(count, () => BigInt(reader.step()));
    case forms.numbers: {
      const flags = reader.array(Uint8Array);
      const floats = reader.array(Float64Array);
      let taken = 0;
      return Array.from(flags, (flag) => (flag === 1 ? floats[taken++]! : BigInt(reader.step())));
    }
    case forms.texts:
      return readTexts(reader, count);
    case forms.times:
      return readTicks(reader).map((ticks) => new DateTime(ticks));
    default:
      throw stateMismatch("snapshot is damaged");
  }
}

/** Writes moments or other whole numbers that lie near each other. */
export function writeTicks(writer: StateWriter, values: readonly bigint[]): void {
  writer.count(values.length);
  if (values.length === 0) return;
  let before = values[0]!;
  const steps = new Float64Array(values.length);
  for (let i = 1; i < values.length; i++) {
    steps[i] = Number(values[i]! - before);
    before = values[i]!;
  }
  const near = steps.every((step) => step < longestStep && step > -longestStep);
  writer.flag(near);
  if (!near) {
    for (const value of values) writer.integer(value);
    return;
  }
  writer.integer(values[0]!);
  for (let i = 1; i < steps.length; i++) writer.step(steps[i]!);
}

/** Reads what `writeTicks` wrote. */
export function readTicks(reader: StateReader): bigint[] {
  const count = reader.count();
  if (count === 0) return [];
  if (!reader.flag()) return reader.times(count, () => reader.integer());
  let value = reader.integer();
  return [
    value,
    ...reader.times(count - 1, () => {
      value += BigInt(reader.step());
      return value;
    }),
  ];
}

/** Numbers of texts seen before, or 0 for a new one; then the lengths of the new ones and all of them in one piece. */
function writeTexts(writer: StateWriter, values: readonly string[]): void {
  const known = new Map<string, number>();
  const fresh: string[] = [];
  let looksUp = true;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    const before = looksUp ? known.get(value) : undefined;
    if (before !== undefined) {
      writer.count(before + 1);
      continue;
    }
    writer.count(0);
    if (looksUp) known.set(value, fresh.length);
    fresh.push(value);
    looksUp = fresh.length < leastTexts || fresh.length * 4 < (index + 1) * 3;
  }
  for (const { length } of fresh) writer.count(length);
  const encoded = encodeText(fresh.join(""));
  writer.flag(encoded.wide);
  writer.array(encoded.bytes);
}

function readTexts(reader: StateReader, count: number): string[] {
  const numbers = reader.times(count, () => reader.count());
  const lengths = numbers.flatMap((number) => (number === 0 ? [reader.count()] : []));
  const wide = reader.flag();
  const text = decodeText(reader.array(Uint8Array), wide);
  let at = 0;
  const fresh = lengths.map((length) => {
    at += length;
    return text.slice(at - length, at);
  });
  if (at !== text.length) throw stateMismatch("snapshot is damaged");
  let taken = 0;
  return numbers.map((number) => {
    const found = fresh[number === 0 ? taken++ : number - 1];
    if (found === undefined) throw stateMismatch("snapshot is damaged");
    return found;
  });
}
