import type { OutputRow } from "../api";
import { AsaError } from "../errors";
import { runtimeError } from "../interpreter/errors";
import type { ApplyRelation, Expression, ProjectItem, Relation, StreamInput } from "../plan/logical-plan";
import { typeOf } from "../values/types";
import type { Value } from "../values/value";
import type { RuntimeContext } from "./context";
import { type Operator, Output } from "./operator";
import { AggregateOperator } from "./operators/aggregate";
import { AnalyticOperator } from "./operators/analytic";
import { ApplyOperator } from "./operators/apply";
import { FilterOperator } from "./operators/filter";
import { JoinOperator } from "./operators/join";
import { MatchOperator } from "./operators/match";
import { ProjectOperator } from "./operators/project";
import { ReferenceJoinOperator } from "./operators/reference-join";
import { SinkOperator } from "./operators/sink";
import { UnionOperator } from "./operators/union";
import type { StateReader } from "./state/reader";
import type { StateWriter } from "./state/writer";

/** The running operators of a plan: one graph for a job, or one per substream key. */
export class Graph {
  private readonly outputs: readonly Output[];
  private readonly context: RuntimeContext;
  /** By relation, then one for each output. Saved in this order. */
  private readonly operators: (Operator | null)[];
  private readonly deliver: (row: OutputRow) => void;

  /** `columns`, `outputs`: relations and outputs (in lower case) that typed operators run, and so have no operator here. */
  constructor(
    context: RuntimeContext,
    deliver: (row: OutputRow) => void,
    columns: ReadonlySet<number> = new Set(),
    outputs: ReadonlyMap<string, number> = new Map(),
  ) {
    const { plan } = context;
    this.context = context;
    this.deliver = deliver;
    this.outputs = plan.relations.map(() => new Output());
    this.operators = new Array<Operator | null>(plan.relations.length).fill(null);
    for (const relation of plan.relations) if (!columns.has(relation.id)) this.build(relation);
    for (const [folded, relations] of this.sinks())
      this.operators.push(outputs.has(folded) ? null : this.sink(folded, relations));
  }

  /** The relations of each output, by its name in lower case. */
  private sinks(): ReadonlyMap<string, readonly number[]> {
    const sinks = new Map<string, number[]>();
    for (const { name, relation } of this.context.plan.outputs) {
      const folded = name.toLowerCase();
      sinks.set(folded, [...(sinks.get(folded) ?? []), relation]);
    }
    return sinks;
  }

  private sink(folded: string, relations: readonly number[]): Operator {
    const name = this.context.plan.outputs.find((output) => output.name.toLowerCase() === folded)!.name;
    const sink = new SinkOperator(name, relations.length, this.deliver);
    this.attach(sink, relations);
    return sink;
  }

  /** Where the rows of a relation come out. */
  output(relation: number): Output {
    return this.outputs[relation]!;
  }

  /** Gives a relation the operator that it was built without, with the state that the operator itself would have saved. */
  activate(relation: Relation, state: StateReader | null): void {
    this.build(relation);
    if (state !== null) this.operators[relation.id]!.load(state);
  }

  /** Gives the outputs that were built without an operator theirs. */
  activateSinks(): void {
    let index = this.context.plan.relations.length;
    for (const [folded, relations] of this.sinks()) {
      this.operators[index] ??= this.sink(folded, relations);
      index++;
    }
  }

  /** Where the rows of a stream input go in. */
  entry(input: StreamInput): Output {
    return this.outputs[input.id]!;
  }

  private attach(operator: Operator, sources: readonly number[]): void {
    for (const [port, source] of sources.entries()) this.outputs[source]!.connect(operator, port);
  }

  private build(relation: Relation): void {
    const output = this.outputs[relation.id]!;
    const built = operatorOf(relation, this.context, output);
    if (built === null) return;
    this.operators[relation.id] = built.operator;
    this.attach(built.operator, built.sources);
  }

  save(writer: StateWriter): void {
    for (const operator of this.operators) operator?.save(writer);
  }

  load(reader: StateReader): void {
    for (const operator of this.operators) operator?.load(reader);
  }
}

/** The operator of a relation and the relations it reads; null for inputs, which rows enter from outside. */
function operatorOf(
  relation: Relation,
  context: RuntimeContext,
  output: Output,
): { readonly operator: Operator; readonly sources: readonly number[] } | null {
  const { compile, plan } = context;
  switch (relation.kind) {
    case "stream-input":
    case "reference-input":
      return null;
    case "filter":
      return {
        operator: new FilterOperator(compile(relation.condition), output),
        sources: [relation.source],
      };
    case "project": {
      const compileItem = (item: ProjectItem) => compile(expressionOf(item));
      return {
        operator: new ProjectOperator(
          relation.items,
          compileItem,
          plan.dialect.starMissingFields === "null",
          output,
        ),
        sources: [relation.source],
      };
    }
    case "analytic":
      return { operator: new AnalyticOperator(relation, context, output), sources: [relation.source] };
    case "join":
      return {
        operator: new JoinOperator(relation, context, output),
        sources: [relation.left, relation.right],
      };
    case "reference-join": {
      const right = plan.relations[relation.right];
      if (right?.kind !== "reference-input") {
        throw new AsaError("ASA_NOT_SUPPORTED", "a reference join needs a reference input on its right side");
      }
      return {
        operator: new ReferenceJoinOperator(relation, right, context, output),
        sources: [relation.left],
      };
    }
    case "apply": {
      const argument = compile(relation.argument);
      return {
        operator: new ApplyOperator(relation, argument, applyError(relation, context), output),
        sources: [relation.source],
      };
    }
    case "aggregate":
      return { operator: new AggregateOperator(relation, context, output), sources: [relation.source] };
    case "union": {
      const columns = plan.relations[relation.sources[0] ?? -1]?.slots[0]?.columns ?? [];
      const names = relation.match === "position" ? columns.map((column) => column.name) : null;
      return {
        operator: new UnionOperator(relation.sources.length, names, output),
        sources: relation.sources,
      };
    }
    case "match":
      return { operator: new MatchOperator(relation, context, output), sources: [relation.source] };
  }
}

/** The error of an APPLY whose argument is neither NULL nor of the function's type. */
function applyError(relation: ApplyRelation, context: RuntimeContext): (value: Value) => Error {
  return (value) =>
    runtimeError(
      context,
      "ASA_CONVERSION",
      `Cannot cast value of type '${typeOf(value)}' to type '${relation.of}'`,
      relation.argument,
      { hint: "TRY_CAST function can be used to handle values with unexpected type." },
    );
}

function expressionOf(item: ProjectItem): Expression {
  if (item.kind === "star") throw new AsaError("ASA_NOT_SUPPORTED", "a star has no value of its own");
  return item.expression;
}
