import type { SourceRange } from "../../api";
import type { ExpressionNode, NameNode } from "../../language";
import type { AggregateCall, AnalyticCall, ComputedExpression, Expression } from "../logical-plan";
import type { Environment } from "./environment";
import { expressionKey } from "./expression-tree";
import type { Scope } from "./scope";

type Unlocked<T> = { -readonly [Member in keyof T]: T[Member] };

/** Aggregates of one SELECT; equal calls are computed once. */
export class AggregateCollector {
  readonly calls: AggregateCall[] = [];
  readonly #byKey = new Map<string, number>();
  /** Placeholders in bound expressions, by identity. */
  readonly references = new Map<Expression, number>();

  add(call: AggregateCall): Expression {
    const key = JSON.stringify(call, (name, value: unknown) => {
      if (name === "range") return undefined;
      return typeof value === "bigint" ? `${value}n` : value;
    });
    const index = this.#byKey.get(key) ?? this.calls.length;
    if (index === this.calls.length) {
      this.calls.push(call);
      this.#byKey.set(key, index);
    }
    const reference: Expression = { kind: "computed", index, type: call.type, range: call.range };
    this.references.set(reference, index);
    return reference;
  }
}

/** Analytic calls of one SELECT, each with the slot it is evaluated on; null: on the rows after joins and APPLY. */
export class AnalyticCollector {
  readonly calls: { readonly call: AnalyticCall; readonly slot: number | null }[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #references: { readonly reference: Unlocked<ComputedExpression>; readonly index: number }[] = [];

  add(call: AnalyticCall, slot: number | null): Expression {
    const key = `${slot} ${expressionKey(call as unknown as Expression)}`;
    const index = this.#byKey.get(key) ?? this.calls.length;
    if (index === this.calls.length) {
      this.calls.push({ call, slot });
      this.#byKey.set(key, index);
    }
    // Until the join order is known the index only has to tell calls apart from each other.
    const reference: Unlocked<ComputedExpression> = {
      kind: "computed",
      index: -1 - index,
      type: call.type,
      range: call.range,
    };
    this.#references.push({ reference, index });
    return reference;
  }

  /** Gives every reference the position of its value in the rows after the joins. */
  place(positions: readonly number[]): void {
    for (const { reference, index } of this.#references) reference.index = positions[index] as number;
  }
}

/** Pattern variables that an expression of MATCH_RECOGNIZE may name. */
export interface MatchPlace {
  readonly clause: "DEFINE" | "MEASURES";
  /** Names in the order of their numbers. */
  readonly variables: readonly NameNode[];
  /** Highest variable number that may be named: in DEFINE the one defined and those before it. */
  readonly visible: ReadonlySet<number>;
}

/** Where an expression stands, and what may be used there. */
export interface Place {
  readonly environment: Environment;
  readonly scope: Scope;
  /** Name of the clause for messages, e.g. `WHERE`. */
  readonly clause: string;
  /** Null where no aggregate can be computed. */
  readonly aggregates: AggregateCollector | null;
  /** Null where no analytic function can be computed. */
  readonly analytics: AnalyticCollector | null;
  readonly timestamp: boolean;
  readonly window: boolean;
  /** In ON, DATEDIFF of two sources compares their timestamps. */
  readonly sourceTimes: boolean;
  /** SELECT aliases that HAVING may use. */
  readonly aliases: ReadonlyMap<string, ExpressionNode> | null;
  /** The kind of call whose argument this is. */
  readonly inside: "aggregate" | "analytic" | null;
  readonly match: MatchPlace | null;
}

/** A place in which nothing but columns and scalar functions is allowed. */
export function plainPlace(environment: Environment, scope: Scope, clause: string): Place {
  return {
    environment,
    scope,
    clause,
    aggregates: null,
    analytics: null,
    timestamp: true,
    window: false,
    sourceTimes: false,
    aliases: null,
    inside: null,
    match: null,
  };
}

/** Stands for an expression whose mistake is already reported. */
export function faulty(range: SourceRange): Expression {
  return { kind: "literal", value: null, type: "any", range };
}
