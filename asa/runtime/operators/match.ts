import type { MatchRelation } from "../../plan/logical-plan";
import { AsaRecord, type Value } from "../../values/value";
import { partitionKey } from "../analytics/frame";
import type { RuntimeContext } from "../context";
import type { Operator, Output } from "../operator";
import { type Evaluator, endOfTime, noValues, type Row } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { HoldBack } from "./hold-back";
import { searchPattern } from "./match-pattern";

interface Waiting {
  readonly rows: Row[];
  /** Position of each row in the whole stream, which decides between matches of one time. */
  readonly places: number[];
}

/**
 * MATCH_RECOGNIZE: from every row of a partition the longest match of consecutive rows within LIMIT DURATION of it; the
 * search goes on at the next row, so matches overlap. A match leaves once no further row can change it.
 */
export class MatchOperator implements Operator {
  private readonly relation: MatchRelation;
  private readonly partitionBy: readonly Evaluator[];
  private readonly conditions: readonly (Evaluator | null)[];
  private readonly measures: readonly Evaluator[];
  private readonly names: readonly string[];
  private readonly results: HoldBack;
  private readonly inclusive: boolean;
  private readonly shortest: boolean;
  private readonly stampFirst: boolean;
  /** Rows from the oldest undecided start on, by partition. */
  private readonly waiting = new Map<string, Waiting>();
  private places = 0;

  constructor(relation: MatchRelation, context: RuntimeContext, output: Output) {
    const { compile, dialect } = context;
    this.relation = relation;
    this.partitionBy = relation.partitionBy.map(compile);
    this.conditions = relation.variables.map(({ condition }) =>
      condition === null ? null : compile(condition),
    );
    this.measures = relation.measures.map(({ expression }) => compile(expression));
    this.names = relation.measures.map(({ name }) => name);
    this.results = new HoldBack(output);
    this.inclusive = dialect.limitDurationStart === "inclusive";
    this.shortest = dialect.matchGreed === "shortest";
    this.stampFirst = dialect.matchTime === "first-event";
  }

  private inside(start: Row, time: bigint): boolean {
    const distance = time - start.time;
    return this.inclusive ? distance <= this.relation.limitTicks : distance < this.relation.limitTicks;
  }

  row(row: Row): void {
    const key = partitionKey(this.partitionBy, row);
    let waiting = this.waiting.get(key);
    if (waiting === undefined) {
      waiting = { rows: [], places: [] };
      this.waiting.set(key, waiting);
    }
    waiting.rows.push(row);
    waiting.places.push(this.places++);
    this.decide(key, row.time);
  }

  /** Decides start rows from the oldest on, until one may still grow; `now` is the time reached. */
  private decide(key: string, now: bigint): void {
    const { rows, places } = this.waiting.get(key)!;
    let start = 0;
    for (; start < rows.length; start++) {
      const first = rows[start]!;
      let available = 1;
      while (start + available < rows.length && this.inside(first, rows[start + available]!.time))
        available++;
      const { match, hungry } = searchPattern(
        this.relation.pattern,
        available,
        (index, variables, variable) => this.accepts(rows, start, index, variables, variable),
        this.shortest,
      );
      const complete = start + available < rows.length || !this.inside(first, now);
      if (hungry && !complete) break;
      if (match !== null) this.emit(rows.slice(start, start + match.length), match, places[start]!);
    }
    if (start === rows.length) this.waiting.delete(key);
    else if (start > 0) {
      this.waiting.set(key, { rows: rows.slice(start), places: places.slice(start) });
    }
  }

  private accepts(
    rows: readonly Row[],
    start: number,
    index: number,
    variables: readonly number[],
    variable: number,
  ): boolean {
    const condition = variable < 0 ? null : this.conditions[variable];
    if (condition === null || condition === undefined) return true;
    const row = rows[start + index]!;
    const match = {
      rows: rows.slice(start, start + index + 1),
      variables: [...variables, variable],
      length: index + 1,
    };
    return condition({ ...row, match }) === true;
  }

  private emit(rows: readonly Row[], variables: readonly number[], place: number): void {
    const last = rows[rows.length - 1]!;
    const time = this.stampFirst ? rows[0]!.time : last.time;
    const labels: Value[] = variables.map((variable) => this.relation.variables[variable]?.name ?? ".");
    // Classifier() reads the labels as the row's computed values.
    const row: Row = { ...last, time, computed: labels, match: { rows, variables, length: rows.length } };
    const record = new AsaRecord(
      this.names,
      this.measures.map((evaluate) => evaluate(row)),
    );
    const slot = { record, time, arrival: time, metadata: null };
    this.results.add(
      { time, slots: [slot], computed: noValues, partition: last.partition, window: null },
      place,
    );
  }

  progress(time: bigint): void {
    for (const key of [...this.waiting.keys()]) this.decide(key, time);
    let oldest = time >= endOfTime ? endOfTime : time;
    for (const { rows } of this.waiting.values()) if (rows[0]!.time < oldest) oldest = rows[0]!.time;
    this.results.progress(oldest);
  }

  save(writer: StateWriter): void {
    this.results.save(writer);
    writer.count(this.places);
    writer.list(this.waiting, this.waiting.size, ([key, { rows, places }]) => {
      writer.text(key);
      writer.list(rows, rows.length, (row) => writer.row(row));
      writer.list(places, places.length, (place) => writer.count(place));
    });
  }

  load(reader: StateReader): void {
    this.results.load(reader);
    this.places = reader.count();
    this.waiting.clear();
    const count = reader.count();
    for (let i = 0; i < count; i++) {
      const key = reader.text();
      const rows = reader.list(() => reader.row());
      this.waiting.set(key, { rows, places: reader.list(() => reader.count()) });
    }
  }
}
