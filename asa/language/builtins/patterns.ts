const maxCached = 1000;

function cached<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(key);
    if (known.size >= maxCached) known.clear();
    known.set(key, made);
    return made;
  };
}

/** Escapes one character for use outside a class. */
const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** Translates `[set]` or `[^set]` from `at` on; null when the bracket is never closed and so stands for itself. */
function setAt(pattern: string, at: number): { readonly source: string; readonly next: number } | null {
  const end = pattern.indexOf("]", at + (pattern[at + 1] === "^" ? 3 : 2));
  if (end < 0) return null;
  const negated = pattern[at + 1] === "^";
  const members = pattern.slice(at + (negated ? 2 : 1), end);
  let source = "";
  for (let i = 0; i < members.length; i++) {
    const range = members[i + 1] === "-" && i + 2 < members.length;
    if (!range) source += literal(members[i]!);
    else if (members[i]! <= members[i + 2]!) {
      source += `${literal(members[i]!)}-${literal(members[i + 2]!)}`;
      i += 2;
    } else i += 2;
  }
  // A range turned round contains nothing, and an empty class would not compile the same everywhere.
  if (source === "") return { source: negated ? "[\\s\\S]" : "[^\\s\\S]", next: end + 1 };
  return { source: `[${negated ? "^" : ""}${source}]`, next: end + 1 };
}

function translateLike(pattern: string): string {
  let source = "";
  for (let i = 0; i < pattern.length; ) {
    const character = pattern[i]!;
    if (character === "%") {
      // Adjacent wildcards would backtrack exponentially and mean the same as one.
      while (pattern[i] === "%") i++;
      source += "[\\s\\S]*";
      continue;
    }
    if (character === "_") source += "[\\s\\S]";
    else if (character === "[") {
      const set = setAt(pattern, i);
      if (set !== null) {
        source += set.source;
        i = set.next;
        continue;
      }
      source += "\\[";
    } else source += literal(character);
    i++;
  }
  return source;
}

const compileLike = cached((key: string) => {
  const flags = key.slice(0, 3);
  const source = translateLike(key.slice(3));
  return new RegExp(
    `${flags[0]}${source}${flags[1]}`.replace(/^-/, "").replace(/-$/, ""),
    flags[2] === "i" ? "i" : "",
  );
});

/** Returns the regular expression of a LIKE pattern: `%`, `_`, `[set]`, `[^set]`. */
export function likeExpression(
  pattern: string,
  options: { readonly start: boolean; readonly end: boolean; readonly ignoreCase?: boolean } = {
    start: true,
    end: true,
  },
): RegExp {
  const key = `${options.start ? "^" : "-"}${options.end ? "$" : "-"}${options.ignoreCase === true ? "i" : "-"}`;
  return compileLike(key + pattern);
}

const compileRegular = cached((pattern: string): { readonly expression: RegExp | null } => {
  try {
    return { expression: new RegExp(pattern, "i") };
  } catch {
    return { expression: null };
  }
});

/** Returns the case-insensitive regular expression of a text, or null when it is none. */
export function regularExpression(pattern: string): RegExp | null {
  return compileRegular(pattern).expression;
}
