import type { ProjectItem } from "../../plan/logical-plan";
import { AsaRecord, type Value } from "../../values/value";
import { type Output, Stateless } from "../operator";
import { type Evaluator, noValues, type Row } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";

type Source =
  | { readonly kind: "column"; readonly name: string; readonly value: Evaluator }
  | { readonly kind: "star"; readonly slot: number }
  | { readonly kind: "members"; readonly value: Evaluator };

/** Where each column of a result comes from, for one combination of incoming layouts. */
interface Layout {
  readonly names: readonly string[];
  /** Item (-1: NULL) and, for stars and members, index inside its record; -1 for columns. */
  readonly picks: readonly { readonly item: number; readonly index: number }[];
}

/** `seen` are names of earlier rows, which this row has as NULL when nothing else gives them. */
function expand(
  items: readonly Source[],
  records: readonly (AsaRecord | null)[],
  seen: readonly string[],
): Layout {
  const names: string[] = [];
  const picks: { item: number; index: number }[] = [];
  const taken = new Set<string>();
  const add = (name: string, item: number, index: number) => {
    const folded = name.toLowerCase();
    if (taken.has(folded)) return;
    taken.add(folded);
    names.push(name);
    picks.push({ item, index });
  };
  for (const [item, source] of items.entries()) {
    if (source.kind === "column") add(source.name, item, -1);
    else for (const [index, name] of (records[item]?.names ?? []).entries()) add(name, item, index);
  }
  for (const name of seen) add(name, -1, -1);
  return { names, picks };
}

/** Builds the record of a SELECT list; a name, ignoring case, that is already there is skipped. */
export class ProjectOperator extends Stateless {
  private readonly items: readonly Source[];
  private readonly fixedNames: readonly string[] | null;
  private lastNames: readonly (readonly string[] | undefined)[] = [];
  private lastLayout: Layout | null = null;
  /** Names of all rows so far where missing fields are NULL (OPEN-46); null where they stay absent. */
  private seen: string[] | null;

  constructor(
    items: readonly ProjectItem[],
    compile: (item: ProjectItem) => Evaluator,
    fillMissing: boolean,
    output: Output,
  ) {
    super(output);
    this.seen = fillMissing ? [] : null;
    this.items = items.map((item): Source => {
      if (item.kind === "star") return item;
      if (item.kind === "column") return { kind: "column", name: item.name, value: compile(item) };
      return { kind: "members", value: compile(item) };
    });
    const folded = items.map((item) => (item.kind === "column" ? item.name.toLowerCase() : null));
    const plain = !folded.includes(null) && new Set(folded).size === folded.length;
    this.fixedNames = plain ? items.map((item) => (item as { name: string }).name) : null;
  }

  override row(row: Row): void {
    const record = this.fixedNames === null ? this.expanded(row) : this.plain(row, this.fixedNames);
    this.output.row({
      time: row.time,
      slots: [{ record, time: row.time, arrival: row.time, metadata: row.slots[0]?.metadata ?? null }],
      computed: noValues,
      // The rows of a finished query are one stream again, until its reader partitions them anew.
      partition: "",
      window: null,
    });
  }

  private plain(row: Row, names: readonly string[]): AsaRecord {
    const { items } = this;
    const values = new Array<Value>(items.length);
    for (let i = 0; i < items.length; i++) values[i] = (items[i] as { value: Evaluator }).value(row);
    return new AsaRecord(names, values);
  }

  private expanded(row: Row): AsaRecord {
    const records = this.items.map((item): AsaRecord | null => {
      if (item.kind === "star") return row.slots[item.slot]?.record ?? null;
      if (item.kind === "column") return null;
      const value = item.value(row);
      return value instanceof AsaRecord ? value : null;
    });
    const layout = this.layout(records);
    const values = layout.picks.map(({ item, index }) => {
      if (item < 0) return null;
      if (index < 0) return (this.items[item] as { value: Evaluator }).value(row);
      return records[item]!.values[index] ?? null;
    });
    return new AsaRecord(layout.names, values);
  }

  /** Events of one shape share their names array, so the last layout nearly always fits again. */
  private layout(records: readonly (AsaRecord | null)[]): Layout {
    const same =
      this.lastLayout !== null && records.every((record, i) => record?.names === this.lastNames[i]);
    if (!same) {
      this.lastNames = records.map((record) => record?.names);
      this.lastLayout = expand(this.items, records, this.seen ?? []);
      if (this.seen !== null) this.seen = [...this.lastLayout.names];
    }
    return this.lastLayout!;
  }

  override save(writer?: StateWriter): void {
    if (this.seen !== null) writer?.list(this.seen, this.seen.length, (name) => writer.text(name));
  }

  override load(reader?: StateReader): void {
    if (this.seen === null || reader === undefined) return;
    this.seen = reader.list(() => reader.text());
    this.lastLayout = null;
  }
}
