import type { OutputRow } from "../../api";
import type { Value } from "../../values";
import { type ColumnShape, merged, shapeOf } from "./column-shape";

/** Rows of one output as columns, for formats that need one schema for all of them. */
export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rowCount: number;
}

export interface TableColumn {
  readonly name: string;
  readonly shape: ColumnShape;
  readonly values: readonly Value[];
}

/** Collects rows into columns, in the order in which the names first appear; what a row lacks is NULL. */
export function tableOf(rows: readonly OutputRow[]): Table {
  const values = new Map<string, Value[]>();
  rows.forEach((row, rowIndex) => {
    row.columns.forEach((name, index) => {
      let column = values.get(name);
      if (column === undefined) {
        column = new Array<Value>(rows.length).fill(null);
        values.set(name, column);
      }
      column[rowIndex] = row.values[index] ?? null;
    });
  });
  const columns = [...values].map(([name, column]) => ({
    name,
    shape: column.map(shapeOf).reduce(merged, { kind: "empty" }),
    values: column,
  }));
  return { columns, rowCount: rows.length };
}
