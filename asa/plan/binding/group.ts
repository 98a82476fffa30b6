import type { SourceRange } from "../../api";
import type { ExpressionNode, SelectNode } from "../../language";
import { lookupBuiltin } from "../../language/builtins";
import type { Expression, WindowSpec } from "../logical-plan";
import { bindValue } from "./bind";
import { expressionKey, mapOperands, sameExpression, walkExpression } from "./expression-tree";
import type { AggregateCollector, Place } from "./place";
import { bindWindows, callName, isSystemTimestamp, isWindow } from "./windows";

/** The windows and keys of a GROUP BY clause. */
export interface BoundGroup {
  readonly windows: readonly WindowSpec[];
  readonly keys: readonly Expression[];
}

/** Splits GROUP BY into its window and its keys; exactly one window item is required. */
export function bindGroup(select: SelectNode, items: readonly ExpressionNode[], place: Place): BoundGroup {
  const { diagnostics } = place.environment;
  const windowItems = items.filter(isWindow);
  const [window, another] = windowItems;
  const keys: Expression[] = [];
  let windows: readonly WindowSpec[] = [];
  if (another !== undefined) {
    diagnostics.error("ASA_WINDOW_TWICE", "GROUP BY has more than one window", another.range, {
      hint: "Use Windows(...) to compute several windows at once.",
    });
  }
  if (window !== undefined) windows = bindWindows(window, place);
  for (const item of items) {
    if (isWindow(item)) continue;
    if (isSystemTimestamp(item) && window === undefined) windows = [{ kind: "snapshot", id: null }];
    else keys.push(bindKey(item, place));
  }
  // A function that does not exist may have been meant as the window, and is reported as such.
  const unknown = items.some((item) => item.kind === "call" && lookupBuiltin(callName(item)) === undefined);
  if (window === undefined && windows.length === 0 && items.length > 0 && !unknown) {
    const first = items[0] as ExpressionNode;
    diagnostics.error(
      "ASA_WINDOW_MISSING",
      "GROUP BY has no window",
      { ...first.range, end: items.at(-1)?.range.end ?? first.range.end },
      {
        detail: "A stream has no end, so its groups are formed within windows.",
        hint: "Add e.g. TumblingWindow(minute, 5), or System.Timestamp() for events of the same time.",
      },
    );
  }
  addPartitionKeys(select, keys, windows, place);
  return { windows: withSessionKeys(windows, place), keys };
}

/** GROUP BY never sees SELECT aliases. */
function bindKey(item: ExpressionNode, place: Place): Expression {
  return bindValue(item, place);
}

/** Each partition of a partitioned source has windows of its own, also when its key is not grouped by. */
function addPartitionKeys(
  select: SelectNode,
  keys: Expression[],
  windows: readonly WindowSpec[],
  place: Place,
): void {
  const partition = partitionKeys(place);
  const known = new Set(keys.map(expressionKey));
  const missing = partition.filter((key) => !known.has(expressionKey(key)));
  if (missing.length === 0) return;
  const first = place.scope.sources.find((source) => source.partitionBy.length > 0);
  if (windows.length > 0) {
    place.environment.diagnostics.warning(
      "ASA_PARTITION_KEY_UNUSED",
      `the partition key of "${first?.name}" is not in GROUP BY`,
      select.from.range,
      {
        detail: "Windows are computed per partition all the same.",
        hint: "Add the key to GROUP BY.",
      },
    );
  }
  keys.push(...missing);
}

/** Partition keys of the first partitioned source: a join equates those of the others. */
function partitionKeys(place: Place): readonly Expression[] {
  const source = place.scope.sources.find((candidate) => candidate.partitionBy.length > 0);
  if (source === undefined) return [];
  const shift = (expression: Expression): Expression => {
    const shifted = mapOperands(expression, shift);
    return "slot" in shifted ? { ...shifted, slot: shifted.slot + source.slot } : shifted;
  };
  return source.partitionBy.map(shift);
}

function withSessionKeys(windows: readonly WindowSpec[], place: Place): readonly WindowSpec[] {
  const partition = partitionKeys(place);
  if (partition.length === 0) return windows;
  return windows.map((window) =>
    window.kind === "session" ? { ...window, partitionBy: [...window.partitionBy, ...partition] } : window,
  );
}

/**
 * Returns an expression of a grouped SELECT in terms of the aggregate relation's `computed` values: keys first, then
 * aggregates. What is built from neither is reported.
 */
export function overGroups(
  expression: Expression,
  keys: readonly Expression[],
  aggregates: AggregateCollector,
  place: Place,
): Expression {
  const aggregate = aggregates.references.get(expression);
  if (aggregate !== undefined) return { ...expression, index: keys.length + aggregate } as Expression;
  if (expression.kind === "timestamp" || expression.kind === "window" || expression.kind === "literal")
    return expression;
  const key = keys.findIndex((candidate) => sameExpression(candidate, expression));
  if (key >= 0)
    return { kind: "computed", index: key, type: (keys[key] as Expression).type, range: expression.range };
  if (
    expression.kind === "column" ||
    expression.kind === "event" ||
    expression.kind === "computed" ||
    expression.kind === "metadata"
  ) {
    reportUngrouped(expression, place);
    return expression;
  }
  return mapOperands(expression, (operand) => overGroups(operand, keys, aggregates, place));
}

function reportUngrouped(expression: Expression, place: Place): void {
  const name =
    expression.kind === "column"
      ? `column "${expression.name}"`
      : expression.kind === "computed"
        ? "analytic function"
        : "whole event";
  reportNotGrouped(`${name} is neither grouped by nor aggregated`, expression.range, place);
}

export function reportNotGrouped(message: string, range: SourceRange, place: Place): void {
  place.environment.diagnostics.error("ASA_NOT_GROUPED", message, range, {
    detail:
      "Column cannot be used in SELECT clause when GROUP BY clause is present. Only aggregating expressions and the expressions specified in the GROUP BY clause are allowed.",
    hint: "Add it to GROUP BY, or aggregate it, e.g. with MAX or TopOne.",
  });
}

/** True when the expression reads the column that TIMESTAMP BY names. */
export function readsColumn(expression: Expression, slot: number, column: string): boolean {
  let found = false;
  walkExpression(expression, (node) => {
    if (node.kind === "column" && node.slot === slot && node.name.toLowerCase() === column.toLowerCase())
      found = true;
  });
  return found;
}
