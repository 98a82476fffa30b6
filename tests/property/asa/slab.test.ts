import fc from "fast-check";
import { type ColumnStore, tags } from "../../../asa/runtime/columnar/columns";
import { Slab } from "../../../asa/runtime/columnar/slab";
import { StateReader } from "../../../asa/runtime/state/reader";
import { StateWriter } from "../../../asa/runtime/state/writer";

interface Waiting {
  readonly time: number;
  readonly place: number;
  readonly value: string | number;
}

const second = 10_000_000;
const inOrder = (a: Waiting, b: Waiting): number => a.time - b.time || a.place - b.place;

/** Times that share buckets, lie on their borders, and lie farther apart than the calendar reaches. */
const time = fc.oneof(
  fc.integer({ min: -30, max: 30 }).map((tenths) => tenths * 100_000),
  fc.integer({ min: 0, max: 40 * second }),
  fc.integer({ min: -5000, max: 5000 }).map((seconds) => seconds * second),
  fc.constantFrom(8e15, -8e15),
);
const value = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom("x", "y"));
const step = fc.oneof(
  fc.record({
    kind: fc.constant("add" as const),
    rows: fc.array(fc.tuple(time, value), { minLength: 1, maxLength: 60 }),
  }),
  fc.record({ kind: fc.constant("release" as const), time }),
  fc.record({ kind: fc.constant("restore" as const) }),
);

function add(slab: Slab, rows: readonly Waiting[]): void {
  const store: ColumnStore = {
    numbers: Float64Array.from(rows, (row) => (typeof row.value === "number" ? row.value : 0)),
    kinds: Uint8Array.from(rows, (row) => (typeof row.value === "number" ? tags.float : tags.boxed)),
    boxes: rows.map((row) => row.value),
  };
  const numbers = Int32Array.from(rows, (_, index) => index);
  const masks = Int32Array.from(rows, (row) => (row.place % 3) + 1);
  const times = Float64Array.from(rows, (row) => row.time);
  const places = Float64Array.from(rows, (row) => row.place);
  slab.add(rows.length, numbers, masks, times, places, [store], (index) => ({
    body: new Uint8Array(),
    arrival: BigInt(rows[index]!.place),
  }));
}

describe("rows that wait for their time", () => {
  it("leave sorted, whatever came before them and however they are let out", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        let slab = new Slab(1, true);
        let waiting: Waiting[] = [];
        let place = 0;
        const read = (row: number): Waiting => {
          expect(slab.masks[row]).toBe((slab.place(row) % 3) + 1);
          expect(slab.origins!.arrivals[row]).toBe(BigInt(slab.place(row)));
          const cell = slab.value(row, 0, undefined as never) as string | number;
          return { time: slab.time(row), place: slab.place(row), value: cell };
        };
        for (const action of [...steps, { kind: "release" as const, time: Number.POSITIVE_INFINITY }]) {
          if (action.kind === "add") {
            const rows = action.rows.map(([moment, cell]) => ({ time: moment, place: place++, value: cell }));
            add(slab, rows);
            waiting.push(...rows);
          } else if (action.kind === "release") {
            const left: Waiting[] = [];
            slab.release(action.time, (order) => left.push(...[...order].map(read)));
            expect(left).toEqual(waiting.filter((row) => row.time < action.time).sort(inOrder));
            waiting = waiting.filter((row) => row.time >= action.time);
          } else {
            const writer = new StateWriter();
            slab.save(writer);
            slab = new Slab(1, true);
            slab.load(new StateReader(writer.result()));
          }
          expect(slab.size).toBe(waiting.length);
          expect([...slab.waiting()].map(read)).toEqual([...waiting].sort(inOrder));
        }
      }),
      { numRuns: 300 },
    );
  });
});
