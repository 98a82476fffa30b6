import type { ExpressionNode, SelectNode } from "../../language";
import { visit } from "../../language";
import { lookupBuiltin } from "../../language/builtins";
import type { AggregateCall, Expression, RelationId } from "../logical-plan";
import { bindCondition, bindValue } from "./bind";
import type { Environment } from "./environment";
import { mapOperands, sameExpression } from "./expression-tree";
import { type BoundFrom, bindFrom } from "./from";
import { type BoundGroup, bindGroup, overGroups, readsColumn } from "./group";
import { warnHiddenAliases } from "./hidden-aliases";
import { bindJoins, buildFrom } from "./joins";
import { bindMatch } from "./match";
import { AggregateCollector, AnalyticCollector, type Place, plainPlace } from "./place";
import type { RowSource } from "./scope";
import { bindItems, itemName } from "./select-items";

/** Binds one SELECT and adds its relations; the result has one slot. */
export function bindSelect(select: SelectNode, environment: Environment): RowSource {
  const from = bindFrom(select, environment);
  if (select.match !== null) return bindMatch(select, select.match, from, environment);
  const analytics = new AnalyticCollector();
  const aggregates = new AggregateCollector();
  const joins = bindJoins(select, from, environment);
  const place: Place = { ...plainPlace(environment, from, "SELECT"), analytics };
  const condition = select.where === null ? null : bindCondition(select.where, { ...place, clause: "WHERE" });
  const groupPlace: Place = { ...place, clause: "GROUP BY" };
  const grouped = select.groupBy !== null || hasAggregate(select);
  let group: BoundGroup = { windows: [], keys: [] };
  if (select.groupBy !== null) group = bindGroup(select, select.groupBy, groupPlace);
  else if (grouped) reportNoGroup(select, environment);

  const itemPlace: Place = { ...place, aggregates, window: grouped };
  const finish = (expression: Expression): Expression =>
    select.groupBy !== null ? overGroups(expression, group.keys, aggregates, itemPlace) : expression;
  const list = bindItems(select.items, itemPlace, select.groupBy !== null, (node) =>
    finish(bindValue(node, itemPlace)),
  );
  const having =
    select.having === null
      ? null
      : finish(bindCondition(select.having, havingPlace(select, itemPlace, group)));
  checkSubstreamGroup(select, from, group, environment);
  warnHiddenAliases(select, from, environment);

  let current: RelationId = buildFrom(select, from, joins, analytics, environment);
  const shape = () => {
    const below = environment.relations[current];
    return { slots: below?.slots ?? [], computed: below?.computed ?? [] };
  };
  if (condition !== null) {
    current = environment.add({
      kind: "filter",
      source: current,
      condition,
      ...shape(),
      range: condition.range,
    });
  }
  if (grouped) {
    const typed = environment.dialect.timestampColumn === "datetime";
    const calls = typed ? typedEvents(aggregates.calls, from) : aggregates.calls;
    const types = [...group.keys.map((key) => key.type), ...calls.map((call) => call.type)];
    current = environment.add({
      kind: "aggregate",
      source: current,
      windows: group.windows,
      keys: group.keys,
      aggregates: calls,
      substreamKeys: substreamKeys(from, group),
      slots: [],
      computed: types,
      range: select.range,
    });
  }
  if (having !== null)
    current = environment.add({
      kind: "filter",
      source: current,
      condition: having,
      ...shape(),
      range: having.range,
    });
  const { items, ...rows } = list;
  const relation = environment.add({
    kind: "project",
    source: current,
    items,
    slots: [rows.schema],
    computed: [],
    range: select.range,
  });
  return { relation, ...rows };
}

/** True when the SELECT list or HAVING has an aggregate without LIMIT DURATION, or System.Window(). */
function hasAggregate(select: SelectNode): boolean {
  let found = false;
  const search = (node: ExpressionNode): void =>
    visit(node, {
      call: (call) => {
        const name = call.name.map((segment) => segment.text).join(".");
        const uda = call.name.length === 2 && call.name[0]?.text.toLowerCase() === "uda";
        const plain =
          call.over === null ||
          (call.over.limit === null && call.over.partitionBy.length === 0 && call.over.when === null);
        if (plain && (uda || lookupBuiltin(name)?.kind === "aggregate")) found = true;
        return undefined;
      },
    });
  for (const item of select.items) if (item.kind === "expression-item") search(item.expression);
  if (select.having !== null) search(select.having);
  return found;
}

function reportNoGroup(select: SelectNode, environment: Environment): void {
  let range = select.range;
  for (const item of [...select.items].reverse()) {
    if (item.kind !== "expression-item") continue;
    visit(item.expression, {
      call: (call) => {
        const name = call.name.map((segment) => segment.text).join(".");
        if (lookupBuiltin(name)?.kind === "aggregate" || name.toLowerCase().startsWith("uda."))
          range = call.range;
        return undefined;
      },
    });
  }
  environment.diagnostics.error("ASA_WINDOW_MISSING", "an aggregate needs GROUP BY with a window", range, {
    detail: "A stream has no end, so aggregates are computed within windows.",
    hint: "Add e.g. GROUP BY TumblingWindow(minute, 5), or OVER (LIMIT DURATION(minute, 5)).",
  });
}

/** HAVING sees columns and keys first, then SELECT aliases (OPEN-06). */
function havingPlace(select: SelectNode, place: Place, group: BoundGroup): Place {
  const aliases = new Map<string, ExpressionNode>();
  for (const [index, item] of select.items.entries()) {
    if (item.kind !== "expression-item") continue;
    const name = itemName(item, index + 1, place).toLowerCase();
    const isKey = group.keys.some((key) => key.kind === "column" && key.name.toLowerCase() === name);
    const isColumn =
      select.groupBy === null &&
      place.scope.sources.some((source) =>
        source.schema.columns.some((column) => column.name.toLowerCase() === name),
      );
    if (!isKey && !isColumn && !aliases.has(name)) aliases.set(name, item.expression);
  }
  return { ...place, clause: "HAVING", aliases, window: false };
}

/** Whole events show the TIMESTAMP BY column first and typed when the SELECT orders or aggregates by it (OPEN-29). */
function typedEvents(calls: readonly AggregateCall[], from: BoundFrom): readonly AggregateCall[] {
  const [source] = from.sources;
  const column = source?.timestampColumn;
  if (source === undefined || column == null) return calls;
  const read = calls.some((call) =>
    [...call.orderBy.map((item) => item.expression), call.argument].some(
      (part) => part !== null && readsColumn(part, source.slot, column),
    ),
  );
  if (!read) return calls;
  const typed = (expression: Expression): Expression =>
    expression.kind === "event" && expression.slot === source.slot
      ? { ...expression, timestampColumn: column }
      : mapOperands(expression, typed);
  return calls.map((call) => (call.argument === null ? call : { ...call, argument: typed(call.argument) }));
}

function substreamKeys(from: BoundFrom, group: BoundGroup): readonly number[] {
  const source = from.sources.find((candidate) => candidate.over.length > 0);
  if (source === undefined) return [];
  return source.over.flatMap((over) => {
    const index = group.keys.findIndex((key) => sameExpression(key, shifted(over, source.slot)));
    return index < 0 ? [] : [index];
  });
}

function shifted(expression: Expression, by: number): Expression {
  const copy = mapOperands(expression, (operand) => shifted(operand, by));
  return "slot" in copy ? { ...copy, slot: copy.slot + by } : copy;
}

/** Substreams have clocks of their own, so windows are formed per substream: its keys must be grouped by. */
function checkSubstreamGroup(
  select: SelectNode,
  from: BoundFrom,
  group: BoundGroup,
  environment: Environment,
): void {
  if (group.windows.length === 0) return;
  for (const source of from.sources) {
    if (source.over.length === 0) continue;
    const grouped = source.over.every((over) =>
      group.keys.some((key) => sameExpression(key, shifted(over, source.slot))),
    );
    if (grouped) continue;
    const first = select.groupBy?.[0];
    environment.diagnostics.error(
      "ASA_SUBSTREAM",
      `GROUP BY lacks the substream keys of "${source.name}"`,
      first?.range ?? select.range,
      {
        hint: "Add the keys of TIMESTAMP BY ... OVER to GROUP BY.",
      },
    );
  }
}
