import { sumTolerance } from "../../../contracts";
import { AsaRecord, DateTime, formatDateTime, type Value, writeJson } from "../../values";

/** Largest difference of two floats that count as equal, relative to the larger of 1 and their magnitudes. */
export const defaultTolerance = sumTolerance(1, 1);

/** A pair of rows that were meant for each other, or a row without a partner. */
export interface RowDifference {
  readonly expected: AsaRecord | undefined;
  readonly actual: AsaRecord | undefined;
  /** Names of the columns that differ, in the expected row's order. */
  readonly columns: readonly string[];
}

/**
 * Compares two lists of rows without regard to their order and returns what differs; empty when they are equal.
 *
 * Numbers are equal by value, floats within `tolerance`; text, booleans, NULL and nesting exactly. The order of
 * columns does not count, a NULL column and an absent one differ. Columns in `ignore` (any casing) are left out.
 * Rows that find no equal are paired with the row that differs least.
 */
export function compareRows(
  expected: readonly AsaRecord[],
  actual: readonly AsaRecord[],
  options: { readonly ignore?: readonly string[]; readonly tolerance?: number } = {},
): RowDifference[] {
  const tolerance = options.tolerance ?? defaultTolerance;
  const ignored = new Set((options.ignore ?? []).map((name) => name.toLowerCase()));
  const wanted = expected.map((row) => without(row, ignored));
  const spare = unmatched(
    wanted,
    actual.map((row) => without(row, ignored)),
  );
  const surplus = new Map<string, AsaRecord[]>();
  for (const row of spare.surplus) {
    const key = canonical(row, true);
    surplus.set(key, [...(surplus.get(key) ?? []), row]);
  }
  const missing = spare.missing.filter((row) => {
    const candidates = surplus.get(canonical(row, true)) ?? [];
    const partner = candidates.findIndex((candidate) => equal(row, candidate, tolerance));
    if (partner >= 0) candidates.splice(partner, 1);
    return partner < 0;
  });
  return paired(missing, [...surplus.values()].flat(), tolerance);
}

/** Removes the rows that are equal to the last digit; what is left needs the slow comparison. */
function unmatched(
  expected: readonly AsaRecord[],
  actual: readonly AsaRecord[],
): { missing: AsaRecord[]; surplus: AsaRecord[] } {
  const counts = new Map<string, AsaRecord[]>();
  for (const row of actual) {
    const key = canonical(row);
    const rows = counts.get(key);
    if (rows === undefined) counts.set(key, [row]);
    else rows.push(row);
  }
  const missing = expected.filter((row) => counts.get(canonical(row))?.pop() === undefined);
  return { missing, surplus: [...counts.values()].flat() };
}

function without(row: AsaRecord, ignored: ReadonlySet<string>): AsaRecord {
  const kept = row.names.flatMap((name, index) => (ignored.has(name.toLowerCase()) ? [] : [index]));
  return new AsaRecord(
    kept.map((index) => row.names[index] as string),
    kept.map((index) => row.values[index] ?? null),
  );
}

/** Text that is the same for equal values; with `blurred` numbers, also for rows that differ in numbers only. */
function canonical(value: Value, blurred = false): string {
  if (isNumber(value)) {
    if (blurred) return "#";
    return Number.isInteger(value) ? String(BigInt(value)) : writeJson(value);
  }
  if (value instanceof AsaRecord) {
    const members = value.names.map(
      (name, index) => `${JSON.stringify(name)}:${canonical(value.values[index] ?? null, blurred)}`,
    );
    return `{${members.sort().join(",")}}`;
  }
  if (Array.isArray(value)) return `[${value.map((item: Value) => canonical(item, blurred)).join(",")}]`;
  return writeJson(value);
}

function equal(a: Value, b: Value, tolerance: number): boolean {
  if (isNumber(a) && isNumber(b)) {
    if (typeof a === "bigint" && typeof b === "bigint") return a === b;
    const [x, y] = [Number(a), Number(b)];
    return x === y || Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x), Math.abs(y));
  }
  if (a instanceof DateTime) return equal(formatDateTime(a.ticks), b, tolerance);
  if (b instanceof DateTime) return equal(a, formatDateTime(b.ticks), tolerance);
  if (a instanceof AsaRecord && b instanceof AsaRecord)
    return a.names.length === b.names.length && differing(a, b, tolerance).length === 0;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => equal(item, b[index] as Value, tolerance));
  return a === b;
}

const isNumber = (value: Value): value is bigint | number =>
  typeof value === "bigint" || typeof value === "number";

function differing(expected: AsaRecord, actual: AsaRecord, tolerance: number): string[] {
  const names = new Set([...expected.names, ...actual.names]);
  return [...names].filter((name) => {
    const [a, b] = [exact(expected, name), exact(actual, name)];
    return a === undefined || b === undefined ? a !== b : !equal(a, b, tolerance);
  });
}

function exact(row: AsaRecord, name: string): Value | undefined {
  const index = row.names.indexOf(name);
  return index < 0 ? undefined : (row.values[index] ?? null);
}

/** Beyond this many rows the search for the nearest partner costs more than it explains. */
const mostPaired = 500;

/** Pairs each missing row with the surplus row that differs least; rows with nothing in common stay apart. */
function paired(
  missing: readonly AsaRecord[],
  surplus: readonly AsaRecord[],
  tolerance: number,
): RowDifference[] {
  const [onlyExpected, onlyActual] = [missing[0], surplus[0]];
  if (missing.length === 1 && surplus.length === 1 && onlyExpected !== undefined && onlyActual !== undefined)
    return [
      { expected: onlyExpected, actual: onlyActual, columns: differing(onlyExpected, onlyActual, tolerance) },
    ];
  const left = [...surplus];
  const differences: RowDifference[] = missing.map((expected) => {
    let best = -1;
    let bestColumns: string[] = [...expected.names];
    if (missing.length <= mostPaired)
      left.slice(0, mostPaired).forEach((candidate, index) => {
        const columns = differing(expected, candidate, tolerance);
        if (columns.length < bestColumns.length) [best, bestColumns] = [index, columns];
      });
    if (best < 0) return { expected, actual: undefined, columns: [] };
    const [actual] = left.splice(best, 1);
    return { expected, actual, columns: bestColumns };
  });
  return [...differences, ...left.map((actual) => ({ expected: undefined, actual, columns: [] }))];
}
