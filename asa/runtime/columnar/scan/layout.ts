import { parseDateTime } from "../../../values/datetime";
import type { ColumnUse } from "../columns";
import { skipNumber, skipText, skipValue } from "./support";

/** How the kernel reads a value; the numbers are those of asa/kernel/layout.ts. */
export const operations = {
  end: 0,
  skipText: 1,
  skipNumber: 2,
  skip: 3,
  text: 4,
  number: 5,
  time: 6,
  read: 7,
  rawText: 8,
} as const;

/** The bytes before a value and how it is read; `key` is the number of its spelling, -1 when no column needs it. */
export interface LayoutStep {
  readonly before: Uint8Array;
  readonly operation: number;
  readonly key: number;
}

export const longestBefore = 64;
const mostSteps = 128;

const blank = (byte: number | undefined): boolean => byte === 32 || byte === 9 || byte === 13;
const plainTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/;
const decoder = new TextDecoder("latin1");

function blanks(bytes: Uint8Array, at: number): number {
  let i = at;
  while (blank(bytes[i])) i++;
  return i;
}

/** What a value of the first byte is to the kernel when columns with these uses need it. */
function operationOf(bytes: Uint8Array, at: number, end: number, uses: readonly ColumnUse[]): number {
  const isText = bytes[at] === 34;
  const isNumber = bytes[at] === 45 || (bytes[at]! >= 48 && bytes[at]! <= 57);
  if (uses.length === 0)
    return isText ? operations.skipText : isNumber ? operations.skipNumber : operations.skip;
  if (uses.length > 1) return operations.read;
  const { as } = uses[0]!;
  if (as === "time") {
    const text = isText ? decoder.decode(bytes.subarray(at + 1, end - 1)) : "";
    return plainTime.test(text) && parseDateTime(text) !== null ? operations.time : operations.read;
  }
  if (isText) return as === "text" ? operations.text : operations.rawText;
  return isNumber ? operations.number : operations.read;
}

/**
 * The layout of the object in bytes [from, to), which a scanner has accepted; null when objects like it are better read
 * key by key. `keyOf` gives the number of a spelling of a needed key, -1 for any other key.
 */
export function learnLayout(
  bytes: Uint8Array,
  from: number,
  keyOf: (name: string) => number,
  usesOf: (key: number) => readonly ColumnUse[],
): readonly LayoutStep[] | null {
  const steps: LayoutStep[] = [];
  let before = blanks(bytes, from);
  let i = blanks(bytes, before + 1);
  if (bytes[before] !== 123 || bytes[i] !== 34) return null;
  while (steps.length < mostSteps) {
    const end = skipText(bytes, i);
    if (end < 0) return null;
    const key = keyOf(decoder.decode(bytes.subarray(i + 1, end - 1)));
    const value = blanks(bytes, blanks(bytes, end) + 1);
    const behind = skipValue(bytes, value, 1);
    if (behind < 0) return null;
    const operation = operationOf(bytes, value, behind, key < 0 ? [] : usesOf(key));
    // Quotes of a text are compared with what is around it.
    const quoted =
      operation === operations.skipText ||
      operation === operations.text ||
      operation === operations.time ||
      operation === operations.rawText;
    if (operation === operations.skipNumber && skipNumber(bytes, value) !== behind) return null;
    steps.push({ before: bytes.slice(before, quoted ? value + 1 : value), operation, key });
    before = quoted ? behind - 1 : behind;
    i = blanks(bytes, behind);
    if (bytes[i] === 125) {
      steps.push({ before: bytes.slice(before, i + 1), operation: operations.end, key: -1 });
      return steps.every((step) => step.before.length <= longestBefore) ? steps : null;
    }
    i = blanks(bytes, i + 1);
  }
  return null;
}
