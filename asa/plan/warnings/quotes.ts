import { type ExpressionNode, visit } from "../../language";
import type { WarningContext } from "./context";

/** Double quotes delimit names, so `state = "WA"` compares with a column of that name. */
export function quotedTexts({ script, plan, environment, diagnostics }: WarningContext): void {
  const known = new Set<string>();
  const learn = (name: string) => known.add(name.toLowerCase());
  for (const input of environment.inputs.values())
    for (const name of input.contractColumns ?? []) learn(name);
  for (const { columns } of environment.tables.values()) for (const { name } of columns) learn(name);
  visit(script, {
    "expression-item": ({ alias }) => {
      if (alias !== null) learn(alias.text);
      return undefined;
    },
  });
  const check = (nodes: readonly ExpressionNode[]): undefined => {
    for (const node of nodes) {
      const [name, another] = node.kind === "path" ? node.segments : [];
      if (name === undefined || another !== undefined || known.has(name.text.toLowerCase())) continue;
      if (plan.text[name.range.start] !== '"') continue;
      diagnostics.warning(
        "ASA_QUOTED_NAME",
        `"${name.text}" in double quotes is the column of that name, not a text`,
        name.range,
        { hint: `Write a text in single quotes: '${name.text}'.` },
      );
    }
    return undefined;
  };
  visit(script, {
    comparison: ({ right }) => check([right]),
    like: ({ pattern }) => check([pattern]),
    between: ({ low, high }) => check([low, high]),
    in: ({ items }) => check(items),
  });
}
