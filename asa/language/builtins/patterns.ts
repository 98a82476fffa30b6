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

/** What stands between two wildcards `%`: a text of a fixed length in which characters may be left open. */
interface Part {
  readonly length: number;
  readonly at: (text: string, index: number) => boolean;
  /** Index of the first place from `from` on, or -1. */
  readonly find: (text: string, from: number) => number;
}

function partOf(source: string, plain: string | null, length: number, ignoreCase: boolean): Part {
  if (plain !== null && (!ignoreCase || plain === "")) {
    return {
      length,
      at: (text, index) => text.startsWith(plain, index),
      find: (text, from) => text.indexOf(plain, from),
    };
  }
  const here = new RegExp(source, ignoreCase ? "yi" : "y");
  const next = new RegExp(source, ignoreCase ? "gi" : "g");
  return {
    length,
    at: (text, index) => {
      here.lastIndex = index;
      return here.test(text);
    },
    find: (text, from) => {
      next.lastIndex = from;
      return next.exec(text)?.index ?? -1;
    },
  };
}

function partsOf(pattern: string, ignoreCase: boolean): readonly [first: Part, ...rest: Part[]] {
  const parts: Part[] = [];
  let source = "";
  let plain: string | null = "";
  let length = 0;
  const close = () => parts.push(partOf(source, plain, length, ignoreCase));
  for (let i = 0; i < pattern.length; ) {
    const character = pattern[i]!;
    if (character === "%") {
      close();
      [source, plain, length] = ["", "", 0];
      while (pattern[i] === "%") i++;
      continue;
    }
    length++;
    const set = character === "[" ? setAt(pattern, i) : null;
    if (set !== null || character === "_") {
      source += set?.source ?? "[\\s\\S]";
      plain = null;
      i = set?.next ?? i + 1;
      continue;
    }
    source += literal(character);
    if (plain !== null) plain += character;
    i++;
  }
  close();
  return parts as [Part, ...Part[]];
}

/**
 * A pattern of LIKE and PATINDEX: `%`, `_`, `[set]`, `[^set]`. A part behind a wildcard is taken where it comes first and
 * never looked for again, since a later place leaves less for the parts behind it: the time does not grow with the
 * number of wildcards, as it would with a regular expression that goes back.
 */
export class LikePattern {
  readonly #parts: readonly [Part, ...Part[]];
  readonly #leading: boolean;

  constructor(pattern: string, ignoreCase: boolean) {
    this.#parts = partsOf(pattern, ignoreCase);
    this.#leading = pattern.startsWith("%");
  }

  /** True when the whole text fits the pattern. */
  test(text: string): boolean {
    return this.#begin(text) >= 0;
  }

  /** Place, from 1, of what follows a leading `%`, or 0; without that `%` the pattern fits from the first character on. */
  positionIn(text: string): number {
    return this.#begin(text) + 1;
  }

  /** Index at which the first part that is not empty lies, 0 where all are, or -1 when the text does not fit. */
  #begin(text: string): number {
    const [first, ...rest] = this.#parts;
    const last = rest.pop();
    if (last === undefined) return text.length === first.length && first.at(text, 0) ? 0 : -1;
    if (!first.at(text, 0)) return -1;
    let position = first.length;
    let begin = -1;
    for (const part of rest) {
      const found = part.find(text, position);
      if (found < 0) return -1;
      if (begin < 0) begin = found;
      position = found + part.length;
    }
    const end = text.length - last.length;
    if (end < position || !last.at(text, end)) return -1;
    if (!this.#leading) return 0;
    return begin >= 0 ? begin : last.length === 0 ? 0 : end;
  }
}

const compileLike = cached((key: string) => new LikePattern(key.slice(1), key.startsWith("i")));

/** Returns the compiled pattern of LIKE. */
export function likePattern(pattern: string, ignoreCase = false): LikePattern {
  return compileLike((ignoreCase ? "i" : "-") + pattern);
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
