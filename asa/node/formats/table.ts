import type { Value } from "../../values";
import { type ColumnShape, merged, shapeOf } from "./column-shape";
import { RowSpool, type SpoolRow } from "./row-spool";

/** Rows of one output with the columns of all of them, for formats that need one schema. */
export interface Table {
  /** In the order in which the names first appear. */
  readonly columns: readonly TableColumn[];
  readonly rowCount: number;
  /** The values of some rows at a time, in the order of the columns; what a row lacks is NULL. */
  batches(): Iterable<readonly (readonly Value[])[]>;
}

export interface TableColumn {
  readonly name: string;
  readonly shape: ColumnShape;
}

const empty: ColumnShape = { kind: "empty" };

/** Collects rows until all are there. */
export class TableBuilder {
  private readonly spool = new RowSpool();
  private readonly shapes = new Map<string, ColumnShape>();

  add(row: SpoolRow): void {
    for (const [index, name] of row.columns.entries()) {
      const known = this.shapes.get(name);
      const value = row.values[index] ?? null;
      if (known === undefined) this.shapes.set(name, shapeOf(value));
      else if (value !== null && !holds(known, value)) this.shapes.set(name, merged(known, shapeOf(value)));
    }
    this.spool.add(row);
  }

  get table(): Table {
    const { spool, shapes } = this;
    const names = [...shapes.keys()];
    return {
      columns: names.map((name) => ({ name, shape: shapes.get(name) ?? empty })),
      rowCount: spool.count,
      *batches() {
        for (const rows of spool.read()) yield rows.map((row) => ordered(row, names));
      },
    };
  }

  dispose(): void {
    this.spool.dispose();
  }
}

/** True when a value of a simple type changes nothing about a shape. */
function holds({ kind }: ColumnShape, value: Value): boolean {
  switch (typeof value) {
    case "bigint":
      return kind === "bigint" || kind === "float" || kind === "mixed";
    case "number":
      return kind === "float" || kind === "mixed";
    case "string":
      return kind === "text" || kind === "mixed";
    case "boolean":
      return kind === "bit" || kind === "mixed";
    default:
      return kind === "mixed";
  }
}

function ordered({ columns, values }: SpoolRow, names: readonly string[]): readonly Value[] {
  if (columns.length === names.length && columns.every((name, index) => name === names[index])) return values;
  const byName = new Map(columns.map((name, index) => [name, values[index] ?? null]));
  return names.map((name) => byName.get(name) ?? null);
}
