import type { SourceRange } from "../api";
import type { Dialect } from "../dialect";
import type { StaticType, Value } from "../values/value";

/**
 * The checked logical plan: a DAG of relations over timed rows, free of syntax.
 *
 * A row is `{ time, slots, computed }`:
 * - `time` is the row's `System.Timestamp()` in ticks.
 * - `slots` are the event records that expressions read by number: one after an input, a project, a union or a
 *   match; a join appends the right side's slots (null where a LEFT JOIN found nothing), an APPLY appends one.
 *   Every slot keeps the timestamp of its own event, which `slot-time` reads.
 * - `computed` are values that a relation worked out before: an `analytic` relation appends one per call, a join
 *   appends the right side's, an `aggregate` starts afresh with its keys followed by its aggregates and no slots.
 */
export interface LogicalPlan {
  readonly text: string;
  readonly file: string;
  /** Sources come before their users; a relation's `id` is its index. */
  readonly relations: readonly Relation[];
  /** In the order of the statements; one name may occur more than once. */
  readonly outputs: readonly PlanOutput[];
  readonly dialect: Dialect;
}

/** Index of a relation in `LogicalPlan.relations`. */
export type RelationId = number;

export interface PlanOutput {
  readonly name: string;
  readonly relation: RelationId;
}

export interface Column {
  readonly name: string;
  readonly type: StaticType;
}

/** What is known of the columns of a record. */
export interface Schema {
  /** The columns that are certain by name; all of them, in order, when the schema is closed. */
  readonly columns: readonly Column[];
  /** An open record may hold any other column; reading one that is absent gives NULL. */
  readonly open: boolean;
}

export type Relation =
  | StreamInput
  | ReferenceInput
  | FilterRelation
  | ProjectRelation
  | AnalyticRelation
  | JoinRelation
  | ReferenceJoinRelation
  | ApplyRelation
  | AggregateRelation
  | UnionRelation
  | MatchRelation;

interface RelationBase {
  readonly id: RelationId;
  /** Name of the WITH step that this relation is the result of. */
  readonly step: string | null;
  /** One schema per slot of the rows that leave this relation. */
  readonly slots: readonly Schema[];
  /** Types of the computed values of those rows. */
  readonly computed: readonly StaticType[];
  readonly range: SourceRange;
}

/**
 * Events of a stream input. Expressions see the event as slot 0.
 * The same input with other clauses is another relation with a clock of its own.
 */
export interface StreamInput extends RelationBase {
  readonly kind: "stream-input";
  readonly input: string;
  /** Declared by CREATE TABLE: other fields are ignored, values that do not fit drop the event. */
  readonly declared: readonly Column[] | null;
  /** Absent: arrival time. NULL or no datetime drops the event. */
  readonly timestampBy: Expression | null;
  /** Column named directly by TIMESTAMP BY, which types it as a datetime. */
  readonly timestampColumn: string | null;
  /** Substream keys, TIMESTAMP BY ... OVER; a NULL key drops the event. */
  readonly over: readonly Expression[];
  readonly partitionBy: readonly Expression[];
  /** Shard count hint of PARTITION BY ... INTO n. */
  readonly partitionCount: number | null;
}

/** The rows of a reference input; they have no time. */
export interface ReferenceInput extends RelationBase {
  readonly kind: "reference-input";
  readonly input: string;
  readonly declared: readonly Column[] | null;
}

/** Keeps rows whose condition is true (neither false nor unknown). */
export interface FilterRelation extends RelationBase {
  readonly kind: "filter";
  readonly source: RelationId;
  readonly condition: Expression;
}

/** Builds one record per row; the result has one slot and no computed values. */
export interface ProjectRelation extends RelationBase {
  readonly kind: "project";
  readonly source: RelationId;
  /** From left to right; a name (ignoring case) that is already there is skipped. */
  readonly items: readonly ProjectItem[];
}

export type ProjectItem =
  | { readonly kind: "column"; readonly name: string; readonly expression: Expression }
  /** All columns of the slot's record as they stand in the event; only for open schemas, closed ones are expanded. */
  | { readonly kind: "star"; readonly slot: number }
  /** All members of a record value become columns; NULL and other types give none. */
  | { readonly kind: "members"; readonly expression: Expression };

/** Evaluates analytic functions for every row, in time order, ties in order of arrival. */
export interface AnalyticRelation extends RelationBase {
  readonly kind: "analytic";
  readonly source: RelationId;
  readonly calls: readonly AnalyticCall[];
}

export interface AnalyticFrame {
  readonly partitionBy: readonly Expression[];
  /** Length of (t - limit, t] in ticks. */
  readonly limitTicks: bigint;
  /** Rows that take part, judged on each row itself; null: all. */
  readonly when: Expression | null;
}

interface AnalyticBase {
  readonly type: StaticType;
  readonly range: SourceRange;
}

export type AnalyticCall = LagCall | IsFirstCall | AnomalyCall | AggregateOverCall;

/** LAG (offset >= 1, the current row never counts) and LAST (offset 0, the current row counts). */
export interface LagCall extends AnalyticBase {
  readonly kind: "lag";
  readonly expression: Expression;
  readonly offset: number;
  /** Evaluated on the current row when no earlier row is found; null: NULL. */
  readonly otherwise: Expression | null;
  readonly frame: AnalyticFrame;
}

/** 1 for the first row of its partition inside the aligned interval (start, end], else 0. */
export interface IsFirstCall extends AnalyticBase {
  readonly kind: "is-first";
  readonly intervalTicks: bigint;
  readonly partitionBy: readonly Expression[];
  readonly when: Expression | null;
}

export interface AnomalyCall extends AnalyticBase {
  readonly kind: "anomaly";
  readonly model: "spike-and-dip" | "change-point";
  readonly expression: Expression;
  /** 1..100 */
  readonly confidence: Expression;
  readonly historySize: Expression;
  /** Absent for change points. */
  readonly mode: "spikes" | "dips" | "spikesanddips" | null;
  readonly frame: AnalyticFrame;
}

/** An aggregate over the current row and the earlier rows of the frame. */
export interface AggregateOverCall extends AnalyticBase {
  readonly kind: "aggregate-over";
  readonly aggregate: AggregateCall;
  readonly frame: AnalyticFrame;
}

export type AggregateFunction =
  | "count"
  | "sum"
  | "avg"
  | "min"
  | "max"
  | "stdev"
  | "stdevp"
  | "var"
  | "varp"
  | "percentile_cont"
  | "percentile_disc"
  | "collect"
  | "collecttop"
  | "topone"
  | "string_agg"
  | "uda";

export interface AggregateCall {
  readonly function: AggregateFunction;
  /** Null only for COUNT(*), COUNT() and COUNT(input); Collect(), TopOne() and CollectTop(n) take an `event` expression. */
  readonly argument: Expression | null;
  readonly distinct: boolean;
  /** n of CollectTop. */
  readonly limit: number | null;
  /** p of PERCENTILE_CONT and PERCENTILE_DISC, 0..1. */
  readonly percentile: number | null;
  readonly separator: string | null;
  readonly orderBy: readonly OrderItem[];
  /** Name of the JavaScript aggregate as declared; null for the others. */
  readonly uda: string | null;
  /** MIN, MAX and SUM go by the argument's static type. */
  readonly type: StaticType;
  readonly range: SourceRange;
}

export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
}

/**
 * Stream-stream join. A pair matches when `condition`, the whole ON clause, is true; `bounds` and `equalities` follow
 * from it and only limit what must be kept and looked up. Row time: the later of the two times.
 */
export interface JoinRelation extends RelationBase {
  readonly kind: "join";
  readonly left: RelationId;
  readonly right: RelationId;
  readonly outer: boolean;
  readonly condition: Expression;
  /** At least one has both ends. */
  readonly bounds: readonly TimeBound[];
  readonly equalities: readonly JoinEquality[];
}

/** lower <= DATEDIFF(unit, time of left slot, time of the right row) <= upper. */
export interface TimeBound {
  readonly leftSlot: number;
  readonly unit: TimeUnit;
  readonly unitTicks: bigint;
  /** In units; null: unbounded. */
  readonly lower: bigint | null;
  readonly upper: bigint | null;
}

/** `left` is evaluated on the left row, `right` on the right row (its slots and computed values counted from 0). */
export interface JoinEquality {
  readonly left: Expression;
  readonly right: Expression;
}

/** Join of a stream (left) with reference data (right); rows keep the stream's time. */
export interface ReferenceJoinRelation extends RelationBase {
  readonly kind: "reference-join";
  readonly left: RelationId;
  readonly right: RelationId;
  readonly outer: boolean;
  /** Null for CROSS JOIN. */
  readonly condition: Expression | null;
  readonly equalities: readonly JoinEquality[];
}

/**
 * One row per element of an array (slot columns ArrayIndex, ArrayValue) or member of a record (PropertyName,
 * PropertyValue). OUTER gives one row with a null slot when there is none.
 */
export interface ApplyRelation extends RelationBase {
  readonly kind: "apply";
  readonly source: RelationId;
  readonly outer: boolean;
  readonly of: "array" | "record";
  readonly argument: Expression;
}

/**
 * Windowed grouping: one row per window, non-empty group and window instant; the row's time is the window's end.
 * `computed` of the result is the values of `keys`, then those of `aggregates`; `slots` is empty.
 */
export interface AggregateRelation extends RelationBase {
  readonly kind: "aggregate";
  readonly source: RelationId;
  /** More than one: the rows of all windows are united. */
  readonly windows: readonly WindowSpec[];
  readonly keys: readonly Expression[];
  readonly aggregates: readonly AggregateCall[];
  /** Positions in `keys` of the substream keys when the input has TIMESTAMP BY ... OVER. */
  readonly substreamKeys: readonly number[];
}

export type WindowSpec = { readonly id: string | null } & (
  | { readonly kind: "tumbling"; readonly sizeTicks: bigint; readonly offsetTicks: bigint }
  | {
      readonly kind: "hopping";
      readonly sizeTicks: bigint;
      readonly hopTicks: bigint;
      readonly offsetTicks: bigint;
    }
  | { readonly kind: "sliding"; readonly sizeTicks: bigint }
  | {
      readonly kind: "session";
      readonly timeoutTicks: bigint;
      readonly maxDurationTicks: bigint;
      /** Empty: one session timeline for the whole stream, keys only split its rows. */
      readonly partitionBy: readonly Expression[];
    }
  | { readonly kind: "snapshot" }
);

/** All rows of all sources, merged by time, equal times in source order. Each source has one slot. */
export interface UnionRelation extends RelationBase {
  readonly kind: "union";
  readonly sources: readonly RelationId[];
  /** `position`: columns take the names of the first source; `name`: rows pass unchanged (a branch has an open schema). */
  readonly match: "position" | "name";
}

/** MATCH_RECOGNIZE; the result record holds the measures only. */
export interface MatchRelation extends RelationBase {
  readonly kind: "match";
  readonly source: RelationId;
  readonly limitTicks: bigint;
  readonly partitionBy: readonly Expression[];
  readonly pattern: PatternNode;
  /** Pattern variables in order of first mention; those without a condition match any row. */
  readonly variables: readonly PatternVariable[];
  readonly measures: readonly { readonly name: string; readonly expression: Expression }[];
}

export interface PatternVariable {
  readonly name: string;
  /** Evaluated with slot 0 = the row under test; `match-aggregate` reads rows bound so far, that row included. */
  readonly condition: Expression | null;
}

export type PatternNode =
  | { readonly kind: "variable"; readonly variable: number }
  /** `.`: any row, bound to no variable; Classifier() reports it as "." */
  | { readonly kind: "any" }
  | { readonly kind: "sequence"; readonly items: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly items: readonly PatternNode[] }
  /** `max` null: unbounded. */
  | {
      readonly kind: "repeat";
      readonly item: PatternNode;
      readonly min: number;
      readonly max: number | null;
    };

export type TimeUnit =
  | "year"
  | "quarter"
  | "month"
  | "dayofyear"
  | "day"
  | "week"
  | "weekday"
  | "hour"
  | "minute"
  | "second"
  | "millisecond"
  | "microsecond";

interface ExpressionBase {
  /** `any`: known per record only. Conditions are `bit` and may be unknown (NULL) while they are combined. */
  readonly type: StaticType;
  readonly range: SourceRange;
}

export type Expression =
  | LiteralExpression
  | ColumnExpression
  | MemberExpression
  | EventExpression
  | ComputedExpression
  | TimestampExpression
  | SlotTimeExpression
  | WindowExpression
  | MetadataExpression
  | CallExpression
  | UdfExpression
  | CaseExpression
  | CastExpression
  | ArithmeticExpression
  | BitwiseExpression
  | UnaryExpression
  | ComparisonExpression
  | LikeExpression
  | BetweenExpression
  | InExpression
  | IsNullExpression
  | LogicalExpression
  | NotExpression
  | MatchColumnExpression
  | MatchAggregateExpression
  | ClassifierExpression;

/** A constant; an integer literal is a bigint, one with point or exponent a number, text a string. */
export interface LiteralExpression extends ExpressionBase {
  readonly kind: "literal";
  readonly value: Value;
}

/** Column of a slot's record; a null slot and an absent column give NULL. */
export interface ColumnExpression extends ExpressionBase {
  readonly kind: "column";
  readonly slot: number;
  /** Casing of the schema where the column is known, else of the query. */
  readonly name: string;
  /** Position in the record when the slot's schema is closed, else null: look it up by name. */
  readonly index: number | null;
}

/** Member of a record value; NULL when the target is no record or has no such member. */
export interface MemberExpression extends ExpressionBase {
  readonly kind: "member";
  readonly target: Expression;
  readonly name: string;
}

/** The whole event of a slot as a record. */
export interface EventExpression extends ExpressionBase {
  readonly kind: "event";
  readonly slot: number;
  /** When set, this column comes first and is converted to datetime (OPEN-29). */
  readonly timestampColumn: string | null;
}

/** A value that an `analytic` or `aggregate` relation below has worked out. */
export interface ComputedExpression extends ExpressionBase {
  readonly kind: "computed";
  readonly index: number;
}

/** System.Timestamp() of the row. */
export interface TimestampExpression extends ExpressionBase {
  readonly kind: "timestamp";
}

/** Timestamp of a slot's own event; NULL for a null slot. Only in the ON condition of a join. */
export interface SlotTimeExpression extends ExpressionBase {
  readonly kind: "slot-time";
  readonly slot: number;
}

/** System.Window(): a record with the single member Id. */
export interface WindowExpression extends ExpressionBase {
  readonly kind: "window";
}

/** GetMetadataPropertyValue of the slot's event; path segments without brackets. */
export interface MetadataExpression extends ExpressionBase {
  readonly kind: "metadata";
  readonly slot: number;
  readonly path: readonly string[];
}

/** A built-in scalar function; date parts and units are nvarchar literals with the canonical TimeUnit name. */
export interface CallExpression extends ExpressionBase {
  readonly kind: "call";
  /** Lower-case name as `lookupBuiltin` knows it. */
  readonly function: string;
  readonly arguments: readonly Expression[];
}

export interface UdfExpression extends ExpressionBase {
  readonly kind: "udf";
  /** Name as declared, or as written when nothing declares functions. */
  readonly name: string;
  readonly arguments: readonly Expression[];
}

/** Simple form when `operand` is set (each `when` is compared with it by =), else each `when` is a condition. */
export interface CaseExpression extends ExpressionBase {
  readonly kind: "case";
  readonly operand: Expression | null;
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  /** Null: NULL. */
  readonly otherwise: Expression | null;
}

/** `cast` and `implicit` stop the job when the value does not convert, `try` gives NULL. */
export interface CastExpression extends ExpressionBase {
  readonly kind: "cast";
  readonly mode: "cast" | "try" | "implicit";
  readonly operand: Expression;
}

/** `+` joins text when both sides are text. */
export interface ArithmeticExpression extends ExpressionBase {
  readonly kind: "arithmetic";
  readonly operator: "+" | "-" | "*" | "/" | "%";
  readonly left: Expression;
  readonly right: Expression;
}

export interface BitwiseExpression extends ExpressionBase {
  readonly kind: "bitwise";
  readonly operator: "&" | "|" | "^";
  readonly left: Expression;
  readonly right: Expression;
}

export interface UnaryExpression extends ExpressionBase {
  readonly kind: "unary";
  readonly operator: "+" | "-" | "~";
  readonly operand: Expression;
}

export type ComparisonOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** Unknown when a side is NULL. `!=`, `!<` and `!>` are already turned into these operators. */
export interface ComparisonExpression extends ExpressionBase {
  readonly kind: "comparison";
  readonly operator: ComparisonOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface LikeExpression extends ExpressionBase {
  readonly kind: "like";
  readonly negated: boolean;
  readonly operand: Expression;
  readonly pattern: Expression;
}

/** Inclusive at both ends. */
export interface BetweenExpression extends ExpressionBase {
  readonly kind: "between";
  readonly negated: boolean;
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
}

export interface InExpression extends ExpressionBase {
  readonly kind: "in";
  readonly negated: boolean;
  readonly operand: Expression;
  readonly items: readonly Expression[];
}

export interface IsNullExpression extends ExpressionBase {
  readonly kind: "is-null";
  readonly negated: boolean;
  readonly operand: Expression;
}

/** Three-valued AND / OR over two or more operands, from left to right. */
export interface LogicalExpression extends ExpressionBase {
  readonly kind: "logical";
  readonly operator: "and" | "or";
  readonly operands: readonly Expression[];
}

export interface NotExpression extends ExpressionBase {
  readonly kind: "not";
  readonly operand: Expression;
}

/**
 * `Var.column` in MATCH_RECOGNIZE: in DEFINE the column of the row under test when `variable` is the one defined,
 * else, as in MEASURES, the column of the last row bound to the variable.
 */
export interface MatchColumnExpression extends ExpressionBase {
  readonly kind: "match-column";
  readonly variable: number;
  readonly name: string;
}

/** MIN, MAX, FIRST or LAST of a column over the rows bound to a variable; NULL when there is none. */
export interface MatchAggregateExpression extends ExpressionBase {
  readonly kind: "match-aggregate";
  readonly function: "min" | "max" | "first" | "last" | "count" | "sum" | "avg";
  readonly variable: number;
  readonly name: string;
}

/** Classifier(): the names of the matched variables, one per row, in order. */
export interface ClassifierExpression extends ExpressionBase {
  readonly kind: "classifier";
}
