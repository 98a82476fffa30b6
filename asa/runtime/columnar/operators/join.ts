import { type Code, code } from "../../../codegen/code";
import type { Expression, JoinRelation } from "../../../plan/logical-plan";
import type { Value } from "../../../values/value";
import type { RuntimeContext } from "../../context";
import { equalityKey } from "../../operators/equality-key";
import { JoinBounds } from "../../operators/join-bounds";
import { type Evaluator, endOfTime } from "../../row";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { pageRows, tags } from "../columns";
import { GroupIds } from "../group-ids";
import { columnOf, type Layout, rowAt, shiftedRecords } from "../layout";
import { Page, type PageTarget } from "../page";
import { absoluteTicks } from "../ticks";
import { JoinRing, joinPart } from "./join-ring";
import { PageLoop } from "./loop";
import type { TypedContext, TypedState } from "./operator";

/** Rows of one side: those of a page that pass all conditions. */
export interface JoinSource {
  readonly page: Page;
  readonly conditions: readonly Expression[];
}

const unknown = Number.NEGATIVE_INFINITY;

/** Both sides' slots and computed values; slots without a time of their own get that of their side's row. */
function joinedLayout(left: Layout, right: Layout): Layout {
  const base = left.width;
  const leftTime = base + right.width;
  return {
    slots: [
      ...left.slots.map((slot) => ({ ...slot, time: slot.time ?? leftTime })),
      ...right.slots.map((slot) => ({
        ...slot,
        columns: slot.columns.map((column) => column + base),
        time: slot.time === null ? leftTime + 1 : slot.time + base,
        present: slot.present === null ? null : slot.present + base,
      })),
    ],
    computed: [...left.computed, ...right.computed.map((column) => column + base)],
    window: null,
    records: new Map([...shiftedRecords(left.records, 0), ...shiftedRecords(right.records, base)]),
    width: leftTime + 2,
  };
}

/**
 * Inner join of two streams. Both sides are read in one order (time, then left before right); a pair is made when its later
 * row comes, so that pairs come in time order.
 */
export class TypedJoin implements TypedState {
  readonly relation: JoinRelation;
  readonly out: Page;
  readonly code: Code;
  readonly left: PageTarget;
  readonly right: PageTarget;
  private readonly context: RuntimeContext;
  private readonly typed: TypedContext;
  private readonly groups: GroupIds;
  private readonly rings: readonly [JoinRing, JoinRing];
  private readonly reached: [number, number] = [unknown, unknown];
  private readonly pair: (left: number, right: number) => void;

  constructor(relation: JoinRelation, left: JoinSource, right: JoinSource, typed: TypedContext) {
    this.relation = relation;
    this.typed = typed;
    this.context = typed.context;
    const { plan, dialect } = typed.context;
    const bounds = new JoinBounds(plan, relation.left, relation.bounds, dialect);
    this.groups = new GroupIds(relation.equalities.length, typed.interner);
    this.rings = [
      new JoinRing(left.page.layout, bounds.leftKeepTicks),
      new JoinRing(right.page.layout, bounds.rightKeepTicks),
    ];
    this.out = new Page(joinedLayout(left.page.layout, right.page.layout));
    const keys = (side: "left" | "right") => relation.equalities.map((equality) => equality[side]);
    this.left = this.side(0, left, keys("left"));
    this.right = this.side(1, right, keys("right"));
    const loop = new PageLoop(this.out, typed);
    this.code = this.pairCode(loop);
    this.pair = loop.scope.evaluate(this.code);
  }

  /** What takes the pages of one side. */
  private side(port: 0 | 1, { page, conditions }: JoinSource, keys: readonly Expression[]): PageTarget {
    const loop = new PageLoop(page, this.typed);
    const { scope } = loop;
    const kept = new Int32Array(pageRows);
    const found = new Int32Array(pageRows);
    const part = scope.value("joinPart", joinPart);
    const groups = scope.value("groups", this.groups);
    const lines: Code[] = [];
    const parts = keys.map((key) => {
      const column = columnOf(page.layout, key, this.context.dialect);
      if (column < 0) throw new TypeError("the key is no column");
      const { numbers, kinds, boxes } = loop.store(page, column);
      const name = scope.name("part");
      lines.push(
        code`const ${name} = ${kinds}[r] === ${tags.text} ? ${numbers}[r] : ${part}(${groups}, ${kinds}[r], ${numbers}[r], ${kinds}[r] === ${tags.boxed} ? ${boxes}[r] : null);`,
      );
      return name;
    });
    const groupOf = scope.value("groupOf", (...own: number[]) => this.groupOf(own));
    const whole =
      parts.length === 1
        ? code`let g = ${groups}.find(${parts[0]!}); if (g < 0) g = ${groupOf}(${parts[0]!});`
        : code`const g = ${groupOf}(${code`${parts.reduce((all, next) => code`${all}, ${next}`)}`});`;
    const select = scope.evaluate<(count: number) => number>(code`
const kept = ${scope.value("kept", kept)}, found = ${scope.value("found", found)}, times = ${scope.value("times", page.times)};
return (count) => {
let n = 0;
for (let r = 0; r < count; r++) {
const t = times[r];
${loop.conditions(conditions)}
${lines}
if (${parts.map((name) => code`${name} === -1`).reduce((all, next) => code`${all} || ${next}`)}) { kept[n] = r; found[n++] = -1; continue; }
${whole}
kept[n] = r; found[n++] = g;
}
return n;
};`);
    return {
      rows: (count) => this.rings[port].append(select(count), kept, found, page.times, page.columns),
      progress: (time) => this.progress(time, port),
    };
  }

  private groupOf(parts: readonly number[]): number {
    const { groups } = this;
    let whole = parts[0]!;
    for (let i = 1; i < parts.length; i++) whole = groups.pair(i - 1, whole, parts[i]!);
    const group = groups.find(whole);
    return group >= 0 ? group : groups.add(whole, parts);
  }

  /** Makes the row of a pair and keeps it when the whole condition is true. */
  private pairCode(loop: PageLoop): Code {
    const { scope, writer } = loop;
    const { out } = this;
    const [left, right] = this.rings.map((ring) => scope.value("ring", ring));
    const copies: Code[] = [];
    const base = this.rings[0].layout.width;
    for (const [port, ring] of this.rings.entries()) {
      const side = port === 0 ? code`a` : code`b`;
      const own = port === 0 ? left! : right!;
      for (let index = 0; index < ring.width; index++) {
        const to = loop.store(out, port === 0 ? index : base + index);
        copies.push(
          code`{ const k = ${own}.kinds[${side} * ${ring.width} + ${index}]; ${to.kinds}[r] = k; ${to.numbers}[r] = ${own}.cells[${side} * ${ring.stride} + ${1 + index}]; if (k === ${tags.boxed}) ${to.boxes}[r] = ${own}.boxes[${index}][${side}]; }`,
        );
      }
    }
    const leftTime = loop.store(out, out.layout.width - 2);
    const rightTime = loop.store(out, out.layout.width - 1);
    const { lines, result } = writer.condition(this.relation.condition);
    return code`const out = ${scope.value("out", out)}, times = ${scope.value("times", out.times)};
return (left, right) => {
const a = left & ${left!}.mask, b = right & ${right!}.mask, r = out.count;
const x = ${left!}.cells[a * ${this.rings[0].stride}], y = ${right!}.cells[b * ${this.rings[1].stride}], t = x > y ? x : y;
times[r] = t;
${leftTime.numbers}[r] = x; ${leftTime.kinds}[r] = ${tags.time};
${rightTime.numbers}[r] = y; ${rightTime.kinds}[r] = ${tags.time};
${copies}
${lines}
if (${result} !== 1) return;
out.count = r + 1;
if (r + 1 === ${pageRows}) out.send();
};`;
  }

  private progress(time: number, port: 0 | 1): void {
    this.reached[port] = time;
    const common = Math.min(this.reached[0], this.reached[1]);
    if (common === unknown) return;
    try {
      this.process(common);
    } finally {
      this.out.send();
    }
    this.out.progress(common);
  }

  /** Takes all rows before `common` in order. */
  private process(common: number): void {
    const [left, right] = this.rings;
    for (;;) {
      const x = left.waiting;
      const y = right.waiting;
      const time = Math.min(x, y);
      if (!(time < common)) break;
      left.forgetBefore(time);
      right.forgetBefore(time);
      if (x <= y) {
        const row = left.done;
        const group = left.group(row);
        if (group >= 0)
          for (let other = right.first(group); other >= 0; other = right.next[other & right.mask]!)
            this.pair(row, other);
        left.admit();
      } else {
        const row = right.done;
        const group = right.group(row);
        if (group >= 0)
          for (let other = left.first(group); other >= 0; other = left.next[other & left.mask]!)
            this.pair(other, row);
        right.admit();
      }
    }
    left.forgetBefore(common);
    right.forgetBefore(common);
  }

  get size(): number {
    return this.groups.size;
  }

  liveTexts(visit: (id: number) => void): void {
    const groups = new Set<number>();
    for (const ring of this.rings) {
      ring.texts(visit);
      ring.visitGroups((group) => groups.add(group));
    }
    for (const group of groups) this.groups.texts(group, visit);
  }

  compact(numbers: Int32Array): void {
    const live = new Set<number>();
    for (const ring of this.rings) ring.visitGroups((group) => live.add(group));
    const kept = Int32Array.from([...live].sort((a, b) => a - b));
    const renumbered = new Int32Array(this.groups.size).fill(-1);
    for (let i = 0; i < kept.length; i++) renumbered[kept[i]!] = i;
    this.groups.keep(kept, numbers);
    for (const ring of this.rings) ring.renumber(renumbered, numbers);
  }

  save(writer: StateWriter): void {
    for (const reached of this.reached) writer.number(reached);
    this.groups.save(writer);
    for (const ring of this.rings) ring.save(writer);
  }

  load(reader: StateReader): void {
    this.reached[0] = reader.number();
    this.reached[1] = reader.number();
    this.groups.load(reader);
    for (const ring of this.rings) ring.load(reader);
  }

  saveRows(writer: StateWriter): void {
    const { interner } = this.typed;
    const moment = (time: number): bigint | null => {
      if (time === unknown) return null;
      return time === Number.POSITIVE_INFINITY ? endOfTime : absoluteTicks(time);
    };
    for (const reached of this.reached) writer.optionalInteger(moment(reached));
    for (const ring of this.rings) {
      const waiting = ring.slice(ring.done, ring.tail);
      writer.list(waiting.times.keys(), waiting.times.length, (row) =>
        writer.row(rowAt(waiting, row, interner)),
      );
    }
    for (const [port, ring] of this.rings.entries()) {
      const keys = this.relation.equalities.map(({ left, right }) =>
        this.context.compile(port === 0 ? left : right),
      );
      const kept: number[] = [];
      for (let row = ring.head; row < ring.done; row++) if (ring.group(row) >= 0) kept.push(row - ring.head);
      const all = ring.slice(ring.head, ring.done);
      writer.list(kept, kept.length, (index) => {
        const row = rowAt(all, index, interner);
        const values: Value[] = keys.map((key: Evaluator) => key(row));
        writer.row(row);
        writer.text(equalityKey(values, this.context.dialect) ?? "");
        writer.flag(false);
      });
    }
    // Nothing is held back, and no row of an inner join is undecided.
    writer.count(0);
    writer.count(0);
    writer.count(0);
    writer.count(0);
  }
}
