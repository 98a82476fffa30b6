import { runFile } from "../../../support/asa";

/** Whether WHERE lets a row pass. */
const passes = (condition: string, body: string, dialect: Record<string, string> = {}): boolean =>
  runFile(`SELECT 1 AS one FROM input WHERE ${condition}`, [body], { compile: { dialect } }).length === 1;

describe("conditions", () => {
  it.each([
    ["x = 4", '{"x":4.0}', true],
    ["x = 4.0", '{"x":4}', true],
    ["x = '4'", '{"x":4}', false],
    ["x <> '4'", '{"x":4}', true],
    ["x = 1", '{"x":true}', true],
    ["x = 9223372036854775807", '{"x":9223372036854775806}', false],
    ["x = CAST('2026-01-01T00:00:00Z' AS datetime)", '{"x":"2026-01-01T01:00:00+01:00"}', true],
    ["x = 'a'", '{"x":"A"}', false],
    ["x = x", '{"x":null}', false],
    ["x != 1", "{}", false],
    ["NOT (x = 1)", "{}", false],
    ["x IS NULL", "{}", true],
    ["x IS NOT NULL", '{"x":0}', true],
    ["x LIKE 'a%'", '{"x":"abc"}', true],
    ["x LIKE 'a_c'", '{"x":"abc"}', true],
    ["x LIKE '[a-c]bc'", '{"x":"abc"}', true],
    ["x LIKE '[^a-c]bc'", '{"x":"abc"}', false],
    ["x LIKE 'a.c'", '{"x":"abc"}', false],
    ["x LIKE '%b%'", '{"x":"a\\nb\\n"}', true],
    ["x NOT LIKE 'a%'", "{}", false],
    ["x BETWEEN 1 AND 3", '{"x":3}', true],
    ["x NOT BETWEEN 1 AND 3", '{"x":3}', false],
    ["x IN (1, 2)", '{"x":2.0}', true],
    ["x NOT IN (1, y)", '{"x":2}', false],
    ["x NOT IN (1, 3)", '{"x":2}', true],
    ["x = 1 OR y = 1", '{"x":1}', true],
    ["x = 1 AND y = 1", '{"x":1}', false],
    ["NOT (x = 2 AND y = 1)", '{"x":1}', true],
    ["x !> 3", '{"x":3}', true],
    ["x !< 3", '{"x":2}', false],
  ])("%s over %s is %s", (condition, body, expected) => {
    expect(passes(condition, body)).toBe(expected);
  });

  it("NOT of a comparison with NULL is true in two-valued logic", () => {
    expect(passes("NOT (x = 1)", "{}", { nullLogic: "two-valued" })).toBe(true);
  });

  it("text compares without case when the dialect says so", () => {
    expect(
      passes("x = 'a' AND x LIKE 'A%' AND x IN ('a')", '{"x":"A"}', { textComparison: "ignore-case" }),
    ).toBe(true);
  });

  it("an order between text and number stops the job, or is false by the dialect", () => {
    expect(() => passes("x > 9", '{"x":"10"}')).toThrow(
      /Cannot compare values of type 'nvarchar\(max\)' and type 'bigint'/,
    );
    expect(passes("x > 9", '{"x":"10"}', { textNumberOrder: "false" })).toBe(false);
  });

  it("the exact case of a field wins over the first of any case", () => {
    expect(runFile("SELECT A AS x FROM input", ['{"a":1,"A":2}'])).toEqual(['{"x":2}']);
    expect(
      runFile("SELECT A AS x FROM input", ['{"a":1,"A":2}'], {
        compile: { dialect: { fieldCase: "first" } },
      }),
    ).toEqual(['{"x":1}']);
  });

  it("CASE takes the first branch that is true and keeps each branch's type", () => {
    const query =
      "SELECT CASE x WHEN 1 THEN 'one' WHEN 2 THEN 2.5 ELSE NULL END AS a, CASE WHEN x > 1 THEN 'big' ELSE 'small' END AS b FROM input";
    expect(runFile(query, ['{"x":1}', '{"x":2}', "{}"])).toEqual([
      '{"a":"one","b":"small"}',
      '{"a":2.5,"b":"big"}',
      '{"a":null,"b":"small"}',
    ]);
  });
});
