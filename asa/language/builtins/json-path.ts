import { AsaRecord, type Value } from "../../values/value";
import { BuiltinError } from "./builtin";

/** A path such as `lax $.readings[0]."device id"`: members by exact name, elements from 0. */
export interface JsonPath {
  readonly append: boolean;
  readonly strict: boolean;
  readonly steps: readonly (string | number)[];
}

const step = /\.\s*(?:"((?:[^"\\]|\\.)*)"|([\p{L}_][\p{L}\p{N}_$]*))|\[\s*(\d+)\s*\]/uy;

/** Reads the text of a path; `append` is part of the paths of JSON_MODIFY only. */
export function readJsonPath(text: string, name: string): JsonPath {
  const head = /^\s*(append\s+)?(?:(lax|strict)\s+)?\$/i.exec(text);
  if (head === null || (head[1] !== undefined && name !== "json_modify")) throw noPath(text, name);
  const steps: (string | number)[] = [];
  step.lastIndex = head[0].length;
  while (step.lastIndex < text.trimEnd().length) {
    const found = step.exec(text);
    if (found === null) throw noPath(text, name);
    const [, quoted, plain, index] = found;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(plain ?? (quoted as string).replace(/\\(.)/g, "$1"));
  }
  return { append: head[1] !== undefined, strict: head[2]?.toLowerCase() === "strict", steps };
}

function noPath(text: string, name: string): BuiltinError {
  return new BuiltinError(`"${text}" is no JSON path for function ${name}`);
}

/** Returns what one step of a path leads to, or undefined. */
export function memberAt(value: Value, at: string | number): Value | undefined {
  if (typeof at === "number") return Array.isArray(value) ? (value as readonly Value[])[at] : undefined;
  if (!(value instanceof AsaRecord)) return undefined;
  const index = value.names.indexOf(at);
  return index < 0 ? undefined : value.values[index];
}
