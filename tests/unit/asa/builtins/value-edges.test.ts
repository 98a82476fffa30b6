import { valueOn } from "../../../support/asa-value";

describe("arithmetic", () => {
  it.each([
    ["-9223372036854775808", "-9223372036854775808"],
    ["9223372036854775807 + 1", "ASA_ARITHMETIC"],
    ["-(-9223372036854775807 - 1)", "ASA_ARITHMETIC"],
    ["(-9223372036854775807 - 1) / -1", "ASA_ARITHMETIC"],
    ["(-9223372036854775807 - 1) % -1", "0"],
    ["7 / -2", "-3"],
    ["7 % -3", "1"],
    ["-7.5 % 2", "-1.5"],
    ["7 % 2.5", "2.0"],
    ["7 % 0", "ASA_ARITHMETIC"],
    ["7.0 % 0", "null"],
    ["0.0 / 0", "null"],
    ["0.1 + 0.2", "0.30000000000000004"],
    ["0.0 * -1", "-0.0"],
    ["1e308 * 10", "null"],
    ["1e-400", "0.0"],
    ["1.", "1.0"],
    [".5", "0.5"],
    ["007", "7"],
    ["- - 5", "5"],
    ["2 + 3 * 4", "14"],
    ["10 - 3 - 2", "5"],
    ["2 * 7 / 4", "3"],
    ["7 / 4 * 2", "2"],
    ["9007199254740993 + 0", "9007199254740993"],
    ["6 & 3 | 8", "10"],
    ["~-1", "0"],
    ["9223372036854775807 | -9223372036854775808", "-1"],
    ["CAST('true' AS bit) ^ 1", "0"],
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression)).toBe(expected);
  });

  it.each([
    ["v + 1", "9223372036854775807", "ASA_ARITHMETIC"],
    ["v + 1", "5", "6"],
    ["v + 1", "5.0", "6.0"],
    ["v + 1", '"5"', "6.0"],
    ["v + 1", "true", "2"],
    ["v + '1'", '"5"', '"51"'],
    ["v + '1'", "5", "6.0"],
    ["v + 1", '"x"', "ASA_CONVERSION"],
    ["v + 1", "{}", "ASA_CONVERSION"],
    ["v - 1", '""', "ASA_CONVERSION"],
    ["v * v", '"5"', "25.0"],
    ["v + v", '"5"', '"55"'],
    ["-v", '"5"', "-5.0"],
    ["-v", "true", "-1"],
    ["v & 1", "1.5", "ASA_CONVERSION"],
    ["v & 1", '"3"', "1"],
    ["~v", "true", "false"],
    ["v", "-0.0", "-0.0"],
    ["v", "-0", "0"],
    ["v", "5e-324", "5E-324"],
  ])("%s over %s is %s", (expression, v, expected) => {
    expect(valueOn(expression, `{"v":${v}}`)).toBe(expected);
  });
});

describe("CAST and TRY_CAST", () => {
  it.each([
    ["CAST(-2.5 AS bigint)", "-2"],
    ["CAST(9.3e18 AS bigint)", "ASA_CONVERSION"],
    ["TRY_CAST(9.3e18 AS bigint)", "null"],
    ["CAST(CAST(9223372036854775807 AS float) AS bigint)", "ASA_CONVERSION"],
    ["CAST('  12 ' AS bigint)", "12"],
    ["CAST('+12' AS bigint)", "12"],
    ["TRY_CAST('- 12' AS bigint)", "null"],
    ["TRY_CAST('1e3' AS bigint)", "null"],
    ["TRY_CAST('\u0661' AS bigint)", "null"],
    ["CAST('1e3' AS float)", "1000.0"],
    ["CAST('.5' AS float)", "0.5"],
    ["TRY_CAST('1,5' AS float)", "null"],
    ["TRY_CAST('1e999' AS float)", "null"],
    ["TRY_CAST(' ' AS float)", "null"],
    ["CAST(' TRUE ' AS bit)", "true"],
    ["TRY_CAST('2' AS bit)", "null"],
    ["CAST(-0.0 AS bit)", "false"],
    ["CAST(0.1 AS bit)", "true"],
    ["TRY_CAST(CAST('2026-01-01' AS datetime) AS float)", "null"],
    ["CAST(1e21 AS nvarchar(max))", '"1E+21"'],
    ["CAST(NULL AS record)", "null"],
    ["TRY_CAST(v AS array)", "[1]"],
    ["TRY_CAST(v AS record)", "null"],
    ["CAST(v AS nvarchar(max))", "ASA_CONVERSION"],
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression, '{"v":[1]}')).toBe(expected);
  });
});

describe("CASE", () => {
  it.each([
    ["CASE WHEN 1 = 1 THEN 1 ELSE 2.5 END", "1.0"],
    ["CASE WHEN 1 = 1 THEN CAST(1 AS bit) ELSE 2 END", "1"],
    ["CASE 1 WHEN 1 THEN CAST(1 AS bit) WHEN 2 THEN 1.5 ELSE 1 END", "1.0"],
    [
      "CASE WHEN 1 = 1 THEN '2026-01-01' ELSE CAST('2026-01-02' AS datetime) END",
      '"2026-01-01T00:00:00.0000000Z"',
    ],
    ["CASE WHEN 1 = 1 THEN 'soon' ELSE CAST('2026-01-02' AS datetime) END", "ASA_CONVERSION"],
    ["GetType(CASE WHEN 1 = 0 THEN 1 ELSE NULL END)", "null"],
    ["CASE WHEN 1 = 1 THEN v ELSE 2.5 END", "1"],
    ["CASE WHEN 1 = 1 THEN 1 ELSE 'a' END", "1"],
    ["CASE missing WHEN NULL THEN 1 ELSE 2 END", "2"],
    ["CASE v WHEN '1' THEN 1 ELSE 2 END", "2"],
    ["CASE WHEN missing > 1 THEN 1 WHEN NOT (missing > 1) THEN 2 ELSE 3 END", "3"],
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression, '{"v":1}')).toBe(expected);
  });

  it("compares and aggregates by its own type", () => {
    expect(valueOn("CASE WHEN 1 = 1 THEN 7 ELSE 2.0 END / 2")).toBe("3.5");
  });
});

describe("arrays and records", () => {
  const body = '{"l":[[1,2],null],"r":{"A":1,"a.b":2,"":7,"n":null},"s":"[1]"}';
  it.each([
    ["GetArrayElement(l, -1)", "null"],
    ["GetArrayElement(l, 1.9)", "null"],
    ["GetArrayElement(GetArrayElement(l, 0), 1)", "2"],
    ["GetArrayElement(l, 9223372036854775807)", "null"],
    ["GetArrayElement(l, NULL)", "null"],
    ["GetArrayElement(missing, 0)", "null"],
    ["GetArrayElement(r, 0)", "ASA_ARGUMENT_VALUE"],
    ["GetArrayElement(s, 0)", "ASA_ARGUMENT_VALUE"],
    ["GetArrayLength(missing)", "null"],
    ["GetArrayLength(l)", "2"],
    ["GetRecordPropertyValue(r, 'a')", "1"],
    ["GetRecordPropertyValue(r, 'a.b')", "2"],
    ["GetRecordPropertyValue(r, '\"a.b\"')", "2"],
    ["GetRecordPropertyValue(r, '')", "7"],
    ["GetRecordPropertyValue(r, 'n')", "null"],
    ["GetRecordPropertyValue(r, NULL)", "null"],
    ["GetRecordPropertyValue(l, 'a')", "ASA_ARGUMENT_VALUE"],
    ["r.[a.b]", "2"],
    ["r.a.b.c", "null"],
    ['JSON_PARSE(\'{"a":{"b":[1,2]}}\').a.b', "[1,2]"],
    ["JSON_PARSE('')", "null"],
    ["JSON_PARSE('{\"a\":1} x')", "null"],
    ["ISDATE(l)", "0"],
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression, body)).toBe(expected);
  });
});

describe("rounding and powers", () => {
  it.each([
    ["ROUND(2.675, 2)", "2.68"],
    ["ROUND(1.005, 2)", "1.0"],
    ["ROUND(15, -1)", "20"],
    ["ROUND(9223372036854775807, -1)", "ASA_ARGUMENT_VALUE"],
    ["ROUND(0.49999999999999994, 0)", "0.0"],
    ["ROUND(1e300, 2)", "1E+300"],
    ["ROUND(123.456, 20)", "123.456"],
    ["CEILING(-0.5)", "-0.0"],
    ["ABS(v)", "1"],
    ["GetType(ABS(CAST(v AS bit)))", '"bigint"'],
    ["CASE WHEN 1 = 1 THEN ABS(CAST(v AS bit)) ELSE CAST(0 AS bit) END", "1"],
    ["POWER(2, 0.5)", "1"],
    ["POWER(0, -1)", "null"],
    ["POWER(-2, 63)", "-9223372036854775808"],
    ["POWER(2, 63)", "ASA_ARGUMENT_VALUE"],
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression, '{"v":true}')).toBe(expected);
  });
});
