import { type Code, code } from "../../codegen/code";
import type { Scope } from "../../codegen/scope";
import type { Expression } from "../../plan/logical-plan";
import type { Batch } from "./admission";
import type { ColumnStore } from "./columns";
import { type ColumnCode, LoopWriter } from "./expression";
import { GeneralWriter } from "./general";
import { groupCode } from "./group-code";
import type { TypedContext } from "./operators/operator";
import type { Page } from "./page";
import type { PaneAggregator } from "./panes";
import { ValueCells } from "./value-cells";

/** What becomes of the events of an input that pass a chain of conditions: counted at once, or ordered first. */
export interface InputBranch {
  readonly conditions: readonly Expression[];
  /** Takes rows in any order. */
  readonly aggregator: PaneAggregator | null;
  /** Takes rows in time order. */
  readonly page: Page | null;
}

/** Runs over the first rows of a batch; returns how many of them wait for their order. */
export type InputLoop = (count: number) => number;

export interface InputLoopParts {
  readonly scope: Scope;
  readonly typed: TypedContext;
  readonly batch: Batch;
  readonly branches: readonly InputBranch[];
  readonly storeOf: (name: string) => ColumnStore;
  /** The row as the row engine sees it. */
  readonly probe: (row: number) => unknown;
  /** Numbers and masks of the rows that wait. */
  readonly kept: Int32Array;
  readonly masks: Int32Array;
}

/** Code of the loop of an input. */
export function inputLoopCode(parts: InputLoopParts): Code {
  const { scope, typed, batch, branches } = parts;
  const { context, interner } = typed;
  const probe = scope.value("probe", parts.probe);
  const arrays = new Map<ColumnStore, ColumnCode>();
  const declarations: Code[] = [];
  // The stores may have other arrays in every batch.
  const column = (expression: Expression): ColumnCode | null => {
    if (expression.kind !== "column") return null;
    const own = parts.storeOf(expression.name);
    let found = arrays.get(own);
    if (found === undefined) {
      const store = scope.value("store", own);
      found = { numbers: scope.name("numbers"), kinds: scope.name("kinds"), boxes: scope.name("boxes") };
      declarations.push(
        code`const ${found.numbers} = ${store}.numbers, ${found.kinds} = ${store}.kinds, ${found.boxes} = ${store}.boxes;`,
      );
      arrays.set(own, found);
    }
    return found;
  };
  const evaluations = new GeneralWriter({
    scope,
    typed,
    column,
    record: () => null,
    row: code`${probe}(r)`,
  });
  const general = (expression: Expression) => evaluations.evaluation(expression);
  const writer = new LoopWriter({
    scope,
    dialect: context.dialect,
    column,
    general,
    memo: (expression) => evaluations.memo(expression),
    onlyColumn: (expression) => evaluations.onlyColumn(expression),
    internText: (text) => interner.id(text),
    taken: new ValueCells(),
  });
  let bit = 1;
  const bodies = branches.map(({ conditions, aggregator }) => {
    let inner: Code;
    if (aggregator === null) {
      inner = code`mask |= ${bit};`;
      bit *= 2;
    } else {
      const { lines, group } = groupCode(scope, aggregator.groups, aggregator.relation.keys, {
        column,
        general,
      });
      inner = code`${lines}
${aggregator.update(scope, writer, group)}`;
      declarations.push(...aggregator.declarations);
    }
    for (const condition of [...conditions].reverse()) {
      const { lines, result } = writer.condition(condition);
      inner = code`${lines}
if (${result} === 1) {
${inner}
}`;
    }
    return code`{
${inner}
}`;
  });
  const captured = scope.value("batch", batch);
  return code`const kept = ${scope.value("kept", parts.kept)}, masks = ${scope.value("masks", parts.masks)};
return (count) => {
const times = ${captured}.times, places = ${captured}.places;
let waiting = 0;
${declarations}
for (let r = 0; r < count; r++) {
const t = times[r], p = places[r];
let mask = 0;
${bodies}
if (mask !== 0) { kept[waiting] = r; masks[waiting++] = mask; }
}
return waiting;
};`;
}
