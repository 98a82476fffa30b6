import type { FilePlace } from "../errors";

/** Returns line and column (1-based) of an offset in a file's text. */
export function placeOf(file: string, text: string, offset: number): FilePlace {
  const before = text.slice(0, offset);
  return { file, line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
