import type { SourceRange } from "../../api";
import type {
  ApplyNode,
  DerivedSourceNode,
  ExpressionNode,
  SelectNode,
  SourceNode,
  TableSourceNode,
} from "../../language";
import { didYouMean, print } from "../../language";
import { lookupBuiltin } from "../../language/builtins";
import type { Column, Expression, RelationId, Schema } from "../logical-plan";
import { bindQuery, bindValue } from "./bind";
import type { Environment } from "./environment";
import { expressionKey } from "./expression-tree";
import { plainPlace } from "./place";
import type { RowSource, Scope, ScopeSource } from "./scope";
import { bindStep } from "./steps";
import { pushTimestampBy } from "./timestamp-pushdown";

/** The sources of a FROM clause with the relations that they read. */
export interface BoundFrom extends Scope {
  /** By slot; null for APPLY, whose rows come from the sources before it. */
  readonly relations: readonly (RelationId | null)[];
}

/** Binds the sources of a SELECT in the order of the text. */
export function bindFrom(select: SelectNode, environment: Environment): BoundFrom {
  const sources: ScopeSource[] = [];
  const relations: (RelationId | null)[] = [];
  const add = (
    bound: { readonly source: ScopeSource; readonly relation: RelationId | null } | undefined,
  ): void => {
    if (bound === undefined) return;
    checkUnique(bound.source, sources, environment);
    sources.push(bound.source);
    relations.push(bound.relation);
  };
  add(bindSource(select.from, 0, environment));
  for (const join of select.joins) {
    add(
      join.kind === "join"
        ? bindSource(join.source, sources.length, environment)
        : bindElements(join, sources.length, environment),
    );
  }
  return { sources, relations };
}

function checkUnique(source: ScopeSource, sources: readonly ScopeSource[], environment: Environment): void {
  if (source.name === "") return;
  if (!sources.some((other) => other.name.toLowerCase() === source.name.toLowerCase())) return;
  environment.diagnostics.error(
    "ASA_DUPLICATE_SOURCE",
    `two sources are called "${source.name}"`,
    source.range,
    {
      hint: "Give one of them an alias.",
    },
  );
}

interface Bound {
  readonly source: ScopeSource;
  readonly relation: RelationId;
}

function bindSource(node: SourceNode, slot: number, environment: Environment): Bound {
  if (node.kind === "derived-source") return bindDerived(node, slot, environment);
  const step = environment.steps.get(node.name.text.toLowerCase());
  if (step !== undefined) return bindStepSource(node, slot, environment);
  return bindInput(node, slot, environment);
}

function bindDerived(node: DerivedSourceNode, slot: number, environment: Environment): Bound {
  rejectTimestampBy(node, "a derived table", environment);
  const rows = bindQuery(node.query, environment, false);
  if (node.alias !== null && isInputName(node.alias.text, environment)) {
    environment.diagnostics.error(
      "ASA_STEP_SHADOWS_INPUT",
      `derived table has the name of input "${node.alias.text}"`,
      node.alias.range,
      {
        hint: "Choose another alias.",
      },
    );
  }
  return fromRows(rows, node, node.alias?.text ?? "", slot, environment);
}

export function isInputName(name: string, environment: Environment): boolean {
  return environment.inputs.has(name.toLowerCase()) || environment.tables.has(name.toLowerCase());
}

function bindStepSource(node: TableSourceNode, slot: number, environment: Environment): Bound {
  const pushed = node.timestampBy !== null && environment.dialect.timestampByOnStep === "accept";
  if (pushed) {
    const step = environment.steps.get(node.name.text.toLowerCase());
    environment.usedSteps.add(node.name.text.toLowerCase());
    const query = step && pushTimestampBy(step.query, node.timestampBy, environment.steps);
    if (query !== undefined)
      return fromRows(
        bindQuery(query, environment, false),
        node,
        (node.alias ?? node.name).text,
        slot,
        environment,
      );
  }
  rejectTimestampBy(node, `step "${node.name.text}"`, environment);
  const rows = bindStep(node.name, environment);
  return fromRows(rows, node, (node.alias ?? node.name).text, slot, environment);
}

function rejectTimestampBy(node: SourceNode, what: string, environment: Environment): void {
  if (node.timestampBy === null) return;
  environment.diagnostics.error(
    "ASA_TIMESTAMP_BY_SOURCE",
    `TIMESTAMP BY cannot stand on ${what}`,
    node.timestampBy.range,
    {
      hint: "Move it to the input that is read first.",
    },
  );
}

function fromRows(
  rows: RowSource,
  node: SourceNode,
  name: string,
  slot: number,
  environment: Environment,
): Bound {
  const { relation, ...shape } = rows;
  const range = sourceRange(node);
  const bare: ScopeSource = {
    ...shape,
    name,
    hiddenName: hiddenName(node),
    kind: "step",
    slot,
    timestampColumn: null,
    partitionBy: [],
    over: [],
    range,
  };
  const partitionBy = bindPartitionBy(node, bare, environment);
  return { source: { ...bare, partitionBy }, relation };
}

function hiddenName(node: SourceNode): string | null {
  if (node.kind !== "table-source" || node.alias === null) return null;
  return node.alias.text.toLowerCase() === node.name.text.toLowerCase() ? null : node.name.text;
}

function sourceRange(node: SourceNode): SourceRange {
  if (node.alias !== null) return node.alias.range;
  return node.kind === "table-source" ? node.name.range : node.range;
}

/** Keys see the source as slot 0, as the relations below the join do. */
function bindPartitionBy(
  node: SourceNode,
  source: ScopeSource,
  environment: Environment,
): readonly Expression[] {
  if (node.partitionBy === null) return [];
  const place = {
    ...plainPlace(environment, { sources: [{ ...source, slot: 0 }] }, "PARTITION BY"),
    timestamp: false,
  };
  const keys = node.partitionBy.keys.filter((key) => {
    if (!lacksPartitionId(key, source)) return true;
    environment.diagnostics.warning(
      "ASA_PARTITION_KEY_UNUSED",
      `step "${source.name}" has no column PartitionId, so its rows are one partition here`,
      key.range,
      { hint: "Add PartitionId to the SELECT list of the step." },
    );
    return false;
  });
  return keys.map((key) => bindValue(key, place));
}

/** Published jobs partition a step by PartitionId that it does not pass on; the service knows it all the same. */
function lacksPartitionId(key: ExpressionNode, { kind, schema }: ScopeSource): boolean {
  if (kind !== "step" || schema.open || key.kind !== "path") return false;
  const isPartition = (name: string | undefined): boolean => name?.toLowerCase() === "partitionid";
  return isPartition(key.segments.at(-1)?.text) && !schema.columns.some((column) => isPartition(column.name));
}

function bindInput(node: TableSourceNode, slot: number, environment: Environment): Bound {
  const { diagnostics, inputs, tables } = environment;
  const declared = inputs.get(node.name.text.toLowerCase());
  if (declared === undefined && inputs.size > 0) {
    const known = [
      ...[...inputs.values()].map((input) => input.alias),
      ...[...environment.steps.values()].map((step) => step.name.text),
    ];
    diagnostics.error("ASA_UNKNOWN_INPUT", `input "${node.name.text}" does not exist`, node.name.range, {
      hint: didYouMean(node.name.text, known) ?? `The inputs and steps are: ${known.join(", ")}.`,
    });
  }
  const input = declared?.alias ?? node.name.text;
  environment.usedInputs.add(input.toLowerCase());
  const table = tables.get(input.toLowerCase());
  const columns: readonly Column[] | null = table?.columns ?? null;
  const closed = columns !== null && environment.dialect.createTable === "closed";
  const schema: Schema = { columns: columns ?? [], open: !closed };
  const reference = declared?.kind === "reference";
  const lineage = (column: string): string => `${input.toLowerCase()}.${column.toLowerCase()}`;
  const contract = columns === null ? (declared?.contractColumns ?? null) : null;
  const bare: ScopeSource = {
    name: (node.alias ?? node.name).text,
    hiddenName: hiddenName(node),
    kind: reference ? "reference" : "stream",
    slot,
    schema,
    contract,
    lineage,
    timestampColumn: null,
    partitionBy: [],
    over: [],
    range: sourceRange(node),
  };
  const common = { slots: [schema], computed: [], range: node.name.range, input, declared: columns };
  if (reference) {
    rejectTimestampBy(node, `reference input "${input}"`, environment);
    if (node.partitionBy !== null) {
      diagnostics.error(
        "ASA_PARTITION_BY",
        `PARTITION BY cannot stand on reference input "${input}"`,
        node.partitionBy.range,
      );
    }
    const relation = environment.addInput(`reference ${input.toLowerCase()}`, {
      ...common,
      kind: "reference-input",
    });
    return { source: bare, relation };
  }
  const place = {
    ...plainPlace(environment, { sources: [{ ...bare, slot: 0 }] }, "TIMESTAMP BY"),
    timestamp: false,
  };
  const timestampBy = node.timestampBy === null ? null : bindValue(node.timestampBy.expression, place);
  checkTimestampType(timestampBy, bare.name, environment);
  const over = node.timestampBy?.over.map((key) => bindValue(key, place)) ?? [];
  const partitionBy = bindPartitionBy(node, bare, environment);
  const timestampColumn = timestampBy?.kind === "column" ? timestampBy.name : null;
  const count = node.partitionBy?.count ?? null;
  if (count !== null && (count < 1n || count > 100_000n)) {
    diagnostics.error(
      "ASA_PARTITION_BY",
      "the number of partitions must be greater than 0",
      (node.partitionBy ?? node).range,
    );
  }
  checkSubstreamKeys(node, over, partitionBy, environment);
  const clauses = [timestampBy ?? "", ...over, "|", ...partitionBy, count ?? ""];
  const key = clauses
    .map((part) => (typeof part === "object" ? expressionKey(part) : String(part)))
    .join(" ");
  const relation = environment.addInput(`stream ${input.toLowerCase()} ${key}`, {
    ...common,
    kind: "stream-input",
    timestampBy,
    timestampColumn,
    over,
    partitionBy,
    partitionCount: count === null ? null : Number(count),
  });
  return { source: { ...bare, timestampColumn, partitionBy, over }, relation };
}

function checkTimestampType(expression: Expression | null, source: string, environment: Environment): void {
  if (expression === null) return;
  const { type } = expression;
  if (type === "any" || type === "datetime" || type === "nvarchar(max)") return;
  let hint = "Use a datetime or ISO 8601 text.";
  if (type === "bigint" || type === "float")
    hint = "Turn Unix time into a datetime with DATEADD(second, column, '1970-01-01T00:00:00Z').";
  else if (expression.kind === "event")
    hint = `The name of the source means its whole event; write ${source}.${source} for a column of that name.`;
  environment.diagnostics.error(
    "ASA_TIMESTAMP_BY_EXPRESSION",
    `TIMESTAMP BY needs a datetime, not ${type}`,
    expression.range,
    { hint },
  );
}

/** With a partitioned input the partition key is one of the substream keys. */
function checkSubstreamKeys(
  node: TableSourceNode,
  over: readonly Expression[],
  partitionBy: readonly Expression[],
  environment: Environment,
): void {
  if (over.length === 0 || partitionBy.length === 0) return;
  const keys = new Set(over.map(expressionKey));
  if (partitionBy.every((key) => keys.has(expressionKey(key)))) return;
  environment.diagnostics.error(
    "ASA_SUBSTREAM",
    "the partition key is not one of the keys of TIMESTAMP BY ... OVER",
    (node.timestampBy ?? node).range,
    {
      hint: `Add ${node.partitionBy?.keys.map((key) => print(key)).join(", ") ?? "it"} to OVER.`,
    },
  );
}

/** APPLY adds a slot with the two columns of its elements. */
function bindElements(
  node: ApplyNode,
  slot: number,
  environment: Environment,
): { readonly source: ScopeSource; readonly relation: null } | undefined {
  const { diagnostics } = environment;
  const builtin = lookupBuiltin(node.function.text);
  if (builtin?.kind !== "apply") {
    diagnostics.error(
      "ASA_APPLY_FUNCTION",
      `APPLY cannot call "${node.function.text}"`,
      node.function.range,
      {
        hint:
          didYouMean(node.function.text, ["GetArrayElements", "GetRecordProperties"]) ??
          "Use GetArrayElements or GetRecordProperties.",
      },
    );
  } else if (node.arguments.length !== 1) {
    diagnostics.error(
      "ASA_ARGUMENT_COUNT",
      `function ${builtin.name} takes 1 argument, not ${node.arguments.length}`,
      node.range,
    );
  }
  const names = builtin?.kind === "apply" ? builtin.columns : (["ArrayIndex", "ArrayValue"] as const);
  const first = names[0] === "ArrayIndex" ? "bigint" : "nvarchar(max)";
  const columns: readonly Column[] = [
    { name: names[0], type: first },
    { name: names[1], type: "any" },
  ];
  const source: ScopeSource = {
    name: node.alias.text,
    hiddenName: null,
    kind: "apply",
    slot,
    schema: { columns, open: false },
    contract: null,
    lineage: () => null,
    timestampColumn: null,
    partitionBy: [],
    over: [],
    range: node.alias.range,
  };
  return { source, relation: null };
}
