import { type Code, code, list } from "../../codegen/code";
import type { Scope } from "../../codegen/scope";
import type { Expression } from "../../plan/logical-plan";
import { tags } from "./columns";
import type { ColumnCode } from "./expression";
import type { GroupIds } from "./group-ids";

/** Where the code of a key finds cells, and how it evaluates what is no cell; both of row `r`. */
export interface KeyAccess {
  readonly column: (expression: Expression) => ColumnCode | null;
  readonly general: (expression: Expression) => Code;
}

/** Statements that find, or begin, the group of row `r`; its number stands in the returned variable. */
export function groupCode(
  scope: Scope,
  groups: GroupIds,
  keys: readonly Expression[],
  { column, general }: KeyAccess,
): { readonly lines: Code; readonly group: Code } {
  const ids = scope.value("groups", groups);
  const newGroup = scope.value("newGroup", (whole: number, ...parts: number[]) => groups.add(whole, parts));
  const lines: Code[] = [];
  const parts = keys.map((key) => {
    const part = scope.name("part");
    const cell = column(key);
    if (cell === null) lines.push(code`const ${part} = ${ids}.partOf(${general(key)});`);
    else {
      const { numbers, kinds, boxes } = cell;
      lines.push(
        code`const ${part} = ${kinds}[r] === ${tags.text} ? ${numbers}[r] : ${ids}.part(${kinds}[r], ${numbers}[r], ${kinds}[r] === ${tags.boxed} ? ${boxes}[r] : null);`,
      );
    }
    return part;
  });
  let whole = parts[0] ?? code`-1`;
  for (let i = 1; i < parts.length; i++) {
    const next = scope.name("part");
    lines.push(code`const ${next} = ${ids}.pair(${i - 1}, ${whole}, ${parts[i]!});`);
    whole = next;
  }
  const group = scope.name("group");
  return {
    lines: code`${lines}
let ${group} = ${ids}.find(${whole});
if (${group} < 0) ${group} = ${newGroup}(${list([whole, ...parts])});`,
    group,
  };
}
