import { runFile } from "../../../support/asa";

/** Value of an expression over one empty event, as JSON text. */
function value(expression: string): string {
  const [row] = runFile(`SELECT ${expression} AS x FROM input`, ["{}"]);
  return row!.slice(5, -1);
}

describe("functions that only the editor's table of the service lists", () => {
  it.each([
    ["LOG(EXP(2))", 2],
    ["LOG(8, 2)", 3],
    ["LOG10(1000)", 3],
    ["SIN(PI() / 2)", 1],
    ["COS(PI())", -1],
    ["TAN(PI() / 4)", 1],
    ["COT(PI() / 4)", 1],
    ["ASIN(1)", Math.PI / 2],
    ["ACOS(1)", 0],
    ["ATAN(1)", Math.PI / 4],
    ["ATN2(1, -1)", (3 * Math.PI) / 4],
    ["DEGREES(PI())", 180],
    ["RADIANS(180)", Math.PI],
  ])("%s is about %d", (expression, expected) => {
    expect(Number(value(expression))).toBeCloseTo(expected, 12);
  });

  it.each([
    ["LOG(0)", "null"],
    ["ASIN(2)", "null"],
    ["DATEDIFF_BIG(microsecond, '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')", "86400000000"],
    ["EOMONTH('2028-02-10')", '"2028-02-29T00:00:00.0000000Z"'],
    ["EOMONTH('2026-01-31T12:00:00Z', 1)", '"2026-02-28T00:00:00.0000000Z"'],
    ["ISDATE('2026-02-29')", "0"],
    ["ISDATE('2026-02-28 10:00:00')", "1"],
    ["ISDATE(5)", "0"],
    ["DAY('2026-03-04')", "4"],
    ["MONTH('2026-03-04')", "3"],
    ["CONCAT('<', LTRIM('  a '), '>')", '"<a >"'],
    ["CONCAT('<', RTRIM('  a '), '>')", '"<  a>"'],
    [
      "CreateLineString(CreatePoint(1, 2), CreatePoint(3, 4))",
      '{"type":"LineString","coordinates":[[2.0,1.0],[4.0,3.0]]}',
    ],
  ])("%s is %s", (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  it("COUNT_BIG counts as COUNT does, STRING_AGG joins in order and skips NULL", () => {
    expect(
      runFile(
        "SELECT COUNT_BIG(*) AS n, COUNT_BIG(v) AS v, COUNT_BIG(DISTINCT v) AS d, STRING_AGG(v, '-') AS s FROM input GROUP BY TumblingWindow(minute, 1)",
        ['{"v":"a"}', '{"v":null}', '{"v":"a"}', '{"v":"b"}'],
      ),
    ).toEqual(['{"n":4,"v":3,"d":2,"s":"a-a-b"}']);
  });

  it("GetElements is the old name of GetArrayElements", () => {
    expect(
      runFile("SELECT e.ArrayValue AS v FROM input CROSS APPLY GetElements(xs) AS e", ['{"xs":[7]}']),
    ).toEqual(['{"v":7}']);
  });
});
