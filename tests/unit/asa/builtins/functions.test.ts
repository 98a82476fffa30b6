import { runFile } from "../../../support/asa";

/** Value of an expression over one empty event, as JSON text. */
function value(expression: string, body = "{}", dialect: Record<string, string> = {}): string {
  const [row] = runFile(`SELECT ${expression} AS x FROM input`, [body], { compile: { dialect } });
  return row!.slice(5, -1);
}

describe("mathematical functions", () => {
  it.each([
    ["ROUND(0.5, 0)", "1.0"],
    ["ROUND(-0.5, 0)", "-1.0"],
    ["ROUND(1.5, 0)", "2.0"],
    ["ROUND(2.5, 0)", "3.0"],
    ["ROUND(123.9994, 3)", "123.999"],
    ["ROUND(123.9995, 3)", "124.0"],
    ["ROUND(123.4567, -2)", "100.0"],
    ["ROUND(748.58, -1)", "750.0"],
    ["ROUND(748.58, -4)", "0.0"],
    ["ROUND(748, -1)", "750"],
    ["ROUND(-745, -1)", "-750"],
    ["ABS(-3)", "3"],
    ["ABS(-3.5)", "3.5"],
    ["CEILING(1.2)", "2.0"],
    ["FLOOR(-1.2)", "-2.0"],
    ["CEILING(7)", "7"],
    ["SIGN(-2)", "-1"],
    ["SIGN(0.0)", "0.0"],
    ["POWER(2, 10)", "1024"],
    ["POWER(2, -1)", "0"],
    ["POWER(-1, 3)", "-1"],
    ["POWER(0, 0)", "1"],
    ["POWER(2.0, 0.5)", "1.4142135623730951"],
    ["SQUARE(3)", "9.0"],
    ["SQRT(-1)", "null"],
    ["EXP(1000)", "null"],
    ["5 / 2", "2"],
    ["-5 / 2", "-2"],
    ["5 / 2.0", "2.5"],
    ["-7 % 3", "-1"],
    ["1.0 / 0", "null"],
    ["ABS(CAST(NULL AS bigint))", "null"],
  ])("%s is %s", (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  it.each(["1 / 0", "9223372036854775807 + 1", "POWER(10, 19)", "ABS(-9223372036854775807 - 1)"])(
    "%s stops the job",
    (expression) => {
      expect(() => value(expression)).toThrow(
        expect.objectContaining({ name: "AsaError", location: expect.anything() }),
      );
    },
  );
});

describe("bitwise operators", () => {
  it.each([
    ["170 & 75", "10"],
    ["170 | 75", "235"],
    ["170 ^ 75", "225"],
    ["~170", "-171"],
    ["CAST(1 AS bit) & CAST(0 AS bit)", "false"],
    ["CAST(1 AS bit) | CAST(0 AS bit)", "true"],
    ["CAST(1 AS bit) ^ CAST(1 AS bit)", "false"],
    ["~CAST(1 AS bit)", "false"],
    ["CAST(1 AS bit) | 4", "5"],
    ["0 & missing", "null"],
  ])("%s is %s", (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });
});

describe("string functions", () => {
  it.each([
    ["REPLACE('abcde', 'bc', 'X')", '"aXde"'],
    ["REPLACE('abab', 'ab', '')", '""'],
    ["REPLACE('abc', '', 'x')", '"abc"'],
    ["REPLACE('abc', missing, 'x')", "null"],
    ["CONCAT('a', missing, 'b')", '"ab"'],
    ["CONCAT(missing, missing)", '""'],
    ["CONCAT('a', 1, 2.5)", '"a12.5"'],
    ["CONCAT_WS(',', 'a', missing, 98052)", '"a,98052"'],
    ["CONCAT_WS(',', missing, missing)", '""'],
    ["CHARINDEX('b', 'abcb')", "2"],
    ["CHARINDEX('b', 'abcb', 3)", "4"],
    ["CHARINDEX('b', 'abcb', -3)", "2"],
    ["CHARINDEX('x', 'abcb')", "0"],
    ["LEFT('abc', 5)", '"abc"'],
    ["RIGHT('abc', 2)", '"bc"'],
    ["LEN('ab  ')", "2"],
    ["UPPER('a\u00e4')", '"A\u00c4"'],
    ["TRIM('\u2003 a \u0085')", '"a"'],
    ["NCHAR(65)", '"A"'],
    ["NCHAR(1114112)", "null"],
    ["UNICODE('A')", "65"],
    ["PATINDEX('%b%', 'abc')", "2"],
    ["PATINDEX('b%', 'abc')", "0"],
    ["PATINDEX('%c', 'abc')", "3"],
    ["PATINDEX('%[0-9]%', 'ab7')", "3"],
    ["REGEXMATCH('Hello', 'L+')", "3"],
    ["REGEXMATCH('Hello', '(')", "0"],
    ["REGEXMATCH(missing, '(')", "null"],
    ["REPLICATE('ab', 3)", '"ababab"'],
    ["REPLICATE('ab', -1)", "null"],
    ["SPACE(-1)", "null"],
    ["REVERSE('abc')", '"cba"'],
    ["STUFF('abcdef', 2, 3, 'ijklmn')", '"aijklmnef"'],
    ["STUFF('abc', 0, 1, 'X')", '"Xbc"'],
    ["STUFF('abc', 4, 1, 'X')", '""'],
    ["STUFF('abc', 2, 0, 'X')", '"aXbc"'],
    ["SUBSTRING('abcdef', 2, 3)", '"bcd"'],
    ["SUBSTRING('abcdef', -1, 4)", '"ab"'],
    ["SUBSTRING('abc', 9, 1)", '""'],
    ["TRANSLATE('2*[3+4]/{7-2}', '[]{}', '()()')", '"2*(3+4)/(7-2)"'],
    ["'a' + SPACE(2) + 'b'", '"a  b"'],
    ["'a' + missing", "null"],
  ])("%s is %s", (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  it.each([
    "LEFT('abc', -1)",
    "SUBSTRING('abc', 1, -1)",
    "STUFF('abc', 1, -1, '')",
    "TRANSLATE('abc', 'ab', 'x')",
  ])("%s stops the job", (expression) => {
    expect(() => value(expression)).toThrow(/At line '1' and column '8'/);
  });
});

describe("conversion functions", () => {
  it.each([
    ["COALESCE(missing, 0, 'a')", "0"],
    ["COALESCE(missing, missing)", "null"],
    ["NULLIF(4, 4.0)", "null"],
    ["NULLIF(4, 5)", "4"],
    ["GetType(a)", '"bigint"'],
    ["GetType(f)", '"float"'],
    ["GetType(s)", '"nvarchar(max)"'],
    ["GetType(b)", '"bit"'],
    ["GetType(r)", '"record"'],
    ["GetType(l)", '"array"'],
    ["GetType(System.Timestamp())", '"datetime"'],
    ["GetType(missing)", "null"],
    ["CAST(f AS bigint)", "309"],
    ["CAST(f AS nvarchar(max))", '"309"'],
    ["CAST(1e16 AS nvarchar(max))", '"1E+16"'],
    ["CAST('2020-01-01 10:00:00' AS datetime)", '"2020-01-01T10:00:00.0000000Z"'],
    ["CAST('2020-01-01T10:00:00.12345678+02:00' AS datetime)", '"2020-01-01T08:00:00.1234567Z"'],
    ["CAST(b AS bigint)", "1"],
    ["CAST('True' AS bit)", "true"],
    ["TRY_CAST('NaN' AS float)", "null"],
    ["TRY_CAST('12.5' AS bigint)", "null"],
    ["TRY_CAST('' AS float)", "null"],
    ["TRY_CAST(r AS array)", "null"],
    ["TRY_CAST(1 AS datetime)", "null"],
    ["JSON_PARSE('{\"q\":1}').q", "1"],
    ["JSON_PARSE('[1]')", "null"],
    ["JSON_PARSE('{')", "null"],
    ["GetArrayElement(l, 1)", "2"],
    ["GetArrayElement(l, 9)", "null"],
    ["GetArrayLength(l)", "2"],
    ["GetRecordPropertyValue(r, 'X')", "7"],
    ["GetRecordPropertyValue(r, 'none')", "null"],
    ["r.x", "7"],
    ["s.x", "null"],
  ])("%s is %s", (expression, expected) => {
    expect(value(expression, '{"a":1,"f":309.0,"s":"t","b":true,"r":{"x":7},"l":[1,2]}')).toBe(expected);
  });

  it("names value, types and place when a CAST fails", () => {
    expect(() => value("CAST(v AS bigint)", '{"v":"12.5"}')).toThrow(
      "Cannot cast value of type 'nvarchar(max)' to type 'bigint' in expression 'v'. At line '1' and column '13'.",
    );
  });

  it("names function and types when an argument does not convert", () => {
    expect(() => value("ROUND(v, 1)", '{"v":"x"}')).toThrow(
      "The 1st argument of function round has invalid type 'nvarchar(max)'. Only 'bigint', 'float' is allowed.",
    );
    expect(value("ROUND(v, 1)", '{"v":"1.26"}')).toBe("1.3");
  });
});

describe("date and time functions", () => {
  it.each([
    ["DATEDIFF(minute, '2015-01-01T06:51:39Z', '2015-01-01T06:53:09Z')", "2"],
    ["DATEDIFF(year, '2015-12-31T23:59:59Z', '2016-01-01T00:00:00Z')", "1"],
    ["DATEDIFF(quarter, '2015-03-31', '2015-04-01')", "1"],
    ["DATEDIFF(week, '2026-01-03', '2026-01-04')", "1"],
    ["DATEDIFF(hour, '2026-01-01T01:00:00Z', '2026-01-01T00:59:00Z')", "-1"],
    ["DATEADD(month, 1, '2024-01-31')", '"2024-02-29T00:00:00.0000000Z"'],
    ["DATEADD(year, 1, '2024-02-29')", '"2025-02-28T00:00:00.0000000Z"'],
    ["DATEADD(microsecond, 1, '2024-01-31')", '"2024-01-31T00:00:00.0000010Z"'],
    ["DATEADD(day, -1, '2024-03-01')", '"2024-02-29T00:00:00.0000000Z"'],
    ["DATEPART(weekday, '2026-01-04')", "1"],
    ["DATEPART(week, '2026-01-01')", "1"],
    ["DATEPART(week, '2026-01-04')", "2"],
    ["DATEPART(dayofyear, '2024-12-31')", "366"],
    ["DATEPART(ms, '2024-12-31T01:02:03.4567891Z')", "456"],
    ["DATEPART(mcs, '2024-12-31T01:02:03.4567891Z')", "456789"],
    ["DATENAME(month, '2024-12-31')", '"December"'],
    ["DATENAME(weekday, '2026-01-04')", '"Sunday"'],
    ["DATENAME(hour, '2024-12-31T05:00:00Z')", '"5"'],
    ["YEAR('2024-12-31')", "2024"],
    ["DATETIMEFROMPARTS(2024, 2, 29, 1, 2, 3, 4)", '"2024-02-29T01:02:03.0040000Z"'],
    ["DATEADD(day, 1, missing)", "null"],
  ])("%s is %s", (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  it("rejects a part that is out of range", () => {
    expect(() => value("DATETIMEFROMPARTS(2023, 2, 29, 1, 2, 3, 4)")).toThrow(/out of range/);
  });
});

describe("geospatial functions", () => {
  const square = "'POLYGON((0 0, 10 0, 10 10, 0 10, 0 0))'";
  it.each([
    [`ST_WITHIN(CreatePoint(5, 5), ${square})`, "1"],
    [`ST_WITHIN(CreatePoint(5, 15), ${square})`, "0"],
    [`ST_WITHIN(CreatePoint(5, 10), ${square})`, "0"],
    [
      "ST_WITHIN('POINT(5 5)', CreatePolygon(CreatePoint(0,0), CreatePoint(0,10), CreatePoint(10,10), CreatePoint(0,0)))",
      "0",
    ],
    [
      "ST_WITHIN('POINT(6 5)', CreatePolygon(CreatePoint(0,0), CreatePoint(0,10), CreatePoint(10,10), CreatePoint(0,0)))",
      "1",
    ],
    [`ST_OVERLAPS(${square}, 'POLYGON((5 5, 15 5, 15 15, 5 15, 5 5))')`, "1"],
    [`ST_OVERLAPS(${square}, 'POLYGON((1 1, 2 1, 2 2, 1 2, 1 1))')`, "0"],
    ["ST_INTERSECTS('LINESTRING(0 0, 10 10)', 'LINESTRING(0 10, 10 0)')", "1"],
    ["ST_INTERSECTS('LINESTRING(0 0, 1 1)', 'LINESTRING(2 2, 3 3)')", "0"],
    ["CreatePoint(1.5, 2.5)", '{"type":"Point","coordinates":[2.5,1.5]}'],
    ["ST_DISTANCE(CreatePoint(1, 1), missing)", "null"],
  ])("%s is %s", (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  it("measures geodesic distances on WGS 84", () => {
    const near = (expression: string, metres: number) =>
      expect(Math.abs(Number(value(expression)) / metres - 1)).toBeLessThan(1e-8);
    near("ST_DISTANCE(CreatePoint(-5.0, -5.0), CreatePoint(0.0, 0.0))", 784028.74077501823);
    // Half a meridian, and points nearly opposite each other (GeographicLib).
    near("ST_DISTANCE(CreatePoint(90.0, 0.0), CreatePoint(-90.0, 0.0))", 20003931.4586233);
    near("ST_DISTANCE(CreatePoint(0.0, 0.0), CreatePoint(0.5, 179.5))", 19936288.578965);
  });
});

describe("aggregates", () => {
  const run = (expression: string, values: readonly string[], dialect = {}): string => {
    const rows = runFile(
      `SELECT ${expression} AS x FROM input GROUP BY TumblingWindow(hour, 1)`,
      values.map((v) => `{"v":${v}}`),
      { compile: { dialect } },
    );
    return rows[0]!.slice(5, -1);
  };

  it.each([
    ["COUNT(v)", "2"],
    ["COUNT(*)", "3"],
    ["COUNT(DISTINCT v)", "1"],
    ["SUM(v)", "2.0"],
    ["AVG(v)", "1.0"],
    ["MIN(v)", "1.0"],
    ["STDEV(v)", "0.0"],
    ["VARP(v)", "0.0"],
    ["Collect(v)", "[1,1.0,null]"],
  ])("%s over 1, 1.0 and NULL is %s", (expression, expected) => {
    expect(run(expression, ["1", "1.0", "null"])).toBe(expected);
  });

  it.each([
    ["SUM(v)", "null"],
    ["AVG(v)", "null"],
    ["MAX(v)", "null"],
    ["STDEVP(v)", "null"],
    ["COUNT(v)", "0"],
  ])("%s over NULL alone is %s", (expression, expected) => {
    expect(run(expression, ["null"])).toBe(expected);
  });

  it("STDEV of one value is NULL, STDEVP of one is 0", () => {
    expect(run("STDEV(v)", ["5"])).toBe("null");
    expect(run("STDEVP(v)", ["5"])).toBe("0.0");
    expect(run("STDEV(v)", ["2", "4", "4", "4", "5", "5", "7", "9"])).toBe(String(Math.sqrt(32 / 7)));
  });

  it("percentiles give the documented examples", () => {
    const values = ["0.78", "0.89", "0.93", "0.98", "0.99"];
    expect(run("PERCENTILE_CONT(0.95) OVER (ORDER BY v)", values)).toBe("0.988");
    expect(run("PERCENTILE_DISC(0.99) OVER (ORDER BY v)", values)).toBe("0.99");
    expect(run("PERCENTILE_DISC(0.5) OVER (ORDER BY v DESC)", ["1", "2", "3", "4"])).toBe("3");
  });

  it("CollectTop ranks from 1, keeps arrival order of ties and puts NULL lowest", () => {
    expect(run("CollectTop(2, v) OVER (ORDER BY v DESC)", ["1", "null", "3", "2"])).toBe(
      '[{"rank":1,"value":3},{"rank":2,"value":2}]',
    );
    expect(run("TopOne(v) OVER (ORDER BY v)", ["1", "null", "3"])).toBe("null");
  });

  it("MIN and MAX of untyped text that is no number stop the job", () => {
    expect(() => run("MAX(v)", ['"x"'])).toThrow(/has invalid type 'nvarchar\(max\)'/);
    expect(run("MAX(v)", ['"12"', "3"])).toBe("12.0");
    expect(run("MAX(CAST(v AS nvarchar(max)))", ['"b"', '"a"'])).toBe('"b"');
  });

  it("values that have no order stop the job with the place of the aggregate", () => {
    expect(() => run("TopOne(v) OVER (ORDER BY v)", ["1", '"x"'])).toThrow(
      expect.objectContaining({ name: "AsaError", location: expect.objectContaining({ line: 1 }) }),
    );
  });

  it("SUM beyond 64 bits stops the job", () => {
    expect(() => run("SUM(v)", ["9223372036854775807", "1"])).toThrow(/does not fit into 64 bits/);
  });
});
