import fc from "fast-check";
import { AsaRecord, DateTime, readJson, type Value, writeJsonObject } from "../../../asa";
import { type ColumnStore, pageRows, storeValue } from "../../../asa/runtime/columnar/columns";
import type { Interner } from "../../../asa/runtime/columnar/interner";
import { makeLineWriter } from "../../../asa/runtime/columnar/json-lines";
import { listLayout, recordLayout } from "../../../asa/runtime/columnar/layout";
import { Page } from "../../../asa/runtime/columnar/page";
import { makeInterner, type ScannerLevel } from "../../../asa/runtime/columnar/scan";
import { ValueCells } from "../../../asa/runtime/columnar/value-cells";

const runs = Number(process.env["RUNS"] ?? 400);
const decoder = new TextDecoder();

type Kept = "text" | "value";

/** Puts a value into a cell: as a column of an event has it, or as an expression leaves it. */
function store(target: ColumnStore, row: number, value: Value, as: Kept, interner: Interner): void {
  if (as === "text") {
    storeValue(target, row, value, { name: "", as }, interner);
    return;
  }
  const cells = new ValueCells();
  target.kinds[row] = cells.take(value);
  target.numbers[row] = cells.number;
  target.boxes[row] = cells.boxed;
}

/** The lines that a writer makes of rows given as cells of a page. */
function written(
  level: ScannerLevel,
  rows: readonly (readonly Value[])[],
  names: readonly string[],
  as: Kept,
) {
  const interner = makeInterner(level);
  const parts: string[] = [];
  let count = 0;
  const writer = makeLineWriter(interner, (bytes, lines) => {
    parts.push(decoder.decode(bytes));
    count += lines;
  });
  const page = new Page(recordLayout(names));
  const target = writer.target(page);
  for (const row of rows) {
    for (const [column, value] of row.entries())
      store(page.columns[column]!, page.count, value, as, interner);
    if (++page.count < pageRows) continue;
    target.rows(page.count);
    page.count = 0;
  }
  target.rows(page.count);
  writer.flush();
  for (const part of parts) expect(part.endsWith("\n")).toBe(true);
  const lines = parts.join("").split("\n").slice(0, -1);
  expect(lines).toHaveLength(count);
  return lines;
}

const float = fc.oneof(
  fc.double({ noNaN: true }),
  fc.double({ min: -1000, max: 1000, noNaN: true }),
  fc.double({ min: 1, max: 2_147_483_648, noNaN: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc
    .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: -330, max: 308 }))
    .map(([n, e]) => Number(`${n}e${e}`)),
  // Decimals, and what sums and differences of them leave.
  fc.tuple(fc.integer({ min: -100_000_000, max: 100_000_000 }), fc.nat(9)).map(([n, k]) => n / 10 ** k),
  fc
    .tuple(fc.integer({ min: -10_000, max: 10_000 }), fc.integer({ min: -10_000, max: 10_000 }))
    .map(([a, b]) => a / 100 - b / 100),
  fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 1000 })).map(([a, b]) => a / b),
  fc
    .tuple(fc.integer({ min: 1, max: 2 ** 31 }), fc.nat(52), fc.integer({ min: -3, max: 3 }))
    .map(([a, shift, ulps]) => a * 2 ** -shift * (1 + ulps * 2 ** -52)),
  fc.constantFrom(
    0,
    -0,
    1e15,
    1e21,
    1.5e-7,
    5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    9_007_199_254_740_992,
    123_456_789.123,
    1e-4,
    9.999999e-5,
    999_999_999_999_999,
    1e16,
    0.1 + 0.2,
    2 ** 31,
    Number.NaN,
    1 / 0,
  ),
);

const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 6, arbitrary: float },
  { weight: 3, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { weight: 3, arbitrary: fc.integer().map(BigInt) },
  { weight: 3, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 1, arbitrary: fc.string({ minLength: 500, maxLength: 1500 }) },
  { weight: 1, arbitrary: fc.constantFrom(null, true, false, "\ud800", 'a"\\\n') },
  {
    weight: 2,
    arbitrary: fc.bigInt({ min: 0n, max: 3_155_378_975_999_999_999n }).map((t) => new DateTime(t)),
  },
  {
    weight: 2,
    // 1994 to 2045, which a cell holds as ticks.
    arbitrary: fc
      .bigInt({ min: 629_000_000_000_000_000n, max: 645_000_000_000_000_000n })
      .map((t) => new DateTime(t)),
  },
  { weight: 1, arbitrary: fc.constant(new AsaRecord(["x", "y"], [1n, [0.5, "z"]])) },
);

const names = ["n", 'a "quoted" name', "\u00e4\u2028", "x".repeat(70)];

const row = fc.tuple(value, value, value, value);

describe.each(["layout", "script"] as const)("lines of cells, scanner level %s", (level) => {
  it.each(["text", "value"] as const)("hold what writeJson writes (text as %s)", (as) => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        expect(written(level, rows, names, as)).toEqual(rows.map((values) => writeJsonObject(names, values)));
      }),
      { numRuns: runs },
    );
  });

  it("write floats so that they read back the same", () => {
    fc.assert(
      fc.property(fc.array(float, { maxLength: 60 }), (values) => {
        const finite = values.filter(Number.isFinite);
        const lines = written(
          level,
          finite.map((number) => [number]),
          ["v"],
          "value",
        );
        expect(lines.map((text) => (readJson(text) as AsaRecord).values[0])).toEqual(finite);
      }),
      { numRuns: runs },
    );
  });

  it("are handed over whole, however long they and their values are", () => {
    const lengths = [0, 1, 15, 16, 17, 600, 20_000, 70_000, 131_050, 131_072, 400_000, 3];
    const rows = Array.from({ length: 1500 }, (_, i): Value[] => [
      BigInt(i),
      i % 3 === 0 ? `${"\u0001é".repeat(lengths[i % 12]! / 4)}` : 0.1 * i,
      i % 100 === 0 ? "y".repeat(lengths[(i / 100) % 12]!) : null,
      i % 7 === 0 ? new AsaRecord(["deep"], ["z".repeat(i)]) : true,
    ]);
    for (const as of ["text", "value"] as const)
      expect(written(level, rows, names, as)).toEqual(rows.map((values) => writeJsonObject(names, values)));
  });

  it("hold records whose members are columns", () => {
    const interner = makeInterner(level);
    let text = "";
    const writer = makeLineWriter(interner, (bytes) => {
      text += decoder.decode(bytes);
    });
    const page = new Page(listLayout(["a", "r"], [undefined, { names: ["x"], columns: [7] }]));
    const target = writer.target(page);
    const cells: readonly (readonly Value[])[] = [
      ["k", true, 0.5],
      [null, null, null],
    ];
    for (const [at, row] of cells.entries())
      for (const [column, cell] of row.entries()) store(page.columns[column]!, at, cell, "text", interner);
    target.rows(2);
    writer.flush();
    expect(text).toBe('{"a":"k","r":{"x":0.5}}\n{"a":null,"r":null}\n');
  });

  it("hold records and rows of pages in the order in which they came", () => {
    const interner = makeInterner(level);
    let text = "";
    const writer = makeLineWriter(interner, (bytes) => {
      text += decoder.decode(bytes);
    });
    const [first, second] = [new Page(recordLayout(["a"])), new Page(recordLayout([]))];
    const targets = [writer.target(first), writer.target(second)];
    storeValue(first.columns[0]!, 0, "k", { name: "a", as: "text" }, interner);
    targets[0]!.rows(1);
    writer.record(["b"], ["r"]);
    targets[1]!.rows(2);
    targets[0]!.rows(1);
    writer.flush();
    writer.flush();
    expect(text).toBe('{"a":"k"}\n{"b":"r"}\n{}\n{}\n{"a":"k"}\n');
  });
});
