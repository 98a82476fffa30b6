import fc from "fast-check";
import { compareRows, describeDifferences } from "../../../../asa/node/testing";
import { AsaRecord, DateTime, readJson, unixEpochTicks, type Value } from "../../../../asa/values";

const row = (json: string): AsaRecord => readJson(json) as AsaRecord;
const rows = (...texts: string[]): AsaRecord[] => texts.map(row);

describe("compareRows", () => {
  it.each<[string, string[], string[], number]>([
    ["equal rows in another order", ['{"a":1}', '{"a":2}'], ['{"a":2}', '{"a":1}'], 0],
    ["members in another order", ['{"a":1,"b":2}'], ['{"b":2,"a":1}'], 0],
    ["1 and 1.0", ['{"a":1}'], ['{"a":1.0}'], 0],
    ["floats within the tolerance", ['{"a":0.3}'], ['{"a":0.30000000000000004}'], 0],
    ["large floats within the tolerance", ['{"a":1e15}'], ['{"a":1000000000000000.5}'], 0],
    ["floats beyond the tolerance", ['{"a":0.3}'], ['{"a":0.3000001}'], 1],
    [
      "integers beyond 2^53 that a double cannot tell apart",
      ['{"a":9007199254740993}'],
      ['{"a":9007199254740992}'],
      1,
    ],
    ["number and text", ['{"a":1}'], ['{"a":"1"}'], 1],
    ["null and an absent column", ['{"a":null}'], ["{}"], 1],
    ["names in other letter case", ['{"a":1}'], ['{"A":1}'], 1],
    ["a row twice against once", ['{"a":1}', '{"a":1}'], ['{"a":1}'], 1],
    ["nested floats within the tolerance", ['{"a":[{"b":0.3}]}'], ['{"a":[{"b":0.30000000000000004}]}'], 0],
    ["arrays of another order", ['{"a":[1,2]}'], ['{"a":[2,1]}'], 1],
    ["true and 1", ['{"a":true}'], ['{"a":1}'], 1],
  ])("judges %s", (_title, expected, actual, count) => {
    expect(compareRows(rows(...expected), rows(...actual))).toHaveLength(count);
  });

  it("compares exactly with a tolerance of zero", () => {
    const pair = [rows('{"a":0.3}'), rows('{"a":0.30000000000000004}')] as const;
    expect(compareRows(...pair, { tolerance: 0 })).toHaveLength(1);
  });

  it("compares a datetime with its text", () => {
    const time = new AsaRecord(["t"], [new DateTime(unixEpochTicks)]);
    expect(compareRows(rows('{"t":"1970-01-01T00:00:00.0000000Z"}'), [time])).toEqual([]);
  });

  it("pairs a wrong row with the nearest one and names the column", () => {
    const differences = compareRows(
      rows('{"k":"a","n":1}', '{"k":"b","n":2}'),
      rows('{"k":"b","n":3}', '{"k":"a","n":1}'),
    );
    expect(describeDifferences(differences)).toEqual([
      '- {"k":"b","n":2}',
      '+ {"k":"b","n":3}',
      "  n: expected 2, got 3",
    ]);
  });

  it("shows at most twenty differences", () => {
    const many = Array.from({ length: 30 }, (_, index) => row(`{"a":${index}}`));
    expect(describeDifferences(compareRows(many, [])).at(-1)).toBe("... and 10 more");
  });

  const scalar: fc.Arbitrary<Value> = fc.oneof(
    fc.bigInt({ min: -3n, max: 3n }),
    fc.constantFrom(0.5, 1, 2.25),
    fc.constantFrom("a", "b"),
    fc.boolean(),
    fc.constant(null),
  );
  const record = fc.tuple(scalar, scalar).map((values) => new AsaRecord(["x", "y"], values));

  it("finds no difference in any shuffle, and exactly one after one row was taken out", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 12 }), fc.nat(), (list, seed) => {
        const shuffled = list
          .map((item, index) => ({ item, key: (index * 7919 + seed) % 13 }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item);
        expect(compareRows(list, shuffled)).toEqual([]);
        expect(compareRows(list, shuffled.slice(1))).toHaveLength(1);
        expect(compareRows(list.slice(1), list)).toHaveLength(1);
      }),
      { numRuns: 200 },
    );
  });
});
