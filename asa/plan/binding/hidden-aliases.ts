import { type ExpressionNode, type SelectNode, visit } from "../../language";
import type { Environment } from "./environment";
import type { BoundFrom } from "./from";

/**
 * Warns of a bare name in WHERE or GROUP BY that is an alias of the SELECT list: there it means a column of the input,
 * which an open input has for any name, most likely as NULL.
 */
export function warnHiddenAliases(select: SelectNode, from: BoundFrom, environment: Environment): void {
  const aliases = new Map<string, ExpressionNode>();
  for (const item of select.items) {
    if (item.kind === "expression-item" && item.alias !== null)
      aliases.set(item.alias.text.toLowerCase(), item.expression);
  }
  const known = new Set(
    from.sources
      .flatMap((source) => [
        ...source.schema.columns.map((column) => column.name),
        ...(source.contract ?? []),
        source.name,
      ])
      .map((name) => name.toLowerCase()),
  );
  const clauses: readonly (readonly [string, readonly ExpressionNode[]])[] = [
    ["WHERE", select.where === null ? [] : [select.where]],
    ["GROUP BY", select.groupBy?.filter((item) => item.kind === "path") ?? []],
  ];
  for (const [clause, nodes] of clauses) {
    for (const node of nodes) {
      visit(node, {
        path: ({ segments, range }) => {
          const name = segments.length === 1 ? (segments[0]?.text ?? "") : "";
          const meaning = aliases.get(name.toLowerCase());
          if (meaning === undefined || known.has(name.toLowerCase()) || isSameColumn(meaning, name))
            return undefined;
          environment.diagnostics.warning(
            "ASA_ALIAS_NOT_VISIBLE",
            `alias "${name}" is not visible in ${clause}, so it is read as a column of the input`,
            range,
            {
              hint: "Repeat the expression, or define it in a step before.",
            },
          );
          return undefined;
        },
      });
    }
  }
}

/** `CAST(a AS float) AS a` and `t.a AS a` keep the name of a column, which is meant then. */
function isSameColumn(expression: ExpressionNode, name: string): boolean {
  let found = false;
  visit(expression, {
    path: ({ segments }) => {
      if (segments.at(-1)?.text.toLowerCase() === name.toLowerCase()) found = true;
      return undefined;
    },
  });
  return found;
}
