/** Fields whose values are sums of floats: equal within 1e-9 x max(1, |a|, |b|). Everything else is equal exactly. */
const sumField = /Sum$/;

/** Largest difference at which two float sums count as equal. */
export function sumTolerance(a: number, b: number): number {
  return 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}

/** A window of a view: its key and its values, as every layer and report gives it. */
export interface ViewWindow {
  readonly grain: string;
  readonly key: string;
  readonly window: string;
  /** ISO 8601 UTC or any form that `Date.parse` reads to the same moment; the start is exclusive. */
  readonly start: string;
  /** Inclusive. */
  readonly end: string;
  readonly values: Readonly<Record<string, number>>;
}

/** What makes a window the same one in two layers. */
export function windowIdentity(window: Pick<ViewWindow, "grain" | "key" | "window" | "end">): string {
  return `${window.grain}~${window.key}~${window.window}~${Date.parse(window.end) / 1000}`;
}

/** Returns the names of the values in which two windows differ; empty when they are equal. */
export function differingValues(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter((name) => {
    const left = a[name];
    const right = b[name];
    if (left === undefined || right === undefined) return true;
    return sumField.test(name) ? !(Math.abs(left - right) <= sumTolerance(left, right)) : left !== right;
  });
}

/** One window in which two sets differ; `fields` names the values that do. */
export interface WindowDifference {
  readonly identity: string;
  readonly kind: "missing" | "unexpected" | "twice" | "different";
  readonly fields?: readonly string[];
  readonly expected?: ViewWindow;
  readonly actual?: ViewWindow;
}

/** What comparing two sets of windows gave. */
export interface WindowComparison {
  /** Number of expected windows. */
  readonly compared: number;
  readonly differences: readonly WindowDifference[];
}

/** Compares two sets of windows: the one equality rule of the project (docs/architecture.md). */
export function compareWindows(
  expected: Iterable<ViewWindow>,
  actual: Iterable<ViewWindow>,
): WindowComparison {
  const open = new Map<string, ViewWindow>();
  for (const window of expected) open.set(windowIdentity(window), window);
  const compared = open.size;
  const seen = new Set<string>();
  const differences: WindowDifference[] = [];
  for (const window of actual) {
    const identity = windowIdentity(window);
    const match = open.get(identity);
    if (seen.has(identity)) differences.push({ identity, kind: "twice", actual: window });
    else if (match === undefined) differences.push({ identity, kind: "unexpected", actual: window });
    else {
      const fields = differingValues(match.values, window.values);
      if (Date.parse(match.start) !== Date.parse(window.start)) fields.push("start");
      if (fields.length > 0)
        differences.push({ identity, kind: "different", fields, expected: match, actual: window });
    }
    seen.add(identity);
    open.delete(identity);
  }
  for (const [identity, window] of open) differences.push({ identity, kind: "missing", expected: window });
  return { compared, differences };
}
