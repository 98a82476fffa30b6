import type { PatternNode } from "../../plan/logical-plan";

/** Tells whether the row at `index` may be bound to a variable (-1: `.`), given the bindings before it. */
export type TestRow = (index: number, variables: readonly number[], variable: number) => boolean;

/** What a search from one start row found. */
export interface SearchResult {
  /** Variables of the rows of the chosen match; null when there is none. */
  readonly match: readonly number[] | null;
  /** The search wanted rows that are not there yet, so more rows may change the result. */
  readonly hungry: boolean;
}

/** Greedy search tries this many row tests before it settles for the best match so far. */
const maxTests = 100_000;

/**
 * Looks for the longest (or shortest) match of a pattern over the rows from 0 to `available`. Alternatives are tried in
 * the order of the pattern, repetitions longest first; of two matches of one length the first found stays.
 */
export function searchPattern(
  pattern: PatternNode,
  available: number,
  test: TestRow,
  shortest: boolean,
): SearchResult {
  let best: readonly number[] | null = null;
  let hungry = false;
  let tests = 0;
  const bound: number[] = [];

  const better = () => best === null || (shortest ? bound.length < best.length : bound.length > best.length);
  // Nothing can beat a match of all rows, or of one row when the shortest is wanted.
  const done = () =>
    tests > maxTests || (best !== null && (shortest ? best.length === 1 : best.length === available));

  const bind = (variable: number, next: () => void): void => {
    const index = bound.length;
    if (index >= available) {
      hungry = true;
      return;
    }
    tests++;
    if (!test(index, bound, variable)) return;
    bound.push(variable);
    next();
    bound.pop();
  };

  const walk = (node: PatternNode, next: () => void): void => {
    if (done()) return;
    switch (node.kind) {
      case "variable":
        bind(node.variable, next);
        return;
      case "any":
        bind(-1, next);
        return;
      case "sequence": {
        const step = (at: number): void => {
          const item = node.items[at];
          if (item === undefined) next();
          else walk(item, () => step(at + 1));
        };
        step(0);
        return;
      }
      case "choice":
        for (const item of node.items) walk(item, next);
        return;
      case "repeat": {
        const again = (count: number): void => {
          const before = bound.length;
          if (node.max === null || count < node.max) {
            walk(node.item, () => {
              // A repetition that binds no row would repeat for ever.
              if (bound.length > before) again(count + 1);
            });
          }
          if (count >= node.min) next();
        };
        again(0);
        return;
      }
    }
  };

  walk(pattern, () => {
    if (bound.length > 0 && better()) best = [...bound];
  });
  return { match: best, hungry };
}
