import { visit } from "../../language";
import type { WarningContext } from "./context";

/** A pattern that repeats a repetition can take a time that doubles with every character, and nothing stops it. */
export function slowPatterns({ script, diagnostics }: WarningContext): void {
  visit(script, {
    call: ({ name, arguments: parts }) => {
      const [, pattern] = parts;
      if (name.length !== 1 || name[0]?.text.toLowerCase() !== "regexmatch") return undefined;
      if (pattern?.kind !== "literal" || typeof pattern.value !== "string") return undefined;
      const found = nestedRepetition(pattern.value);
      if (found === null) return undefined;
      diagnostics.warning(
        "ASA_SLOW_PATTERN",
        `the repetition ${found} of a repetition can make REGEXMATCH endless`,
        pattern.range,
        { hint: "Repeat once, e.g. a+ for (a+)+, or test the shape with LIKE." },
      );
      return undefined;
    },
  });
}

interface Group {
  readonly start: number;
  repeats: boolean;
}

/** `*`, `+` or `{n,}` at a place of a pattern; empty where there is none. */
const repetition = (pattern: string, at: number): string =>
  /^(?:[*+]|\{\d+,\})/.exec(pattern.slice(at, at + 12))?.[0] ?? "";

/** Returns the first group of a pattern that is repeated without end and repeats without end inside, or null. */
function nestedRepetition(pattern: string): string | null {
  const groups: Group[] = [{ start: 0, repeats: false }];
  let set = false;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === "\\") i++;
    else if (set) set = character !== "]";
    else if (character === "[") set = true;
    else if (character === "(") groups.push({ start: i, repeats: false });
    else if (character === ")") {
      const inner = groups.length > 1 ? groups.pop() : undefined;
      if (inner === undefined) return null;
      const by = repetition(pattern, i + 1);
      if (inner.repeats && by !== "") return pattern.slice(inner.start, i + 1 + by.length);
      if (inner.repeats || by !== "") groups[groups.length - 1]!.repeats = true;
    } else if (repetition(pattern, i) !== "") groups[groups.length - 1]!.repeats = true;
  }
  return null;
}
