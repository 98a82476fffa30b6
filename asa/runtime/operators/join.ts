import type { JoinRelation } from "../../plan/logical-plan";
import type { Value } from "../../values/value";
import type { RuntimeContext } from "../context";
import { Merger } from "../merger";
import type { Operator, Output } from "../operator";
import type { Evaluator, Row, Slot } from "../row";
import { MinHeap } from "../state/heap";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { equalityKey } from "./equality-key";
import { HoldBack } from "./hold-back";
import { JoinBounds } from "./join-bounds";
import { JoinSide, type Kept } from "./join-side";

/** A left row of an outer join that may still find a match. */
interface Undecided {
  readonly kept: Kept;
  readonly until: bigint;
  readonly stamp: bigint;
  readonly place: number;
}

const laterOf = (a: bigint, b: bigint): bigint => (b > a ? b : a);
const byTime = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Stream-stream join. Both sides are read in one order (time, then left before right); a pair is made when its later row
 * comes. A LEFT JOIN holds back what is later than its oldest undecided row, so that its output stays in time order.
 */
export class JoinOperator implements Operator {
  private readonly relation: JoinRelation;
  private readonly context: RuntimeContext;
  private readonly condition: Evaluator;
  private readonly leftKeys: readonly Evaluator[];
  private readonly rightKeys: readonly Evaluator[];
  private readonly bounds: JoinBounds;
  private readonly merger = new Merger(2);
  private readonly left: JoinSide;
  private readonly right: JoinSide;
  private readonly results: HoldBack;
  private readonly byEnd = new MinHeap<Undecided>((a, b) => byTime(a.until, b.until) || a.place - b.place);
  private readonly byStamp = new MinHeap<Undecided>((a, b) => byTime(a.stamp, b.stamp) || a.place - b.place);
  private readonly decided = new Set<Undecided>();
  private places = 0;
  private readonly emptySlots: readonly null[];
  private readonly emptyComputed: readonly Value[];

  constructor(relation: JoinRelation, context: RuntimeContext, output: Output) {
    const { compile, plan } = context;
    this.relation = relation;
    this.context = context;
    this.condition = compile(relation.condition);
    this.leftKeys = relation.equalities.map((equality) => compile(equality.left));
    this.rightKeys = relation.equalities.map((equality) => compile(equality.right));
    this.bounds = new JoinBounds(plan, relation.left, relation.bounds, context.dialect);
    this.left = new JoinSide(this.bounds.leftKeepTicks);
    this.right = new JoinSide(this.bounds.rightKeepTicks);
    this.results = new HoldBack(output);
    const right = plan.relations[relation.right]!;
    this.emptySlots = right.slots.map(() => null);
    this.emptyComputed = right.computed.map(() => null);
  }

  row(row: Row, port: number): void {
    this.merger.add(row, port);
  }

  progress(time: bigint, port: number): void {
    const common = this.merger.progress(time, port, (row, side) => {
      this.moveTo(row.time);
      if (side === 0) this.leftRow(row);
      else this.rightRow(row);
    });
    if (common === null) return;
    this.moveTo(common);
    let oldest = this.byStamp.peek();
    while (oldest !== undefined && this.settled(oldest)) {
      this.byStamp.pop();
      this.decided.delete(oldest);
      oldest = this.byStamp.peek();
    }
    this.results.progress(oldest !== undefined && oldest.stamp < common ? oldest.stamp : common);
  }

  private settled(undecided: Undecided): boolean {
    return undecided.kept.matched || this.decided.has(undecided);
  }

  /** Decides the left rows that nothing from `time` on can match, and forgets rows that have become useless. */
  private moveTo(time: bigint): void {
    for (let next = this.byEnd.peek(); next !== undefined && next.until < time; next = this.byEnd.peek()) {
      this.byEnd.pop();
      if (next.kept.matched) continue;
      this.decided.add(next);
      const { row } = next.kept;
      this.results.add({
        ...row,
        time: next.stamp,
        slots: [...row.slots, ...this.emptySlots],
        computed: [...row.computed, ...this.emptyComputed],
      });
    }
    this.left.forgetBefore(time);
    this.right.forgetBefore(time);
  }

  private keyOf(keys: readonly Evaluator[], row: Row): string | null {
    if (keys.length === 0) return "";
    const values = keys.map((evaluate) => evaluate(row));
    return equalityKey(values, this.context.dialect);
  }

  private leftRow(row: Row): void {
    const key = this.keyOf(this.leftKeys, row);
    const kept: Kept = { row, key: key ?? "", matched: false };
    if (key !== null) {
      for (const candidate of this.right.candidates(key)) this.pair(kept, candidate.row);
      this.left.add(kept);
    }
    if (this.relation.outer && !kept.matched) {
      const undecided = { kept, ...this.bounds.reach(row), place: this.places++ };
      this.byEnd.push(undecided);
      this.byStamp.push(undecided);
    }
  }

  private rightRow(row: Row): void {
    const key = this.keyOf(this.rightKeys, row);
    if (key === null) return;
    for (const candidate of this.left.candidates(key)) this.pair(candidate, row);
    this.right.add({ row, key, matched: false });
  }

  private pair(left: Kept, right: Row): void {
    const slots: (Slot | null)[] = [...left.row.slots, ...right.slots];
    const joined: Row = {
      time: laterOf(left.row.time, right.time),
      slots,
      computed: [...left.row.computed, ...right.computed],
      partition: left.row.partition,
      window: null,
    };
    if (this.condition(joined) !== true) return;
    left.matched = true;
    this.results.add(joined);
  }

  save(writer: StateWriter): void {
    this.merger.save(writer);
    this.left.save(writer);
    this.right.save(writer);
    this.results.save(writer);
    // Rows that wait in the left side are found again by their position there; NULL keys wait here alone.
    const positions = new Map<Kept, number>();
    for (const kept of this.left.all()) positions.set(kept, positions.size);
    const open = this.byEnd.contents.filter(({ kept }) => !kept.matched);
    writer.count(this.places);
    writer.list(open, open.length, ({ kept, until, stamp, place }) => {
      const position = positions.get(kept);
      writer.flag(position !== undefined);
      if (position === undefined) writer.row(kept.row);
      else writer.count(position);
      writer.integer(until);
      writer.integer(stamp);
      writer.count(place);
    });
  }

  load(reader: StateReader): void {
    this.merger.load(reader);
    this.left.load(reader);
    this.right.load(reader);
    this.results.load(reader);
    const lefts = [...this.left.all()];
    this.places = reader.count();
    const open = reader.list((): Undecided => {
      const kept = reader.flag() ? lefts[reader.count()]! : { row: reader.row(), key: "", matched: false };
      return { kept, until: reader.integer(), stamp: reader.integer(), place: reader.count() };
    });
    this.byEnd.replace(open);
    this.byStamp.replace(open);
    this.decided.clear();
  }
}
