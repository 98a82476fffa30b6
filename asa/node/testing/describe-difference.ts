import { type AsaRecord, writeJson, writeJsonObject } from "../../values";
import type { RowDifference } from "./compare";

const mostShown = 20;

/**
 * Describes differing rows for a reader: a row that is missing with `-`, one that is too much with `+`, and for a pair
 * the columns that differ. At most 20 rows are shown.
 */
export function describeDifferences(differences: readonly RowDifference[]): string[] {
  const lines = differences.slice(0, mostShown).flatMap(describe);
  if (differences.length > mostShown) lines.push(`... and ${differences.length - mostShown} more`);
  return lines;
}

function describe({ expected, actual, columns }: RowDifference): string[] {
  if (expected === undefined) return [`+ ${rowText(actual as AsaRecord)}`, "  (not expected)"];
  if (actual === undefined) return [`- ${rowText(expected)}`, "  (missing)"];
  return [
    `- ${rowText(expected)}`,
    `+ ${rowText(actual)}`,
    ...columns.map(
      (name) => `  ${name}: expected ${valueText(expected, name)}, got ${valueText(actual, name)}`,
    ),
  ];
}

function rowText(row: AsaRecord): string {
  return writeJsonObject(row.names, row.values);
}

function valueText(row: AsaRecord, name: string): string {
  const index = row.names.indexOf(name);
  return index < 0 ? "no such column" : writeJson(row.values[index] ?? null);
}
