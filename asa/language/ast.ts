import type { SourceRange } from "../api";

/** Every node has its `kind` and its place in the text; nodes are never changed. */
interface NodeBase {
  readonly range: SourceRange;
}

/** An identifier; `quoted` when it stood in brackets or double quotes. */
export interface NameNode extends NodeBase {
  readonly kind: "name";
  readonly text: string;
  readonly quoted: boolean;
}

export interface ScriptNode extends NodeBase {
  readonly kind: "script";
  readonly tables: readonly CreateTableNode[];
  readonly steps: readonly StepNode[];
  readonly statements: readonly QueryNode[];
}

export interface CreateTableNode extends NodeBase {
  readonly kind: "create-table";
  readonly name: NameNode;
  readonly columns: readonly ColumnDefinitionNode[];
}

export interface ColumnDefinitionNode extends NodeBase {
  readonly kind: "column-definition";
  readonly name: NameNode;
  readonly type: TypeNode;
}

/** A type as written, e.g. `nvarchar` with argument `max`. */
export interface TypeNode extends NodeBase {
  readonly kind: "type";
  readonly name: string;
  readonly argument: string | null;
}

export interface StepNode extends NodeBase {
  readonly kind: "step";
  readonly name: NameNode;
  readonly query: QueryNode;
}

/** One or more branches joined by UNION. */
export interface QueryNode extends NodeBase {
  readonly kind: "query";
  readonly branches: readonly (SelectNode | QueryNode)[];
}

export interface SelectNode extends NodeBase {
  readonly kind: "select";
  readonly items: readonly SelectItemNode[];
  readonly into: NameNode | null;
  readonly from: SourceNode;
  readonly joins: readonly (JoinNode | ApplyNode)[];
  readonly match: MatchRecognizeNode | null;
  readonly where: ExpressionNode | null;
  readonly groupBy: readonly ExpressionNode[] | null;
  readonly having: ExpressionNode | null;
}

export type SelectItemNode = StarItemNode | ExpressionItemNode;

/** `*`, or `path.*` when `path` is set. */
export interface StarItemNode extends NodeBase {
  readonly kind: "star-item";
  readonly path: PathNode | null;
}

export interface ExpressionItemNode extends NodeBase {
  readonly kind: "expression-item";
  readonly expression: ExpressionNode;
  readonly alias: NameNode | null;
}

export type SourceNode = TableSourceNode | DerivedSourceNode;

export interface TableSourceNode extends NodeBase {
  readonly kind: "table-source";
  readonly name: NameNode;
  readonly alias: NameNode | null;
  readonly timestampBy: TimestampByNode | null;
  readonly partitionBy: PartitionByNode | null;
}

export interface DerivedSourceNode extends NodeBase {
  readonly kind: "derived-source";
  readonly query: QueryNode;
  readonly alias: NameNode | null;
  readonly timestampBy: TimestampByNode | null;
  readonly partitionBy: PartitionByNode | null;
}

export interface TimestampByNode extends NodeBase {
  readonly kind: "timestamp-by";
  readonly expression: ExpressionNode;
  readonly over: readonly ExpressionNode[];
}

export interface PartitionByNode extends NodeBase {
  readonly kind: "partition-by";
  readonly keys: readonly ExpressionNode[];
  readonly count: bigint | null;
}

export interface JoinNode extends NodeBase {
  readonly kind: "join";
  readonly type: "inner" | "left" | "cross";
  readonly source: SourceNode;
  readonly on: ExpressionNode | null;
}

export interface ApplyNode extends NodeBase {
  readonly kind: "apply";
  readonly outer: boolean;
  readonly function: NameNode;
  readonly arguments: readonly ExpressionNode[];
  readonly alias: NameNode;
}

export interface DurationNode extends NodeBase {
  readonly kind: "duration";
  readonly unit: NameNode;
  readonly count: ExpressionNode;
}

export interface MatchRecognizeNode extends NodeBase {
  readonly kind: "match-recognize";
  readonly limit: DurationNode | null;
  readonly partitionBy: readonly ExpressionNode[];
  readonly measures: readonly MeasureNode[];
  readonly pattern: PatternNode;
  readonly defines: readonly DefineNode[];
  readonly alias: NameNode | null;
}

export interface MeasureNode extends NodeBase {
  readonly kind: "measure";
  readonly expression: ExpressionNode;
  readonly alias: NameNode;
}

export interface DefineNode extends NodeBase {
  readonly kind: "define";
  readonly variable: NameNode;
  readonly condition: ExpressionNode;
}

export type PatternNode =
  | (NodeBase & { readonly kind: "pattern-variable"; readonly name: NameNode })
  | (NodeBase & { readonly kind: "pattern-any" })
  | (NodeBase & { readonly kind: "pattern-sequence"; readonly items: readonly PatternNode[] })
  | (NodeBase & { readonly kind: "pattern-choice"; readonly items: readonly PatternNode[] })
  | (NodeBase & {
      readonly kind: "pattern-repeat";
      readonly item: PatternNode;
      readonly min: number;
      readonly max: number | null;
    });

export type ExpressionNode =
  | LiteralNode
  | PathNode
  | CallNode
  | MemberNode
  | UnaryNode
  | BinaryNode
  | ComparisonNode
  | LogicalNode
  | NotNode
  | LikeNode
  | BetweenNode
  | InNode
  | IsNullNode
  | CaseNode
  | CastNode;

/** bigint for integers, number for floats, string for text, null for NULL. */
export interface LiteralNode extends NodeBase {
  readonly kind: "literal";
  readonly value: bigint | number | string | null;
}

/** Names joined by dots; also a bare word such as a date part. */
export interface PathNode extends NodeBase {
  readonly kind: "path";
  readonly segments: readonly NameNode[];
}

export interface CallNode extends NodeBase {
  readonly kind: "call";
  readonly name: readonly NameNode[];
  readonly quantifier: "all" | "distinct" | null;
  readonly star: boolean;
  readonly arguments: readonly ExpressionNode[];
  readonly over: OverNode | null;
}

export interface OverNode extends NodeBase {
  readonly kind: "over";
  readonly partitionBy: readonly ExpressionNode[];
  readonly orderBy: readonly OrderItemNode[];
  readonly limit: DurationNode | null;
  readonly when: ExpressionNode | null;
}

export interface OrderItemNode extends NodeBase {
  readonly kind: "order-item";
  readonly expression: ExpressionNode;
  readonly descending: boolean;
}

/** `.member` on a call. */
export interface MemberNode extends NodeBase {
  readonly kind: "member";
  readonly target: ExpressionNode;
  readonly name: NameNode;
}

export interface UnaryNode extends NodeBase {
  readonly kind: "unary";
  readonly operator: "+" | "-" | "~";
  readonly operand: ExpressionNode;
}

export type BinaryOperator = "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^";

export interface BinaryNode extends NodeBase {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: ExpressionNode;
  readonly right: ExpressionNode;
}

export type ComparisonOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** `!=`, `!<` and `!>` are read as `<>`, `>=` and `<=`. */
export interface ComparisonNode extends NodeBase {
  readonly kind: "comparison";
  readonly operator: ComparisonOperator;
  readonly left: ExpressionNode;
  readonly right: ExpressionNode;
}

/** Two or more operands, none of them a LogicalNode of the same operator. */
export interface LogicalNode extends NodeBase {
  readonly kind: "logical";
  readonly operator: "and" | "or";
  readonly operands: readonly ExpressionNode[];
}

export interface NotNode extends NodeBase {
  readonly kind: "not";
  readonly operand: ExpressionNode;
}

export interface LikeNode extends NodeBase {
  readonly kind: "like";
  readonly negated: boolean;
  readonly operand: ExpressionNode;
  readonly pattern: ExpressionNode;
}

export interface BetweenNode extends NodeBase {
  readonly kind: "between";
  readonly negated: boolean;
  readonly operand: ExpressionNode;
  readonly low: ExpressionNode;
  readonly high: ExpressionNode;
}

export interface InNode extends NodeBase {
  readonly kind: "in";
  readonly negated: boolean;
  readonly operand: ExpressionNode;
  readonly items: readonly ExpressionNode[];
}

export interface IsNullNode extends NodeBase {
  readonly kind: "is-null";
  readonly negated: boolean;
  readonly operand: ExpressionNode;
}

export interface CaseNode extends NodeBase {
  readonly kind: "case";
  readonly operand: ExpressionNode | null;
  readonly branches: readonly CaseBranchNode[];
  readonly otherwise: ExpressionNode | null;
}

export interface CaseBranchNode extends NodeBase {
  readonly kind: "case-branch";
  readonly when: ExpressionNode;
  readonly then: ExpressionNode;
}

export interface CastNode extends NodeBase {
  readonly kind: "cast";
  readonly lenient: boolean;
  readonly operand: ExpressionNode;
  readonly type: TypeNode;
}

export type AstNode =
  | ScriptNode
  | CreateTableNode
  | ColumnDefinitionNode
  | TypeNode
  | StepNode
  | QueryNode
  | SelectNode
  | SelectItemNode
  | SourceNode
  | TimestampByNode
  | PartitionByNode
  | JoinNode
  | ApplyNode
  | DurationNode
  | MatchRecognizeNode
  | MeasureNode
  | DefineNode
  | PatternNode
  | ExpressionNode
  | OverNode
  | OrderItemNode
  | CaseBranchNode
  | NameNode;
