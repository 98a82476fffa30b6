import type { ReferenceInput, ReferenceJoinRelation } from "../../plan/logical-plan";
import type { Value } from "../../values/value";
import type { ReferenceLookup, ReferenceVersion, RuntimeContext } from "../context";
import { Conformer } from "../input/conform";
import { referenceSlots } from "../input/reference-slots";
import { type Output, Stateless } from "../operator";
import { type Evaluator, noValues, type Row, type Slot } from "../row";
import { equalityKey } from "./equality-key";

/** Rows of one version by key; the empty key holds all rows when there is no equality. */
type Index = ReadonlyMap<string, readonly Slot[]>;

/** Joins stream rows (left) with the reference rows in effect at their time; every match gives a row. */
export class ReferenceJoinOperator extends Stateless {
  private readonly relation: ReferenceJoinRelation;
  private readonly context: RuntimeContext;
  private readonly lookup: ReferenceLookup;
  private readonly conformer: Conformer | null;
  private readonly condition: Evaluator | null;
  private readonly leftKeys: readonly Evaluator[];
  private readonly rightKeys: readonly Evaluator[];
  private readonly indexes = new WeakMap<ReferenceVersion, Index>();

  constructor(
    relation: ReferenceJoinRelation,
    right: ReferenceInput,
    context: RuntimeContext,
    output: Output,
  ) {
    super(output);
    this.relation = relation;
    this.context = context;
    this.lookup = context.reference(right.input);
    this.conformer = right.declared === null ? null : new Conformer(right.declared, context.dialect);
    this.condition = relation.condition === null ? null : context.compile(relation.condition);
    this.leftKeys = relation.equalities.map(({ left }) => context.compile(left));
    this.rightKeys = relation.equalities.map((equality) => context.compile(equality.right));
  }

  override row(row: Row): void {
    const version = this.lookup(row.time);
    let matched = false;
    if (version !== null) {
      const { leftKeys, condition } = this;
      const values = new Array<Value>(leftKeys.length);
      for (let i = 0; i < values.length; i++) values[i] = leftKeys[i]!(row);
      const key = equalityKey(values, this.context.dialect);
      const candidates = key === null ? undefined : this.indexOf(version).get(key);
      if (candidates !== undefined) {
        for (const slot of candidates) {
          const joined = joinedRow(row, slot);
          if (condition !== null && condition(joined) !== true) continue;
          matched = true;
          this.output.row(joined);
        }
      }
    }
    if (!matched && this.relation.outer) this.output.row(joinedRow(row, null));
  }

  private indexOf(version: ReferenceVersion): Index {
    const known = this.indexes.get(version);
    if (known !== undefined) return known;
    const index = new Map<string, Slot[]>();
    for (const slot of referenceSlots(version.rows, this.conformer)) {
      const row: Row = { time: 0n, slots: [slot], computed: noValues, partition: "", window: null };
      const key = equalityKey(
        this.rightKeys.map((evaluate) => evaluate(row)),
        this.context.dialect,
      );
      if (key === null) continue;
      const slots = index.get(key);
      if (slots === undefined) index.set(key, [slot]);
      else slots.push(slot);
    }
    this.indexes.set(version, index);
    return index;
  }
}

function joinedRow({ time, slots, computed, partition, window }: Row, slot: Slot | null): Row {
  return { time, slots: [...slots, slot], computed, partition, window };
}
