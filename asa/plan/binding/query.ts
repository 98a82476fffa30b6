import type { QueryNode, SelectNode } from "../../language";
import type { StaticType } from "../../values/value";
import type { Schema } from "../logical-plan";
import type { Environment } from "./environment";
import type { RowSource } from "./scope";
import { bindSelect } from "./select";
import { commonType } from "./static-types";

/** Binds a query; `outermost` is true for a statement, the only place of INTO. */
export function bindQueryNode(query: QueryNode, environment: Environment, outermost: boolean): RowSource {
  const branches = query.branches.map((branch) => {
    if (branch.kind === "query") return bindQueryNode(branch, environment, outermost);
    if (!outermost) rejectInto(branch, environment);
    return bindSelect(branch, environment);
  });
  const [first, ...rest] = branches as [RowSource, ...RowSource[]];
  if (rest.length === 0) return first;
  const closed = branches.every((branch) => !branch.schema.open);
  if (closed) checkColumns(query, branches, environment);
  const schema = closed ? positionalSchema(branches) : namedSchema(branches);
  const relation = environment.add({
    kind: "union",
    sources: branches.map((branch) => branch.relation),
    match: closed ? "position" : "name",
    slots: [schema],
    computed: [],
    range: query.range,
  });
  const contracts = branches.map((branch) => branch.contract);
  const contract =
    schema.open && contracts.every((names) => names !== null)
      ? contracts.flatMap((names) => names ?? [])
      : null;
  const lineage = (column: string): string | null => {
    const origins = branches.map((branch) => branch.lineage(column)?.split(".").at(-1) ?? null);
    return origins.every((origin) => origin !== null && origin === origins[0]) ? `union.${origins[0]}` : null;
  };
  return { relation, schema, contract, lineage };
}

function rejectInto(select: SelectNode, environment: Environment): void {
  if (select.into === null) return;
  environment.diagnostics.error(
    "ASA_INTO_IN_SUBQUERY",
    "INTO stands in the outermost SELECT only",
    select.into.range,
    {
      hint: "Write SELECT * INTO output FROM step after the WITH clause.",
    },
  );
}

function checkColumns(query: QueryNode, branches: readonly RowSource[], environment: Environment): void {
  const first = branches[0] as RowSource;
  for (const [index, branch] of branches.entries()) {
    const node = query.branches[index] as QueryNode["branches"][number];
    const { columns } = branch.schema;
    const expected = first.schema.columns;
    if (columns.length !== expected.length) {
      environment.diagnostics.error(
        "ASA_UNION_COLUMNS",
        `this branch of UNION has ${columns.length} columns, the first has ${expected.length}`,
        node.range,
        {
          hint: "Select the same columns in every branch.",
        },
      );
      continue;
    }
    for (const [position, column] of columns.entries()) {
      const other = expected[position] as (typeof expected)[number];
      if (compatible(column.type, other.type)) continue;
      environment.diagnostics.error(
        "ASA_UNION_COLUMNS",
        `column ${position + 1} of this branch of UNION is ${column.type}, in the first it is ${other.type}`,
        node.range,
        {
          hint: "CAST one of them.",
        },
      );
    }
  }
}

function compatible(left: StaticType, right: StaticType): boolean {
  if (left === right || left === "any" || right === "any") return true;
  const numbers: readonly StaticType[] = ["bigint", "float", "bit"];
  return numbers.includes(left) && numbers.includes(right);
}

function positionalSchema(branches: readonly RowSource[]): Schema {
  const first = branches[0] as RowSource;
  const columns = first.schema.columns.map((column, position) => ({
    name: column.name,
    type: commonType(branches.map((branch) => branch.schema.columns[position]?.type ?? "any")),
  }));
  return { columns, open: false };
}

/** Only what every branch knows by name is certain. */
function namedSchema(branches: readonly RowSource[]): Schema {
  const first = branches[0] as RowSource;
  const columns = first.schema.columns.flatMap((column) => {
    const types = branches.map(
      (branch) =>
        branch.schema.columns.find((other) => other.name.toLowerCase() === column.name.toLowerCase())?.type,
    );
    return types.every((type) => type !== undefined)
      ? [{ name: column.name, type: commonType(types as StaticType[]) }]
      : [];
  });
  return { columns, open: true };
}
