import type { OutputRow } from "../../api";
import type { Code } from "../../codegen/code";
import { AsaError } from "../../errors";
import { readsMetadata } from "../../plan/broker-columns";
import type {
  AggregateRelation,
  Expression,
  JoinRelation,
  LogicalPlan,
  ProjectRelation,
  ReferenceJoinRelation,
  Relation,
  StreamInput,
  UnionRelation,
  WindowSpec,
} from "../../plan/logical-plan";
import { isEventOnly, isInput, type PhysicalRelation, physicalPlan } from "../../plan/physical";
import { readsOf } from "../../plan/relations";
import type { RuntimeContext } from "../context";
import type { Output } from "../operator";
import type { InputBranch } from "./input-loop";
import type { LineWriter } from "./json-lines";
import { recordLayout } from "./layout";
import { TypedAnalytic } from "./operators/analytic";
import { RowDelivery, RowExit } from "./operators/exits";
import { TypedJoin } from "./operators/join";
import type { TypedContext, TypedOperator, TypedState, WindowState } from "./operators/operator";
import { PagePanes } from "./operators/page-panes";
import { TypedProject } from "./operators/project";
import { TypedReferenceJoin } from "./operators/reference-join";
import { TypedSessions } from "./operators/sessions";
import { TypedSliding } from "./operators/sliding";
import { TypedSnapshots } from "./operators/snapshots";
import { TypedUnion } from "./operators/union";
import { TypedWindows } from "./operators/windows";
import { Page } from "./page";
import { PaneAggregator } from "./panes";
import type { Texts } from "./texts";

/** What the typed operators and inputs of a job share. */
export function typedContext(context: RuntimeContext, texts: Texts): TypedContext {
  return { context, interner: texts.interner, hold: (holder) => texts.add(holder) };
}

/** Where the rows of outputs go. */
export interface Delivery {
  readonly row: (row: OutputRow) => void;
  /** The writer of an output's lines; null when rows are taken as records. */
  readonly lines: (output: string) => LineWriter | null;
}

/** Rows of a relation: those of a page that pass all conditions. */
interface Source {
  readonly page: Page;
  readonly conditions: readonly Expression[];
}

/** So many kinds of rows of one input are told apart before they are ordered. */
const mostPages = 30;

/**
 * What runs over columns: all that can; what could in the third format of snapshots (`typed`); or what the second had typed
 * state for (`panes`).
 */
export type Arrangement = "columns" | "typed" | "panes";

/** What the arrangement of a snapshot's text was; a text of a later version is none. */
export function arrangementOf(text: string): Arrangement | null {
  return text === "columns" || text === "typed" || text === "panes" ? text : null;
}

/** How the relations of a plan are run in an arrangement. */
export function physicalRelations(plan: LogicalPlan, arrangement: Arrangement): readonly PhysicalRelation[] {
  return physicalPlan(plan, arrangement === "columns" ? "all" : "third-format").relations;
}

/** Relations that run over columns, given the inputs that can: those that read nothing else. */
export function typedRelations(
  plan: LogicalPlan,
  modes: readonly PhysicalRelation[],
  inputs: readonly StreamInput[],
  arrangement: Arrangement = "columns",
): ReadonlySet<number> {
  const typed = new Set<number>();
  for (const relation of plan.relations) {
    if (relation.kind === "stream-input") {
      if (inputs.includes(relation)) typed.add(relation.id);
    } else if (modes[relation.id]!.mode === "columns") {
      const streams = readsOf(relation).filter((id) => plan.relations[id]!.kind !== "reference-input");
      const early = arrangement !== "panes" || isPanes(plan, relation);
      if (early && streams.every((id) => typed.has(id))) typed.add(relation.id);
    }
  }
  return typed;
}

/** Filters over an input, and tumbling and hopping windows over those. */
function isPanes(plan: LogicalPlan, relation: Relation): boolean {
  if (relation.kind === "filter") return isInput(plan, relation.id) && isEventOnly(relation.condition);
  if (relation.kind !== "aggregate" || !isInput(plan, relation.source)) return false;
  const kind = relation.windows[0]?.kind;
  return kind === "tumbling" || kind === "hopping";
}

/** Outputs that one typed SELECT list alone writes to, by name in lower case, with the relation. */
export function typedOutputs(plan: LogicalPlan, typed: ReadonlySet<number>): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { name, relation } of plan.outputs) {
    const folded = name.toLowerCase();
    const alone = plan.outputs.filter((output) => output.name.toLowerCase() === folded).length === 1;
    if (alone && typed.has(relation) && plan.relations[relation]!.kind === "project")
      found.set(folded, relation);
  }
  return found;
}

/** The typed operators of a job, wired from the pages of its inputs to row operators and outputs. */
export class TypedGraph {
  readonly states: TypedState[] = [];
  /** Generated code by relation, for `explain`. */
  readonly code = new Map<number, string>();
  readonly origins: boolean;
  /** The pages of an input have them too: relations by rows read them. */
  readonly pageOrigins: boolean;
  private readonly plan: LogicalPlan;
  private readonly modes: readonly PhysicalRelation[];
  private readonly typed: ReadonlySet<number>;
  private readonly outputs: ReadonlyMap<string, number>;
  private readonly context: TypedContext;
  private readonly rowOutput: (relation: number) => Output;
  private readonly delivery: Delivery;
  private readonly pages = new Map<number, Page>();
  private readonly branches = new Map<number, InputBranch[]>();

  constructor(
    context: RuntimeContext,
    texts: Texts,
    modes: readonly PhysicalRelation[],
    typed: ReadonlySet<number>,
    rowOutput: (relation: number) => Output,
    delivery: Delivery,
  ) {
    this.plan = { ...context.plan, relations: modes.map((mode) => mode.typed) };
    this.modes = modes;
    this.typed = typed;
    this.context = typedContext(context, texts);
    this.rowOutput = rowOutput;
    this.delivery = delivery;
    this.outputs = typedOutputs(this.plan, typed);
    this.origins = context.plan.relations.some(readsMetadata);
    this.pageOrigins = context.plan.relations.some((relation) =>
      readsMetadata(typed.has(relation.id) ? this.plan.relations[relation.id]! : relation),
    );
    for (const id of typed) this.build(this.plan.relations[id]!);
    for (const id of typed) this.exit(this.plan.relations[id]!);
    for (const state of this.states) texts.add(state);
  }

  /** What an input does with its events. */
  branchesOf(input: StreamInput): readonly InputBranch[] {
    return this.branches.get(input.id) ?? [];
  }

  private source(id: number): Source {
    const chain: Expression[] = [];
    let relation = this.plan.relations[id]!;
    for (; relation.kind === "filter"; relation = this.plan.relations[relation.source]!)
      chain.unshift(relation.condition);
    if (relation.kind !== "stream-input") return { page: this.pages.get(relation.id)!, conditions: chain };
    const branches = this.branchList(relation);
    const known = this.pages.get(id);
    if (known !== undefined) return { page: known, conditions: [] };
    const full = branches.filter(({ page }) => page !== null).length >= mostPages;
    if (full && chain.length > 0) return { page: this.source(relation.id).page, conditions: chain };
    const origins = this.pageOrigins ? { metadata: [], arrivals: [] } : null;
    const page = new Page(recordLayout(this.modes[relation.id]!.columns), origins);
    this.pages.set(id, page);
    branches.push({ conditions: chain, aggregator: null, page });
    return { page, conditions: [] };
  }

  private branchList(input: StreamInput): InputBranch[] {
    let branches = this.branches.get(input.id);
    if (branches === undefined) {
      branches = [];
      this.branches.set(input.id, branches);
    }
    return branches;
  }

  private build(relation: Relation): void {
    switch (relation.kind) {
      case "project":
        this.project(relation);
        break;
      case "aggregate":
        this.aggregate(relation);
        break;
      case "analytic": {
        const { page, conditions } = this.source(relation.source);
        this.attach(new TypedAnalytic(relation, page, conditions, this.context), page);
        break;
      }
      case "reference-join":
        this.referenceJoin(relation);
        break;
      case "join":
        this.join(relation);
        break;
      case "union":
        this.union(relation);
        break;
      default:
    }
  }

  /** Puts an operator behind its page and before its own. */
  private attach(operator: TypedOperator & { readonly out: Page; readonly code?: Code }, source: Page): void {
    source.connect(operator);
    this.pages.set(operator.relation.id, operator.out);
    this.states.push(operator);
    if (operator.code !== undefined) this.code.set(operator.relation.id, operator.code.text);
  }

  private referenceJoin(relation: ReferenceJoinRelation): void {
    const right = this.plan.relations[relation.right];
    if (right?.kind !== "reference-input")
      throw new AsaError("ASA_NOT_SUPPORTED", "a reference join needs a reference input on its right side");
    const { page, conditions } = this.source(relation.left);
    const names = right.declared?.map(({ name }) => name) ?? this.modes[relation.id]!.columns;
    const later = this.laterConditions(relation);
    this.attach(new TypedReferenceJoin(relation, right, page, conditions, names, later, this.context), page);
  }

  /** Conditions that every row of a relation has to pass before anything else sees it. */
  private laterConditions(relation: Relation): readonly Expression[] {
    const [reader, ...others] = this.readersOf(relation);
    const written = this.plan.outputs.some((output) => output.relation === relation.id);
    if (reader?.kind !== "filter" || others.length > 0 || written) return [];
    return [reader.condition, ...this.laterConditions(reader)];
  }

  private join(relation: JoinRelation): void {
    const left = this.source(relation.left);
    const right = this.source(relation.right);
    const operator = new TypedJoin(relation, left, right, this.context);
    left.page.connect(operator.left);
    right.page.connect(operator.right);
    this.pages.set(relation.id, operator.out);
    this.states.push(operator);
    this.code.set(relation.id, operator.code.text);
  }

  private union(relation: UnionRelation): void {
    const sources = relation.sources.map((source) => this.source(source));
    const operator = new TypedUnion(relation, sources, this.context);
    for (const [index, { page }] of sources.entries()) page.connect(operator.targets[index]!);
    this.pages.set(relation.id, operator.out);
    this.states.push(operator);
  }

  private readersOf(relation: Relation): readonly Relation[] {
    return this.plan.relations.filter((reader) => readsOf(reader).includes(relation.id));
  }

  private project(relation: ProjectRelation): void {
    const { page, conditions } = this.source(relation.source);
    const operator = new TypedProject(relation, page, conditions, this.context);
    this.pages.set(relation.id, operator.out);
    this.code.set(relation.id, operator.code.text);
    page.connect(operator);
    this.states.push(operator);
  }

  private aggregate(relation: AggregateRelation): void {
    const states = relation.windows.map((window) => this.window({ ...relation, windows: [window] }, window));
    const [only, ...more] = states;
    const state = more.length === 0 ? only! : new TypedWindows(relation, states, this.context);
    this.pages.set(relation.id, state.out);
    this.states.push(state);
  }

  /** Leads the rows of its source to the window of an aggregate; returns what keeps the state. */
  private window(relation: AggregateRelation, window: WindowSpec): WindowState {
    if (window.kind === "tumbling" || window.kind === "hopping")
      return this.intoPanes(new PaneAggregator(relation, this.context));
    const { page, conditions } = this.source(relation.source);
    const operator = this.orderedWindow(relation, window, page, conditions);
    page.connect(operator);
    this.code.set(relation.id, operator.code.text);
    return operator;
  }

  private orderedWindow(
    relation: AggregateRelation,
    window: Exclude<WindowSpec, { kind: "tumbling" | "hopping" }>,
    page: Page,
    conditions: readonly Expression[],
  ): TypedSnapshots | TypedSliding | TypedSessions {
    if (window.kind === "snapshot") return new TypedSnapshots(relation, page, conditions, this.context);
    return window.kind === "sliding"
      ? new TypedSliding(relation, window, page, conditions, this.context)
      : new TypedSessions(relation, window, page, conditions, this.context);
  }

  /** Leads the rows of its source to an aggregator; returns what keeps the state. */
  private intoPanes(aggregator: PaneAggregator): WindowState {
    const { source } = aggregator.relation;
    if (isInput(this.plan, source)) {
      let input = this.plan.relations[source]!;
      const chain: Expression[] = [];
      for (; input.kind === "filter"; input = this.plan.relations[input.source]!)
        chain.unshift(input.condition);
      this.branchList(input as StreamInput).push({ conditions: chain, aggregator, page: null });
      return aggregator;
    }
    const { page, conditions } = this.source(source);
    const operator = new PagePanes(aggregator, page, conditions, this.context);
    page.connect(operator);
    return operator;
  }

  /** Leads the rows of a relation to row operators and to outputs. */
  private exit(relation: Relation): void {
    const byRows = this.readersOf(relation).some((reader) => !this.typed.has(reader.id));
    const outputs = this.plan.outputs.filter((output) => output.relation === relation.id);
    const others = outputs.some(({ name }) => !this.outputs.has(name.toLowerCase()));
    if (byRows || others) {
      const { page, conditions } = this.source(relation.id);
      page.connect(new RowExit(page, conditions, this.context, this.rowOutput(relation.id)));
    }
    const page = this.pages.get(relation.id);
    if (page === undefined) return;
    for (const { name } of outputs) {
      if (!this.outputs.has(name.toLowerCase())) continue;
      const lines = this.delivery.lines(name);
      page.connect(
        lines === null
          ? new RowDelivery(page, name, this.context.interner, this.delivery.row)
          : lines.target(page),
      );
    }
  }
}
