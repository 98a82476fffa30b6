import type { Code } from "../../codegen/code";
import type { Scope } from "../../codegen/scope";
import type { Dialect } from "../../dialect";
import type { Expression } from "../../plan/logical-plan";
import type { TextMemo } from "./text-memo";
import type { ValueCells } from "./value-cells";

/** Where generated code finds the cells of a column. */
export interface ColumnCode {
  readonly numbers: Code;
  readonly kinds: Code;
  readonly boxes: Code;
}

/** What the writer of loops over columns needs. */
export interface LoopContext {
  readonly scope: Scope;
  readonly dialect: Dialect;
  /** The cells of a column, a computed value or a slot's time; null when the rows do not have them as cells. */
  readonly column: (expression: Expression) => ColumnCode | null;
  /** Evaluates an expression on row `r` the general way; returns a value of the language. */
  readonly general: (expression: Expression) => Code;
  /** What an expression gives for each text, when it reads nothing but one column; else null. */
  readonly memo: (expression: Expression) => ColumnMemo | null;
  /** The column whose value is all that an expression reads; null when it reads more, or calls what must not be left out. */
  readonly onlyColumn: (expression: Expression) => ColumnCode | null;
  readonly internText: (text: string) => number | null;
  /** Takes a value apart; see `ValueCells`. */
  readonly taken: ValueCells;
}

/** The only column that an expression reads, and what is known of its texts. */
export interface ColumnMemo {
  readonly column: ColumnCode;
  readonly memo: TextMemo;
}

/** A cell in three variables or constants. */
export interface CellCode {
  readonly lines: readonly Code[];
  readonly kind: Code;
  readonly value: Code;
  readonly boxed: Code;
  /** The kind when it is the same for every row. */
  readonly always?: number;
}

/** A number, or a moment, in two variables: its kind (null, or what it is) and itself. */
export interface NumberCode {
  readonly kind: Code;
  readonly value: Code;
  /** The kind when it is the same for every row. */
  readonly always?: number;
}

/** An expression that the loops cannot write out; it goes the general way for every row. */
export class General extends Error {}
