import { parseDateTime } from "../../values/datetime";
import { compareForOrder } from "../../values/equality";
import { AsaRecord, DateTime, type Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { Accumulator, AggregateInput } from "./aggregate";

const rankedNames = ["rank", "value"] as const;

interface Ranked extends AggregateInput {
  /** Place among equal rows: order of arrival, or its reverse. */
  readonly place: number;
}

/** Text that is ordered against a datetime, or against other ISO text, is ordered as text; both give the same order. */
export function compareKeys(a: Value, b: Value): number {
  if (a instanceof DateTime && typeof b === "string") return compareForOrder(a, iso(b));
  if (b instanceof DateTime && typeof a === "string") return compareForOrder(iso(a), b);
  return compareForOrder(a, b);
}

const iso = (text: string): Value => {
  const ticks = parseDateTime(text);
  return ticks === null ? text : new DateTime(ticks);
};

/** CollectTop and TopOne: keeps the first `limit` rows of the ORDER BY order; NULL is lowest. */
export class Top implements Accumulator {
  private kept: Ranked[] = [];
  private seen = 0;
  private readonly limit: number;
  private readonly descending: readonly boolean[];
  private readonly single: boolean;
  private readonly latestFirst: boolean;

  /** `single`: TopOne's result; `latestFirst`: of equal rows the last to arrive wins (OPEN-35). */
  constructor(limit: number, descending: readonly boolean[], single: boolean, latestFirst: boolean) {
    this.limit = limit;
    this.descending = descending;
    this.single = single;
    this.latestFirst = latestFirst;
  }

  private compare(a: Ranked, b: Ranked): number {
    for (let i = 0; i < this.descending.length; i++) {
      const order = compareKeys(a.order[i] ?? null, b.order[i] ?? null);
      if (order !== 0) return this.descending[i] === true ? -order : order;
    }
    return this.latestFirst ? b.place - a.place : a.place - b.place;
  }

  accumulate(input: AggregateInput): void {
    this.insert({ ...input, place: this.seen++ });
  }

  private insert(ranked: Ranked): void {
    let at = this.kept.length;
    while (at > 0 && this.compare(ranked, this.kept[at - 1]!) < 0) at--;
    if (at >= this.limit) return;
    this.kept.splice(at, 0, ranked);
    if (this.kept.length > this.limit) this.kept.pop();
  }

  combine(later: this): void {
    for (const ranked of later.kept) this.insert({ ...ranked, place: this.seen + ranked.place });
    this.seen += later.seen;
  }

  result(): Value {
    if (this.single) return this.kept[0]?.value ?? null;
    return this.kept.map(({ value }, index) => new AsaRecord(rankedNames, [BigInt(index + 1), value]));
  }

  save(writer: StateWriter): void {
    writer.count(this.seen);
    writer.list(this.kept, this.kept.length, ({ value, order, time, place }) => {
      writer.value(value);
      writer.values(order);
      writer.integer(time);
      writer.count(place);
    });
  }

  load(reader: StateReader): void {
    this.seen = reader.count();
    this.kept = reader.list(() => ({
      value: reader.value(),
      order: reader.values(),
      time: reader.integer(),
      place: reader.count(),
    }));
  }
}
