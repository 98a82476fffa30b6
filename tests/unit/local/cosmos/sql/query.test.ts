import { type ObjectValue, prepareQuery, SqlError, type Value } from "../../../../../local/cosmos/sql";

const run = (text: string, items: ObjectValue[] = [{}], parameters: ObjectValue = {}): Value[] =>
  prepareQuery(text).run(items, parameters);
const value = (expression: string, item: ObjectValue = {}): Value =>
  run(`SELECT ${expression} AS v FROM c`, [item])[0];

describe("expressions", () => {
  it.each<[string, Value]>([
    // undefined operands
    ["c.no = 1", undefined],
    ["c.no != 1", undefined],
    ["NOT c.no", undefined],
    ["c.no + 1", undefined],
    ["false AND c.no", false],
    ["c.no AND false", false],
    ["true AND c.no", undefined],
    ["true OR c.no", true],
    ["c.no OR true", true],
    ["false OR c.no", undefined],
    ["c.no ?? 'else'", "else"],
    ["null ?? 'else'", null],
    ["c.no IN (1, 2)", undefined],
    ["1 IN (c.no, 1)", true],
    ["1 IN (c.no, 2)", undefined],
    ["c.no BETWEEN 1 AND 2", undefined],
    ["c.no LIKE 'a'", undefined],
    // types
    ["1 = '1'", false],
    ["'a' != null", true],
    ["1 < 'a'", undefined],
    ["null < null", false],
    ["[1] < [2]", undefined],
    ["[1, {a: 2}] = [1, {'a': 2}]", true],
    ["{a: 1, b: 2} = {b: 2, a: 1}", true],
    ["'a' < 'b'", true],
    ["false < true", true],
    ["1 AND 2", undefined],
    // arithmetic
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["7 % 4", 3],
    ["1 / 0", undefined],
    ["-2 - -3", 1],
    ["~5", -6],
    ["5 & 3 | 8", 9],
    ["1 << 4", 16],
    ["-8 >> 1", -4],
    ["-8 >>> 28", 15],
    ["0x1F", 31],
    ["1.5e2", 150],
    ["'a' || 'b' || 'c'", "abc"],
    ["'a' || 1", undefined],
    ["1 = 1 ? 'y' : 'n'", "y"],
    ["1 = 2 ? 'y' : 2 = 2 ? 'z' : 'n'", "z"],
    ["'it\\'s \\u0041'", "it's A"],
    ['"dq"', "dq"],
    ["[1, c.no, 2]", [1, 2]],
    ["{a: c.no, 'b c': 1}", { "b c": 1 }],
    ["{'__proto__': 1}.__proto__", 1],
    ["c.constructor", undefined],
    ["c['length']", undefined],
    ["NOT true = false", true],
    ["1 NOT IN (1)", false],
    ["5 NOT BETWEEN 1 AND 4", true],
  ])("%s", (expression, expected) => {
    expect(value(expression)).toEqual(expected === undefined ? {} : { v: expected });
  });

  it.each<[string, string, boolean]>([
    ["abc", "a%", true],
    ["abc", "%c", true],
    ["abc", "%b%", true],
    ["abc", "a_c", true],
    ["abc", "a_", false],
    ["abc", "[a-c]bc", true],
    ["abc", "[^a]bc", false],
    ["a%c", "a!%c", true],
    ["abc", "a!%c", false],
    ["", "%", true],
    ["", "_", false],
    ["a\nb", "a%b", true],
    ["aXbXc", "a%b%c", true],
  ])("%j LIKE %j", (text, pattern, expected) => {
    const [result] = run("SELECT VALUE @t LIKE @p ESCAPE '!' FROM c", [{}], { "@t": text, "@p": pattern });
    expect(result).toBe(expected);
  });

  it("matches a hostile LIKE pattern in time that grows with the text only", () => {
    const started = Date.now();
    const parameters = { "@t": "a".repeat(5_000), "@p": `${"%a".repeat(30)}%b` };
    expect(run("SELECT VALUE @t LIKE @p FROM c", [{}], parameters)).toEqual([false]);
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});

describe("functions", () => {
  it.each<[string, Value]>([
    ["CONCAT('a', 'b', 'c')", "abc"],
    ["CONTAINS('Abc', 'B')", false],
    ["CONTAINS('Abc', 'B', true)", true],
    ["STARTSWITH('abc', 'ab')", true],
    ["ENDSWITH('abc', 'BC', true)", true],
    ["INDEX_OF('abcabc', 'b', 2)", 4],
    ["LEFT('abc', 2)", "ab"],
    ["RIGHT('abc', 2)", "bc"],
    ["RIGHT('abc', 0)", ""],
    ["LENGTH('abc')", 3],
    ["LENGTH(1)", undefined],
    ["SUBSTRING('abcdef', 1, 3)", "bcd"],
    ["REPLACE('aXbX', 'X', '-')", "a-b-"],
    ["REPLICATE('ab', 3)", "ababab"],
    ["REPLICATE('ab', 1000000)", undefined],
    ["REVERSE('abc')", "cba"],
    ["TRIM('  a ')", "a"],
    ["LTRIM('xxa', 'x')", "a"],
    ["UPPER(LOWER('aB'))", "AB"],
    ["REGEXMATCH('abc', '^A', 'i')", true],
    ["REGEXMATCH('abc', '(')", undefined],
    ["StringToNumber('1.5')", 1.5],
    ["StringToNumber('x')", undefined],
    ["StringToObject('{\"a\":1}').a", 1],
    ["ToString({a: [1]})", '{"a":[1]}'],
    ["StringSplit('a,b', ',')", ["a", "b"]],
    ["StringJoin(['a', 'b'], '-')", "a-b"],
    ["ABS(-1.5)", 1.5],
    ["ROUND(2.5)", 3],
    ["ROUND(-2.5)", -3],
    ["ROUND(1.2345, 2)", 1.23],
    ["CEILING(1.2)", 2],
    ["LOG(-1)", undefined],
    ["SIGN(-3)", -1],
    ["INTDIV(7, 2)", 3],
    ["INTDIV(7, 0)", undefined],
    ["INTADD(9007199254740991, 1)", 9007199254740992],
    ["NUMBERBIN(37, 10)", 30],
    ["ARRAY_LENGTH([1, 2])", 2],
    ["ARRAY_CONTAINS([1, {a: 1, b: 2}], {a: 1}, true)", true],
    ["ARRAY_CONTAINS([1, {a: 1, b: 2}], {a: 1})", false],
    ["ARRAY_CONTAINS_ANY([1, 2], 5, 2)", true],
    ["ARRAY_CONTAINS_ALL([1, 2], 5, 2)", false],
    ["ARRAY_CONCAT([1], [2, 3])", [1, 2, 3]],
    ["ARRAY_SLICE([1, 2, 3, 4], 1, 2)", [2, 3]],
    ["ARRAY_SLICE([1, 2, 3, 4], -2)", [3, 4]],
    ["SetUnion([1, 2], [2, 3])", [1, 2, 3]],
    ["SetIntersect([1, 2, 2], [2, 3])", [2]],
    ["ObjectToArray({a: 1})", [{ k: "a", v: 1 }]],
    ["CHOOSE(2, 'a', 'b')", "b"],
    ["IIF(1 > 0, 'y', 'n')", "y"],
    ["IS_DEFINED(c.no)", false],
    ["IS_NULL(null)", true],
    ["IS_NUMBER('1')", false],
    ["IS_INTEGER(1.5)", false],
    ["IS_OBJECT([])", false],
    ["IS_PRIMITIVE(null)", true],
    ["IS_DATETIME('2026-02-30T00:00:00Z')", false],
    ["DateTimeToTimestamp('1970-01-01T00:00:01Z')", 1000],
    ["DateTimeToTicks('1970-01-01T00:00:00.0000001Z')", 1],
    ["TimestampToDateTime(-1)", "1969-12-31T23:59:59.9990000Z"],
    ["DateTimeAdd('yyyy', 1, '2024-02-29T00:00:00.0000000Z')", "2025-02-28T00:00:00.0000000Z"],
    ["DateTimeAdd('ms', 1.5, '2024-02-29T00:00:00Z')", undefined],
    ["DateTimeDiff('day', '2026-01-01T23:00:00Z', '2026-01-02T01:00:00Z')", 1],
    ["DateTimeDiff('mm', '2026-01-31T00:00:00Z', '2026-03-01T00:00:00Z')", 2],
    ["DateTimeBin('2026-11-21T10:07:31Z', 'mi', 5)", "2026-11-21T10:05:00.0000000Z"],
    ["DateTimeFromParts(2026, 11, 21)", "2026-11-21T00:00:00.0000000Z"],
    ["DateTimePart('dw', '2026-11-21T00:00:00Z')", 7],
  ])("%s", (expression, expected) => {
    expect(value(expression)).toEqual(expected === undefined ? {} : { v: expected });
  });
});

describe("aggregates", () => {
  it.each<[string, Value[], Value]>([
    ["COUNT(c.v)", [1, undefined, null, "a"], 3],
    ["SUM(c.v)", [1, undefined, 2], 3],
    ["SUM(c.v)", [1, "2"], undefined],
    ["SUM(c.v)", [], 0],
    ["AVG(c.v)", [1, undefined, 2], 1.5],
    ["AVG(c.v)", [], undefined],
    ["MIN(c.v)", [3, "a", 2], 2],
    ["MAX(c.v)", [3, "a", 2], "a"],
    ["MAX(c.v)", [], undefined],
    ["MIN(c.v)", [1, null], null],
    ["MAX(c.v)", [1, [2]], undefined],
  ])("%s of %j", (expression, values, expected) => {
    const items = values.map((v): ObjectValue => (v === undefined ? {} : { v }));
    expect(run(`SELECT ${expression} AS r FROM c`, items)).toEqual([
      expected === undefined ? {} : { r: expected },
    ]);
  });
});

describe("prepareQuery", () => {
  it("orders values of all types", () => {
    const items: ObjectValue[] = [
      { v: {} },
      { v: [] },
      { v: "a" },
      { v: 1 },
      { v: true },
      { v: false },
      { v: null },
      {},
    ];
    const sorted = [undefined, null, false, true, 1, "a", [], {}];
    expect((run("SELECT * FROM c ORDER BY c.v", items) as ObjectValue[]).map(({ v }) => v)).toEqual(sorted);
    const turned = run("SELECT * FROM c ORDER BY c.v DESC", items) as ObjectValue[];
    expect(turned.map(({ v }) => v)).toEqual([...sorted].reverse());
  });

  it("orders texts by code point", () => {
    const items = ["\u{1f600}", "\uffee", "z"].map((v) => ({ v }));
    expect(run("SELECT VALUE c.v FROM c ORDER BY c.v", items)).toEqual(["z", "\uffee", "\u{1f600}"]);
  });

  it("finds the conditions that an index can serve", () => {
    const { filters } = prepareQuery(
      "SELECT * FROM c WHERE c.pk = 'a' AND 5 < c.n AND c.t BETWEEN @a AND @b AND STARTSWITH(c.id, 'x') AND (c.u = 1 OR c.w = 2)",
    );
    expect(filters.map(({ path, operator }) => `${path.join(".")} ${operator}`)).toEqual([
      "pk =",
      "n >",
      "t >=",
      "t <=",
      "id startsWith",
    ]);
  });

  it("reads the root under any name, and sources below it", () => {
    const item = { a: { list: [{ n: 1 }, { n: 2 }] } };
    expect(run("SELECT VALUE x.n FROM x IN root.a.list WHERE x.n > 1", [item])).toEqual([2]);
    expect(run("SELECT VALUE s FROM (SELECT VALUE c.a.list[0].n FROM c) AS s", [item])).toEqual([1]);
    expect(
      run("SELECT VALUE y.n FROM c JOIN y IN c.a.list JOIN z IN c.a.list WHERE z.n = y.n", [item]),
    ).toEqual([1, 2]);
  });

  it.each([
    ["", "SC1001", 0],
    ["SELECT", "SC1001", 6],
    ["SELECT 1 FROM", "SC1001", 13],
    ["SELECT * FROM c WHERE c.a ==1", "SC1001", 27],
    ["SELECT * FROM c WHERE c.a = 'x", "SC1001", 28],
    ["SELECT * FROM c WHERE c.", "SC1001", 24],
    ["SELECT 1 1", "SC1001", 9],
    ["SELECT * FROM c JOIN d", "SC2001", 21],
    ["SELECT * FROM c WHERE COUNT(1) > 1", "SC2102", 22],
    ["SELECT VALUE udf.f(1)", "SC2004", 13],
    ["SELECT 1 AS a, 2 AS a", "SC2012", 0],
    ["SELECT * FROM c JOIN c IN c.x", "SC2003", 21],
    ["SELECT TOP @n * FROM c", "SC2062", 0],
  ])("refuses %j with %s at %i", (text, code, start) => {
    expect.assertions(2);
    try {
      run(text);
    } catch (error) {
      expect((error as SqlError).code).toBe(code);
      expect((error as SqlError).start).toBe(start);
    }
  });

  it("refuses nesting that would exhaust the stack, and texts that are too long", () => {
    for (const text of [
      `SELECT ${"(".repeat(100_000)}`,
      `SELECT ${"NOT ".repeat(100_000)}1`,
      `SELECT ${"-".repeat(100_000)}1`,
      `SELECT 1 /*${" ".repeat(600_000)}*/`,
    ]) {
      expect(() => prepareQuery(text)).toThrow(SqlError);
    }
  });
});
