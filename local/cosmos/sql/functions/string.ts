import { isArray, isObject, type Value } from "../value";
import { define, type FunctionDefinition, type FunctionTable, textual } from "./definition";

/** Longer results are undefined, so that REPLICATE cannot exhaust memory. */
const maxTextLength = 10_000;

/** A test of two strings with an optional flag for ignoring case. */
function caseAware(test: (text: string, part: string) => boolean): FunctionDefinition {
  return define(2, 3, (text, part, ignoreCase = false) => {
    if (typeof text !== "string" || typeof part !== "string" || typeof ignoreCase !== "boolean")
      return undefined;
    return ignoreCase ? test(text.toLowerCase(), part.toLowerCase()) : test(text, part);
  });
}

/** Tests whether any or all of the given strings occur. */
function occurrences(ignoreCase: boolean, all: boolean): FunctionDefinition {
  return define(2, 100, (text, ...parts) => {
    if (typeof text !== "string" || !parts.every((part) => typeof part === "string")) return undefined;
    const fold = (value: string) => (ignoreCase ? value.toLowerCase() : value);
    const occurs = (part: Value) => fold(text).includes(fold(part as string));
    return all ? parts.every(occurs) : parts.some(occurs);
  });
}

function trimmed(pattern: "start" | "end" | "both"): FunctionDefinition {
  return define(1, 2, (text, set) => {
    if (typeof text !== "string" || (set !== undefined && typeof set !== "string")) return undefined;
    const strip = (character: string) => (set === undefined ? /\s/.test(character) : set.includes(character));
    let start = 0;
    let end = text.length;
    if (pattern !== "end") while (start < end && strip(text[start] as string)) start++;
    if (pattern !== "start") while (end > start && strip(text[end - 1] as string)) end--;
    return text.slice(start, end);
  });
}

function parsed(accept: (value: Value) => boolean): FunctionDefinition {
  return textual(1, (text) => {
    try {
      const value = JSON.parse(text as string) as Value;
      return accept(value) ? value : undefined;
    } catch {
      return undefined;
    }
  });
}

function textOf(value: Value): Value {
  if (value === undefined || typeof value === "string") return value;
  return JSON.stringify(value);
}

function wholeNumber(value: Value): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

export const stringFunctions: FunctionTable = {
  CONCAT: define(2, 100, (...parts) =>
    parts.every((part) => typeof part === "string") ? parts.join("") : undefined,
  ),
  CONTAINS: caseAware((text, part) => text.includes(part)),
  CONTAINS_ANY_CI: occurrences(true, false),
  CONTAINS_ANY_CS: occurrences(false, false),
  CONTAINS_ALL_CI: occurrences(true, true),
  CONTAINS_ALL_CS: occurrences(false, true),
  ENDSWITH: caseAware((text, part) => text.endsWith(part)),
  INDEX_OF: define(2, 3, (text, part, from = 0) =>
    typeof text === "string" && typeof part === "string" && wholeNumber(from)
      ? text.indexOf(part, from)
      : undefined,
  ),
  LASTINDEXOF: textual(2, (text, part) => (text as string).lastIndexOf(part as string)),
  LEFT: define(2, 2, (text, count) =>
    typeof text === "string" && wholeNumber(count)
      ? text.slice(0, Math.max(0, Math.trunc(count)))
      : undefined,
  ),
  LENGTH: textual(1, (text) => (text as string).length),
  LOWER: textual(1, (text) => (text as string).toLowerCase()),
  LTRIM: trimmed("start"),
  REGEXMATCH: define(2, 3, (text, pattern, flags = "") => {
    if (typeof text !== "string" || typeof pattern !== "string" || typeof flags !== "string")
      return undefined;
    if (!/^[imsx]*$/.test(flags)) return undefined;
    try {
      const source = flags.includes("x") ? pattern.replace(/\s+|#.*$/gm, "") : pattern;
      return new RegExp(source, flags.replace("x", "")).test(text);
    } catch {
      return undefined;
    }
  }),
  REPLACE: textual(3, (text, search, replacement) =>
    search === "" ? (text as string) : (text as string).split(search as string).join(replacement),
  ),
  REPLICATE: define(2, 2, (text, count) => {
    if (typeof text !== "string" || !wholeNumber(count) || count < 0) return undefined;
    return text.length * Math.trunc(count) > maxTextLength ? undefined : text.repeat(Math.trunc(count));
  }),
  REVERSE: textual(1, (text) => [...(text as string)].reverse().join("")),
  RIGHT: define(2, 2, (text, count) => {
    if (typeof text !== "string" || !wholeNumber(count)) return undefined;
    return count <= 0 ? "" : text.slice(-Math.trunc(count));
  }),
  RTRIM: trimmed("end"),
  STARTSWITH: caseAware((text, part) => text.startsWith(part)),
  STRINGEQUALS: caseAware((text, part) => text === part),
  STRINGJOIN: define(2, 2, (items, separator) =>
    isArray(items) && typeof separator === "string" && items.every((item) => typeof item === "string")
      ? items.join(separator)
      : undefined,
  ),
  STRINGSPLIT: textual(2, (text, separator) => (text as string).split(separator as string)),
  STRINGTOARRAY: parsed(isArray),
  STRINGTOBOOLEAN: parsed((value) => typeof value === "boolean"),
  STRINGTONULL: parsed((value) => value === null),
  STRINGTONUMBER: parsed((value) => typeof value === "number"),
  STRINGTOOBJECT: parsed(isObject),
  SUBSTRING: define(3, 3, (text, start, length) => {
    if (typeof text !== "string" || !wholeNumber(start) || !wholeNumber(length)) return undefined;
    const from = Math.max(0, Math.trunc(start));
    return text.slice(from, from + Math.max(0, Math.trunc(length)));
  }),
  TOSTRING: define(1, 1, textOf),
  TRIM: trimmed("both"),
  UPPER: textual(1, (text) => (text as string).toUpperCase()),
};
