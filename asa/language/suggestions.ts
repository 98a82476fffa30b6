/** Edit distance with swaps of neighbours, given up beyond `limit`. */
function distance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (previous[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (previous[column - 1] as number) + (same ? 0 : 1),
      );
      if (
        row > 1 &&
        column > 1 &&
        left[row - 1] === right[column - 2] &&
        left[row - 2] === right[column - 1]
      ) {
        cost = Math.min(cost, (beforePrevious[column - 2] as number) + 1);
      }
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] as number;
}

/** Returns up to three known names that resemble the given one, nearest first. */
export function suggest(name: string, known: Iterable<string>): readonly string[] {
  const wanted = name.toLowerCase().slice(0, 200);
  const limit = Math.max(1, Math.floor(wanted.length * 0.4));
  const found: { readonly text: string; readonly cost: number }[] = [];
  for (const text of new Set(known)) {
    const cost = distance(wanted, text.toLowerCase(), limit);
    if (cost <= limit) found.push({ text, cost });
  }
  found.sort((left, right) => left.cost - right.cost || (left.text < right.text ? -1 : 1));
  return found.slice(0, 3).map((entry) => entry.text);
}

/** Returns `Did you mean "a" or "b"?`, or undefined when nothing resembles the name. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const names = suggest(name, known).map((text) => `"${text}"`);
  if (names.length === 0) return undefined;
  const last = names.pop() as string;
  return `Did you mean ${names.length === 0 ? last : `${names.join(", ")} or ${last}`}?`;
}
