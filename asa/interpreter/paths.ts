import type { Dialect } from "../dialect";
import type { ColumnExpression, EventExpression, MemberExpression } from "../plan/logical-plan";
import type { Evaluator } from "../runtime/row";
import { parseDateTime } from "../values/datetime";
import { AsaRecord, DateTime, type Value } from "../values/value";
import type { ExpressionContext } from "./context";

/** Index of a member by name, -1 when there is none; exact case first unless the dialect takes the first of any case. */
export function memberIndex(names: readonly string[], name: string, dialect: Dialect): number {
  if (dialect.fieldCase === "exact-first") {
    const exact = names.indexOf(name);
    if (exact >= 0) return exact;
  }
  const folded = name.toLowerCase();
  return names.findIndex((candidate) => candidate.toLowerCase() === folded);
}

/** Reads a member by name, remembering its index for as long as records share their `names`. */
export function memberReader(name: string, dialect: Dialect): (record: AsaRecord) => Value {
  let names: readonly string[] | null = null;
  let index = -1;
  return (record) => {
    if (record.names !== names) {
      names = record.names;
      index = memberIndex(names, name, dialect);
    }
    return index < 0 ? null : (record.values[index] ?? null);
  };
}

export function compileColumn(context: ExpressionContext, expression: ColumnExpression): Evaluator {
  const { slot, index } = expression;
  if (index !== null) return (row) => row.slots[slot]?.record.values[index] ?? null;
  const read = memberReader(expression.name, context.dialect);
  return (row) => {
    const event = row.slots[slot];
    return event === null || event === undefined ? null : read(event.record);
  };
}

export function compileMember(context: ExpressionContext, expression: MemberExpression): Evaluator {
  const target = context.compile(expression.target);
  const read = memberReader(expression.name, context.dialect);
  return (row) => {
    const record = target(row);
    return record instanceof AsaRecord ? read(record) : null;
  };
}

export function compileEvent(context: ExpressionContext, expression: EventExpression): Evaluator {
  const { slot, timestampColumn } = expression;
  if (timestampColumn === null) return (row) => row.slots[slot]?.record ?? null;
  return (row) => {
    const record = row.slots[slot]?.record;
    if (record === undefined) return null;
    const at = memberIndex(record.names, timestampColumn, context.dialect);
    if (at < 0) return record;
    const value = record.values[at] ?? null;
    const ticks = typeof value === "string" ? parseDateTime(value) : null;
    const others = (_: unknown, index: number) => index !== at;
    return new AsaRecord(
      [record.names[at]!, ...record.names.filter(others)],
      [ticks === null ? value : new DateTime(ticks), ...record.values.filter(others)],
    );
  };
}
