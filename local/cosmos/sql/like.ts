/** One step of a LIKE pattern: a literal, any one character, any run, or a set of characters. */
type Step =
  | { readonly kind: "one"; readonly accepts: (character: string) => boolean }
  | { readonly kind: "run" };

/**
 * Compiles a LIKE pattern: `%` any run, `_` any one character, `[a-f]` and `[^a-f]` sets, the escape character before a literal.
 * Matching never takes more than pattern length x text length steps.
 */
export function compileLike(pattern: string, escapeCharacter: string | undefined): (text: string) => boolean {
  const steps = readSteps([...pattern], escapeCharacter);
  return (text) => matchSteps(steps, [...text]);
}

function readSteps(pattern: readonly string[], escapeCharacter: string | undefined): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] as string;
    if (character === escapeCharacter && at + 1 < pattern.length) {
      const literal = pattern[++at];
      steps.push({ kind: "one", accepts: (candidate) => candidate === literal });
    } else if (character === "%") {
      steps.push({ kind: "run" });
    } else if (character === "_") {
      steps.push({ kind: "one", accepts: () => true });
    } else if (character === "[" && pattern.indexOf("]", at + 1) > at + 1) {
      const close = pattern.indexOf("]", at + 1);
      steps.push({ kind: "one", accepts: readSet(pattern.slice(at + 1, close)) });
      at = close;
    } else {
      steps.push({ kind: "one", accepts: (candidate) => candidate === character });
    }
  }
  return steps;
}

function readSet(text: readonly string[]): (character: string) => boolean {
  const negated = text[0] === "^" && text.length > 1;
  const body = negated ? text.slice(1) : text;
  const ranges: [string, string][] = [];
  for (let at = 0; at < body.length; at++) {
    const low = body[at] as string;
    const ranged = body[at + 1] === "-" && at + 2 < body.length;
    ranges.push([low, ranged ? (body[at + 2] as string) : low]);
    if (ranged) at += 2;
  }
  return (character) => ranges.some(([low, high]) => character >= low && character <= high) !== negated;
}

function matchSteps(steps: readonly Step[], text: readonly string[]): boolean {
  let step = 0;
  let at = 0;
  let lastRun = -1;
  let lastAt = 0;
  while (at < text.length) {
    const current = steps[step];
    if (current?.kind === "run") {
      lastRun = step++;
      lastAt = at;
    } else if (current?.kind === "one" && current.accepts(text[at] as string)) {
      step++;
      at++;
    } else if (lastRun >= 0) {
      step = lastRun + 1;
      at = ++lastAt;
    } else {
      return false;
    }
  }
  while (steps[step]?.kind === "run") step++;
  return step === steps.length;
}
