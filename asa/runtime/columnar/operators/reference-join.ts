import { type Code, code } from "../../../codegen/code";
import { memberReader } from "../../../interpreter/paths";
import { walkExpression } from "../../../plan/binding/expression-tree";
import type { Expression, ReferenceInput, ReferenceJoinRelation } from "../../../plan/logical-plan";
import type { AsaRecord, Value } from "../../../values/value";
import type { ReferenceLookup } from "../../context";
import { equalityKey } from "../../operators/equality-key";
import { type Evaluator, noValues, type Row } from "../../row";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { pageRows, tags } from "../columns";
import { columnOf, type Layout, rowAt, type SlotLayout } from "../layout";
import { Page } from "../page";
import { absoluteTicks } from "../ticks";
import { PageLoop } from "./loop";
import type { TypedContext, TypedOperator } from "./operator";
import { type ReferenceIndex, ReferenceIndexes } from "./reference-index";

const plainKinds: ReadonlySet<string> = new Set([
  "literal",
  "column",
  "comparison",
  "between",
  "in",
  "like",
  "is-null",
  "logical",
  "not",
]);

/** True for a condition that depends on the columns of one slot alone. */
function readsSlotOnly(condition: Expression, slot: number): boolean {
  let only = true;
  walkExpression(condition, (node) => {
    if (!plainKinds.has(node.kind) || (node.kind === "column" && node.slot !== slot)) only = false;
  });
  return only;
}

/** The operands of conditions that come first, as long as they depend on one slot alone: where one is false, the row is dropped. */
function leadingOperands(conditions: readonly Expression[], slot: number): readonly Expression[] {
  const found: Expression[] = [];
  for (const condition of conditions) {
    const parts =
      condition.kind === "logical" && condition.operator === "and" ? condition.operands : [condition];
    for (const part of parts) {
      if (!readsSlotOnly(part, slot)) return found;
      found.push(part);
    }
  }
  return found;
}

/** True for equalities of columns, which cannot fail for texts and numbers. */
function isColumnEquality(condition: Expression | null): boolean {
  if (condition?.kind === "logical" && condition.operator === "and")
    return condition.operands.every(isColumnEquality);
  if (condition?.kind !== "comparison" || condition.operator !== "=") return false;
  return condition.left.kind === "column" && condition.right.kind === "column";
}

type Run = (from: number, to: number, index: ReferenceIndex | null) => void;

/** Joins the rows of a page with the reference rows in effect at their time; inner and left, on equal keys. */
export class TypedReferenceJoin implements TypedOperator {
  readonly relation: ReferenceJoinRelation;
  readonly out: Page;
  readonly code: Code;
  private readonly source: Page;
  private readonly typed: TypedContext;
  private readonly lookup: ReferenceLookup;
  private readonly indexes: ReferenceIndexes;
  private readonly leftKeys: readonly Evaluator[];
  private readonly run: Run;

  /**
   * `names`: the columns of the reference rows that something reads; `later`: conditions that all rows of the join have to pass
   * behind it.
   */
  constructor(
    relation: ReferenceJoinRelation,
    right: ReferenceInput,
    source: Page,
    conditions: readonly Expression[],
    names: readonly string[],
    later: readonly Expression[],
    typed: TypedContext,
  ) {
    this.relation = relation;
    this.source = source;
    this.typed = typed;
    const { context } = typed;
    this.lookup = context.reference(right.input);
    const read = names.map((name) => memberReader(name, context.dialect));
    this.indexes = new ReferenceIndexes(relation, right, names, read, typed, this.drops(later));
    this.leftKeys = relation.equalities.map(({ left }) => context.compile(left));
    const { width } = source.layout;
    const slot: SlotLayout = {
      names,
      columns: names.map((_, index) => width + index),
      time: null,
      present: width + names.length,
    };
    const layout: Layout = {
      ...source.layout,
      slots: [...source.layout.slots, slot],
      width: width + names.length + 1,
    };
    this.out = new Page(layout);
    const loop = new PageLoop(source, typed);
    this.code = this.write(loop, conditions, names.length);
    this.run = loop.scope.evaluate(this.code);
  }

  /** Tells of a reference row whether a condition that reads nothing else is false for it, so that no row need be made. */
  private drops(later: readonly Expression[]): (record: AsaRecord) => boolean {
    const place = this.source.layout.slots.length;
    // What stands before a condition could fail for an event, which must not be hidden by leaving the row out.
    const safe = !this.relation.outer && isColumnEquality(this.relation.condition);
    const operands = safe ? leadingOperands(later, place) : [];
    const conditions = operands.map(this.typed.context.compile);
    const before = this.source.layout.slots.map(() => null);
    return (record) => {
      const slot = { record, time: 0n, arrival: 0n, metadata: null };
      const row: Row = {
        time: 0n,
        slots: [...before, slot],
        computed: noValues,
        partition: "",
        window: null,
      };
      try {
        return conditions.some((condition) => condition(row) === false);
      } catch {
        // The error belongs to the event that meets the row, if one does.
        return false;
      }
    };
  }

  private write(loop: PageLoop, conditions: readonly Expression[], referenceColumns: number): Code {
    const { scope } = loop;
    const { out, source, relation } = this;
    const { width } = source.layout;
    const test = new PageLoop(out, this.typed, scope);
    const accept = relation.condition === null ? code`true` : code`accept(n)`;
    const condition = relation.condition === null ? null : test.writer.condition(relation.condition);
    const copies = source.columns.map((_, column) => loop.copy(column, out, column));
    const references = Array.from({ length: referenceColumns }, (_, index) => {
      const target = loop.store(out, width + index);
      return code`{ const s = index.stores[${index}], k = s.kinds[j]; ${target.kinds}[n] = k; ${target.numbers}[n] = s.numbers[j]; if (k === ${tags.boxed}) ${target.boxes}[n] = s.boxes[j]; }`;
    });
    const nulls = Array.from({ length: referenceColumns }, (_, index) => {
      const target = loop.store(out, width + index);
      return code`${target.kinds}[n] = 0; ${target.numbers}[n] = 0;`;
    });
    const present = loop.store(out, width + referenceColumns);
    const keys = relation.equalities.map(({ left }) => {
      const column = columnOf(source.layout, left, this.typed.context.dialect);
      return column < 0 ? null : loop.store(source, column);
    });
    const fast = keys.every((key) => key !== null);
    const plain = keys.map((key) =>
      key === null
        ? code`false`
        : code`(${key.kinds}[r] === ${tags.text} || (${key.kinds}[r] !== 0 && ${key.kinds}[r] <= ${tags.bit}))`,
    );
    const wholes = keys
      .map((key) =>
        key === null
          ? code`-1`
          : code`(${key.kinds}[r] === ${tags.text} ? ${key.numbers}[r] : index.part(${key.numbers}[r]))`,
      )
      .reduce((left, right, index) => code`index.pair(${index - 1}, ${left}, ${right})`);
    const candidates = scope.value("candidates", (row: number, index: ReferenceIndex) =>
      this.candidates(row, index),
    );
    const outer = relation.outer
      ? code`if (!matched) { copyLeft(r); ${nulls} ${present.kinds}[n] = 0; if (++n === ${pageRows}) { out.count = n; n = 0; out.send(); } }`
      : code``;
    const found = code`if (${fast} && index.direct && ${plain.reduce((all, next) => code`${all} && ${next}`)}) {
  for (let j = index.first(${wholes}); j >= 0; j = index.next[j]) if (index.dropped[j] === 0) matched = pair(r, j, index) || matched;
} else for (const j of ${candidates}(r, index)) matched = pair(r, j, index) || matched;`;
    return code`let n = 0;
const out = ${scope.value("out", out)}, times = ${scope.value("times", source.times)}, outTimes = ${scope.value("times", out.times)};
const copyLeft = (r) => { outTimes[n] = times[r]; ${copies} };
${condition === null ? code`` : code`const accept = (r) => { const t = outTimes[r]; ${condition.lines} return ${condition.result} === 1; };`}
const pair = (r, j, index) => {
copyLeft(r);
${references}
${present.kinds}[n] = 4;
if (!(${accept})) return false;
if (++n === ${pageRows}) { out.count = n; n = 0; out.send(); }
return true;
};
return (from, to, index) => {
try {
for (let r = from; r < to; r++) {
const t = times[r];
${loop.conditions(conditions)}
let matched = false;
if (index !== null) {
${found}
}
${outer}
}
} finally { const count = n; n = 0; out.count = count; out.send(); }
};`;
  }

  /** Reference rows that may match a row whose key is not made of texts and numbers. */
  private candidates(row: number, index: ReferenceIndex): readonly number[] {
    const left = rowAt(this.source, row, this.typed.interner);
    const values: Value[] = this.leftKeys.map((key) => key(left));
    const key = equalityKey(values, this.typed.context.dialect);
    return key === null ? [] : index.candidates(key);
  }

  rows(count: number): void {
    const { times } = this.source;
    // Versions follow one another in time, as rows do: one run of rows for each.
    for (let from = 0; from < count; ) {
      const version = this.lookup(absoluteTicks(times[from]!));
      let to = count;
      if (this.lookup(absoluteTicks(times[count - 1]!)) !== version) {
        to = from + 1;
        while (to < count && this.lookup(absoluteTicks(times[to]!)) === version) to++;
      }
      this.run(from, to, version === null ? null : this.indexes.of(version));
      from = to;
    }
  }

  progress(time: number): void {
    this.out.progress(time);
  }

  get size(): number {
    return this.indexes.size;
  }

  liveTexts(visit: (id: number) => void): void {
    this.indexes.texts(visit);
  }

  compact(numbers: Int32Array): void {
    this.indexes.renumber(numbers);
  }

  save(_writer: StateWriter): void {}

  load(_reader: StateReader): void {}

  saveRows(_writer: StateWriter): void {}
}
