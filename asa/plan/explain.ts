import type { CompileOptions } from "../api";
import { resolveDialect } from "../dialect";
import { Diagnostics, parse, printTree, Source, tokenize } from "../language";
import { generatedCode } from "../runtime/columnar/explain";
import { ticksPerDay, ticksPerHour, ticksPerMillisecond, ticksPerMinute, ticksPerSecond } from "../values";
import { metadataPath } from "./broker-columns";
import { compile } from "./compile";
import { expressionText } from "./expression-text";
import type {
  AggregateCall,
  AnalyticCall,
  AnalyticFrame,
  Expression,
  LogicalPlan,
  PatternNode,
  Relation,
  Schema,
  WindowSpec,
} from "./logical-plan";
import { physicalPlan } from "./physical";

/** Stages of the compiler that `explain` prints. */
export type ExplainStage = "tokens" | "ast" | "logical" | "physical" | "code";

/** Returns what a stage of the compiler makes of the text; the logical plan is empty when the query has errors. */
export function explain(text: string, stage: ExplainStage, options: CompileOptions = {}): string {
  const source = new Source(text, options.file ?? "query.asaql");
  const diagnostics = new Diagnostics(source.file);
  if (stage === "tokens") {
    return tokenize(source, diagnostics)
      .map((token) => `${token.range.line}:${token.range.column} ${token.kind} ${JSON.stringify(token.text)}`)
      .join("\n");
  }
  if (stage === "ast") return printTree(parse(source, diagnostics, resolveDialect(options.dialect)));
  const { plan } = compile(text, options);
  if (plan === null) return "";
  if (stage === "physical") return printPhysicalPlan(plan);
  return stage === "code" ? generatedCode(plan) : printPlan(plan);
}

/** Returns the plan as `printPlan` does, each relation with the way in which it is run and, for rows, the reason. */
export function printPhysicalPlan(plan: LogicalPlan): string {
  const lines = physicalPlan(plan).relations.map(({ relation, mode, reason, columns }) => {
    const read = columns.length === 0 ? "" : ` reads ${columns.map(columnText).join(", ")}`;
    const way = mode === "columns" ? `columns${read}` : `rows: ${reason}`;
    return `${relation.id} ${relationText(relation)}${stepText(relation)} -> ${way}`;
  });
  for (const output of plan.outputs) lines.push(`output ${output.name} <- ${output.relation}`);
  return lines.join("\n");
}

/** A column of an event in quotes; what the broker knows of it as GetMetadataPropertyValue has the path. */
function columnText(name: string): string {
  const path = metadataPath(name);
  return path === null ? JSON.stringify(name) : path.map((part) => `[${part}]`).join(".");
}

/** Returns the plan as one line per relation, its sources by number, followed by the outputs. */
export function printPlan(plan: LogicalPlan): string {
  const lines = plan.relations.map(
    (relation) => `${relation.id} ${relationText(relation)}${stepText(relation)} -> ${schemaText(relation)}`,
  );
  for (const output of plan.outputs) lines.push(`output ${output.name} <- ${output.relation}`);
  return lines.join("\n");
}

function stepText(relation: Relation): string {
  return relation.step === null ? "" : ` as step ${relation.step}`;
}

function schemaText(relation: Relation): string {
  const slots = relation.slots.map(slotText).join(" ");
  return relation.computed.length === 0 ? slots : `${slots} #[${relation.computed.join(", ")}]`.trimStart();
}

function slotText(schema: Schema): string {
  const columns = schema.columns.map((column) => `${column.name} ${column.type}`);
  if (schema.open) columns.push("...");
  return `{${columns.join(", ")}}`;
}

function relationText(relation: Relation): string {
  switch (relation.kind) {
    case "stream-input": {
      const parts = [`stream ${relation.input}`];
      if (relation.timestampBy !== null) parts.push(`timestamp by ${expressionText(relation.timestampBy)}`);
      if (relation.over.length > 0) parts.push(`over ${list(relation.over)}`);
      if (relation.partitionBy.length > 0) parts.push(`partition by ${list(relation.partitionBy)}`);
      return parts.join(" ");
    }
    case "reference-input":
      return `reference ${relation.input}`;
    case "filter":
      return `filter(${relation.source}) ${expressionText(relation.condition)}`;
    case "project": {
      const items = relation.items.map((item) => {
        if (item.kind === "star") return `$${item.slot}.*`;
        return item.kind === "members"
          ? `${expressionText(item.expression)}.*`
          : `${item.name} = ${expressionText(item.expression)}`;
      });
      return `project(${relation.source}) ${items.join(", ")}`;
    }
    case "analytic":
      return `analytic(${relation.source}) ${relation.calls.map(analyticText).join(", ")}`;
    case "join": {
      const bounds = relation.bounds.map(
        (bound) => `${bound.unit} from $${bound.leftSlot} in ${bound.lower ?? ""}..${bound.upper ?? ""}`,
      );
      return `${relation.outer ? "left " : ""}join(${relation.left}, ${relation.right}) ${bounds.join(", ")} on ${expressionText(relation.condition)}`;
    }
    case "reference-join": {
      const on = relation.condition === null ? "" : ` on ${expressionText(relation.condition)}`;
      return `${relation.outer ? "left " : ""}reference join(${relation.left}, ${relation.right})${on}`;
    }
    case "apply":
      return `${relation.outer ? "outer" : "cross"} apply(${relation.source}) ${relation.of} ${expressionText(relation.argument)}`;
    case "aggregate": {
      const windows = relation.windows.map(windowText).join(", ");
      return `aggregate(${relation.source}) ${windows} by [${list(relation.keys)}] ${relation.aggregates.map(aggregateText).join(", ")}`.trimEnd();
    }
    case "union":
      return `union(${relation.sources.join(", ")}) by ${relation.match}`;
    case "match":
      return `match(${relation.source}) ${patternText(relation.pattern)} within ${durationText(relation.limitTicks)}`;
  }
}

function list(expressions: readonly Expression[]): string {
  return expressions.map(expressionText).join(", ");
}

function analyticText(call: AnalyticCall): string {
  switch (call.kind) {
    case "lag":
      return `${call.offset === 0 ? "last" : "lag"}(${expressionText(call.expression)}, ${call.offset}) ${frameText(call.frame)}`;
    case "is-first":
      return `is-first ${durationText(call.intervalTicks)} by [${list(call.partitionBy)}]`;
    case "anomaly":
      return `${call.model}(${expressionText(call.expression)}) ${frameText(call.frame)}`;
    case "aggregate-over":
      return `${aggregateText(call.aggregate)} ${frameText(call.frame)}`;
  }
}

function frameText(frame: AnalyticFrame): string {
  const when = frame.when === null ? "" : ` when ${expressionText(frame.when)}`;
  return `over [${list(frame.partitionBy)}] ${durationText(frame.limitTicks)}${when}`;
}

function aggregateText(call: AggregateCall): string {
  const name = call.uda === null ? call.function : `uda.${call.uda}`;
  const argument = call.argument === null ? "" : expressionText(call.argument);
  const order = call.orderBy.map(
    (item) => `${expressionText(item.expression)}${item.descending ? " desc" : ""}`,
  );
  return `${name}(${call.distinct ? "distinct " : ""}${argument})${order.length === 0 ? "" : ` order by ${order.join(", ")}`}`;
}

function windowText(window: WindowSpec): string {
  const id = window.id === null ? "" : `'${window.id}' `;
  switch (window.kind) {
    case "snapshot":
      return `${id}snapshot`;
    case "sliding":
      return `${id}sliding ${durationText(window.sizeTicks)}`;
    case "tumbling":
      return `${id}tumbling ${durationText(window.sizeTicks)}${offsetText(window.offsetTicks)}`;
    case "hopping":
      return `${id}hopping ${durationText(window.sizeTicks)} every ${durationText(window.hopTicks)}${offsetText(window.offsetTicks)}`;
    case "session":
      return `${id}session gap ${durationText(window.timeoutTicks)} at most ${durationText(window.maxDurationTicks)} by [${list(window.partitionBy)}]`;
  }
}

function offsetText(ticks: bigint): string {
  return ticks === 0n ? "" : ` offset ${durationText(ticks)}`;
}

const units: readonly (readonly [string, bigint])[] = [
  ["d", ticksPerDay],
  ["h", ticksPerHour],
  ["m", ticksPerMinute],
  ["s", ticksPerSecond],
  ["ms", ticksPerMillisecond],
];

function durationText(ticks: bigint): string {
  const unit = units.find(([, size]) => ticks % size === 0n);
  return unit === undefined ? `${ticks / 10n}us` : `${ticks / unit[1]}${unit[0]}`;
}

function patternText(node: PatternNode): string {
  switch (node.kind) {
    case "any":
      return ".";
    case "variable":
      return `%${node.variable}`;
    case "sequence":
      return `(${node.items.map(patternText).join(" ")})`;
    case "choice":
      return `(${node.items.map(patternText).join(" | ")})`;
    case "repeat":
      return `${patternText(node.item)}{${node.min},${node.max ?? ""}}`;
  }
}
