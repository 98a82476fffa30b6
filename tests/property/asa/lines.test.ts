import fc from "fast-check";
import { AsaRecord, DateTime, readJson, type Value, writeJson } from "../../../asa";
import { makeStore, storeValue } from "../../../asa/runtime/columnar/columns";
import { LineWriter } from "../../../asa/runtime/columnar/lines";
import { makeInterner } from "../../../asa/runtime/columnar/scan";
import { ValueCells } from "../../../asa/runtime/columnar/value-cells";

const runs = Number(process.env["RUNS"] ?? 400);
const decoder = new TextDecoder();

/** The text that the byte writer makes of values as cells, each on a line of its own. */
function written(values: readonly Value[], as: "text" | "value"): string[] {
  const interner = makeInterner();
  let text = "";
  const lines = new LineWriter(interner, (bytes) => {
    text += decoder.decode(bytes);
  });
  for (const value of values) {
    const store = makeStore(1);
    if (as === "text") {
      storeValue(store, 0, value, { name: "", as }, interner);
      lines.cell(store.kinds[0]!, store.numbers[0]!, store.boxes[0] ?? null);
    } else {
      const cells = new ValueCells();
      const kind = cells.take(value);
      lines.cell(kind, cells.number, cells.boxed);
    }
    lines.reserve(1);
    lines.bytes[lines.at++] = 10;
    lines.rows++;
  }
  lines.flush();
  return text.split("\n").slice(0, -1);
}

const float = fc.oneof(
  fc.double({ noNaN: true }),
  fc.double({ min: -1000, max: 1000, noNaN: true }),
  fc.double({ min: 1, max: 2_147_483_648, noNaN: true }),
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

describe("lines of cells", () => {
  it.each(["text", "value"] as const)("hold what writeJson writes (text as %s)", (as) => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), (values) => {
        expect(written(values, as)).toEqual(values.map(writeJson));
      }),
      { numRuns: runs },
    );
  });

  it("write floats so that they read back the same", () => {
    fc.assert(
      fc.property(fc.array(float, { maxLength: 60 }), (values) => {
        const finite = values.filter(Number.isFinite);
        expect(written(finite, "value").map((text) => readJson(text))).toEqual(finite);
      }),
      { numRuns: runs },
    );
  });
});
