import type { FunctionHost } from "../api";
import type { Dialect } from "../dialect";
import type { Expression, LogicalPlan } from "../plan/logical-plan";
import type { AsaRecord } from "../values/value";
import type { Evaluator } from "./row";

/** Turns an expression of the plan into an evaluator: the reference interpreter, or generated code. */
export type ExpressionCompiler = (expression: Expression) => Evaluator;

/** The rows of a reference input in effect at a moment; null when none is. */
export type ReferenceLookup = (time: bigint) => ReferenceVersion | null;

/** One state of a reference input, never changed after it was set. */
export interface ReferenceVersion {
  readonly from: bigint | null;
  readonly rows: readonly AsaRecord[];
}

/** What operators need to be built. */
export interface RuntimeContext {
  readonly plan: LogicalPlan;
  readonly dialect: Dialect;
  readonly functions: FunctionHost | undefined;
  readonly compile: ExpressionCompiler;
  readonly reference: (input: string) => ReferenceLookup;
}
