import { type Code, code } from "../../codegen/code";
import type { Scope } from "../../codegen/scope";
import { mapOperands, walkExpression } from "../../plan/binding/expression-tree";
import type { Expression } from "../../plan/logical-plan";
import { DateTime, type Value } from "../../values/value";
import type { RuntimeContext } from "../context";
import type { Evaluator, Row } from "../row";
import { cellValue, tags } from "./columns";
import type { Interner } from "./interner";
import type { ColumnCode, ColumnMemo } from "./loop-context";
import type { TypedContext } from "./operators/operator";
import { TextMemo } from "./text-memo";
import { absoluteTicks } from "./ticks";

/** Where values that are no cells of row `r`, and whole rows, come from. */
export interface GeneralAccess {
  readonly scope: Scope;
  readonly typed: TypedContext;
  readonly column: (expression: Expression) => ColumnCode | null;
  /** Code of the record that a column of records has in row `r`; null for any other expression. */
  readonly record: (expression: Expression) => Code | null;
  /** Code of row `r` as row operators see it. */
  readonly row: Code;
}

/** What expressions read of a row that neither cells nor its time give. */
const wholeKinds: ReadonlySet<string> = new Set([
  "event",
  "window",
  "metadata",
  "match-column",
  "match-aggregate",
  "classifier",
]);

const leafKinds: ReadonlySet<string> = new Set(["column", "computed", "slot-time"]);

/** An expression over the values that a row has for its leaves. */
interface Taken {
  readonly expression: Expression;
  readonly leaves: readonly { readonly value: Code; readonly column: ColumnCode | null }[];
}

/**
 * Evaluates expressions that loops do not write out: their columns are read from the cells one by one, and everything else is
 * left to the evaluator of rows.
 */
export class GeneralWriter {
  private readonly access: GeneralAccess;
  private readonly context: RuntimeContext;
  private readonly interner: Interner;
  private readonly load = (kind: number, number: number, boxed: Value): Value =>
    cellValue(kind, number, boxed, this.interner);

  constructor(access: GeneralAccess) {
    this.access = access;
    this.context = access.typed.context;
    this.interner = access.typed.interner;
  }

  /** Code that evaluates an expression on row `r`. */
  evaluation(expression: Expression): Code {
    const { scope, row } = this.access;
    const taken = this.take(expression);
    if (taken === null) return code`${scope.value("evaluate", this.compiled(expression))}(${row})`;
    const values: Value[] = taken.leaves.map(() => null);
    const name = scope.value("values", values);
    const evaluate = scope.value("evaluate", this.compiled(taken.expression));
    const reads = taken.leaves.map(({ value }, index) => code`${name}[${index}] = ${value},`);
    return code`(${reads} ${evaluate}(${scope.value("row", rowOf(values))}))`;
  }

  /** An evaluator that is compiled when a row first needs it. */
  private compiled(expression: Expression): Evaluator {
    let evaluate: Evaluator | null = null;
    return (row) => {
      evaluate ??= this.context.compile(expression);
      return evaluate(row);
    };
  }

  /** The column whose value is all that an expression reads; null when it reads more, or calls a function of the project. */
  onlyColumn(expression: Expression): ColumnCode | null {
    return this.single(expression)?.column ?? null;
  }

  /** What an expression of one column alone gives for each of its texts; null when it reads anything else. */
  memo(expression: Expression): ColumnMemo | null {
    const single = this.single(expression);
    if (single === null) return null;
    const values: Value[] = [null];
    const row = rowOf(values);
    const evaluate = this.compiled(single.expression);
    const memo = new TextMemo(this.interner, (text) => {
      values[0] = text;
      return evaluate(row);
    });
    this.access.typed.hold(memo);
    return { column: single.column, memo };
  }

  private single(
    expression: Expression,
  ): { readonly expression: Expression; readonly column: ColumnCode } | null {
    let calls = false;
    walkExpression(expression, (node) => {
      if (node.kind === "udf") calls = true;
    });
    const taken = calls ? null : this.take(expression);
    const [leaf, ...more] = taken?.leaves ?? [];
    if (taken === null || more.length > 0 || !leaf?.column) return null;
    return { expression: taken.expression, column: leaf.column };
  }

  /** A call of constants as its value; itself when it fails, so that a row that meets it fails. */
  private folded(node: Expression): Expression {
    if (node.kind !== "call" || !node.arguments.every(({ kind }) => kind === "literal")) return node;
    try {
      const value = this.context.compile(node)(rowOf([]));
      return typeof value === "object"
        ? node
        : { kind: "literal", value, type: node.type, range: node.range };
    } catch {
      return node;
    }
  }

  /** The expression with its leaves as computed values; null when it needs the whole row. */
  private take(expression: Expression): Taken | null {
    const { scope } = this.access;
    const load = scope.value("cellValue", this.load);
    const leaves: { value: Code; column: ColumnCode | null }[] = [];
    const known = new Map<string, number>();
    let whole = false;
    const leaf = (node: Expression, value: Code, column: ColumnCode | null): Expression => {
      let index = known.get(value.text);
      if (index === undefined) {
        index = leaves.push({ value, column }) - 1;
        known.set(value.text, index);
      }
      return { kind: "computed", index, type: node.type, range: node.range };
    };
    const change = (node: Expression): Expression => {
      // A plain distance is told by the slots whose times it takes.
      const plain = node.kind === "slot-time" && this.context.dialect.joinDistance !== "boundaries";
      if (wholeKinds.has(node.kind) || plain) {
        whole = true;
        return node;
      }
      if (node.kind === "timestamp") {
        return leaf(node, code`${scope.value("momentOf", momentOf)}(t)`, null);
      }
      const column = this.access.column(node);
      if (column !== null) {
        const { kinds, numbers, boxes } = column;
        const boxed = code`${kinds}[r] === ${tags.boxed} ? ${boxes}[r] : null`;
        return leaf(node, code`${load}(${kinds}[r], ${numbers}[r], ${boxed})`, column);
      }
      const record = this.access.record(node);
      if (record !== null) return leaf(node, record, null);
      if (leafKinds.has(node.kind)) {
        whole = true;
        return node;
      }
      return this.folded(mapOperands(node, change));
    };
    const changed = change(expression);
    return whole ? null : { expression: changed, leaves };
  }
}

const momentOf = (time: number): DateTime => new DateTime(absoluteTicks(time));

const rowOf = (computed: readonly Value[]): Row => ({
  time: 0n,
  slots: [],
  computed,
  partition: "",
  window: null,
});
