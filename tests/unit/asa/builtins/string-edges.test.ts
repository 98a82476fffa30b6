import { valueOn } from "../../../support/asa-value";

describe("positions and lengths of texts", () => {
  it.each([
    ["CHARINDEX('', 'abc')", "0"],
    ["CHARINDEX('a', '')", "0"],
    ["CHARINDEX('a', 'aaa', 3)", "3"],
    ["CHARINDEX('a', 'aaa', 4)", "0"],
    ["CHARINDEX('A', 'aaa')", "0"],
    ["CHARINDEX('a', 'aaa', NULL)", "null"],
    ["LEN('')", "0"],
    ["LEN('   ')", "0"],
    ["LEN(' a')", "2"],
    ["LEN('a\t')", "2"],
    ["LEN('\u{1f600}')", "2"],
    ["LEFT('abc', 0)", '""'],
    ["RIGHT('abc', 0)", '""'],
    ["RIGHT('abc', 9)", '"abc"'],
    ["RIGHT('abc', -1)", "ASA_ARGUMENT_VALUE"],
    ["SUBSTRING('abcdef', 0, 3)", '"ab"'],
    ["SUBSTRING('abcdef', 1, 100)", '"abcdef"'],
    ["SUBSTRING('abcdef', -5, 3)", '""'],
    ["SUBSTRING('abcdef', 6, 1)", '"f"'],
    ["SUBSTRING('abcdef', 7, 1)", '""'],
    ["SUBSTRING('abc', 9223372036854775807, 1)", '""'],
    ["SUBSTRING('abc', -9223372036854775808, 9223372036854775807)", '""'],
    ["SUBSTRING('abc', 2, 9223372036854775807)", '"bc"'],
    ["STUFF('abcdef', 2, 100, 'x')", '"ax"'],
    ["STUFF('abc', 3, 1, '')", '"ab"'],
    ["STUFF('abc', 4, 0, 'x')", '""'],
    ["STUFF('', 1, 0, 'x')", '""'],
    ["REPLICATE('a', 0)", '""'],
    ["REPLICATE('ab', 100000000)", "ASA_ARGUMENT_VALUE"],
    ["REPLICATE('a', 9223372036854775807)", "ASA_ARGUMENT_VALUE"],
    ["SPACE(3)", '"   "'],
    ["REVERSE('')", '""'],
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression)).toBe(expected);
  });
});

describe("characters", () => {
  it.each([
    ["UPPER('\u00df\u0149\ufb01')", '"\u00df\u0149\ufb01"'],
    ["LOWER('\u0391\u03a3')", '"\u03b1\u03c3"'],
    ["CONCAT(LOWER('\u0130'), UPPER('\u0131'))", '"\u0130\u0131"'],
    ["UPPER('\u00e4\u00e9\u0446')", '"\u00c4\u00c9\u0426"'],
    ["LOWER('\u{10400}')", '"\u{10428}"'],
    ["UNICODE('\u{1f600}')", "128512"],
    ["UNICODE('')", "null"],
    ["NCHAR(128512)", '"\u{1f600}"'],
    ["NCHAR(-1)", "null"],
    ["TRANSLATE('abc', 'abc', 'bca')", '"bca"'],
    ["TRANSLATE('aa', 'aa', 'xy')", '"xx"'],
    ["TRANSLATE('abc', '', '')", '"abc"'],
    ["REPLACE('aaa', 'aa', 'b')", '"ba"'],
    ["REPLACE('a.b', '.', '$&')", '"a$&b"'],
    ["REPLACE('aAa', 'A', 'x')", '"axa"'],
    ["TRIM('\t\n a \u2028')", '"a"'],
    ["TRIM('\u200b')", '"\u200b"'],
    ["LTRIM('  a ')", '"a "'],
    ["RTRIM(' a  ')", '" a"'],
    ["CONCAT('a', NULL, 1.5, 309.0, CAST(1 AS bit))", '"a1.5309true"'],
    ["CONCAT(CAST('2020-01-01' AS datetime), '')", '"2020-01-01T00:00:00.0000000Z"'],
    ["CONCAT_WS(NULL, 'a', 'b')", '"ab"'],
    ["CONCAT_WS('-', 'a', '', 'b')", '"a--b"'],
    ["CONCAT_WS(1, 2, 3)", '"213"'],
    ["'a' + NULL", "null"],
    ["'1' + '2'", '"12"'],
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression)).toBe(expected);
  });
});

describe("PATINDEX", () => {
  it.each([
    ["PATINDEX('%', 'abc')", "1"],
    ["PATINDEX('%%', 'abc')", "1"],
    ["PATINDEX('', 'abc')", "0"],
    ["PATINDEX('abc', 'abc')", "1"],
    ["PATINDEX('a%', 'abc')", "1"],
    ["PATINDEX('%c', 'cc')", "2"],
    ["PATINDEX('%b_%', 'abc')", "2"],
    ["PATINDEX('%b%c%', 'abxc')", "2"],
    ["PATINDEX('%b%x', 'abcb')", "0"],
    ["PATINDEX('%[%]%', 'a%b')", "2"],
    ["PATINDEX('%[^a-c]%', 'abcd')", "4"],
    ["PATINDEX('%[]]%', 'a]b')", "2"],
    ["PATINDEX('%[_]%', 'ab_')", "3"],
    ["PATINDEX('%z%', '')", "0"],
    ["PATINDEX(REPLICATE('a', 8001), 'a')", "ASA_ARGUMENT_VALUE"],
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression)).toBe(expected);
  });
});

describe("REGEXMATCH", () => {
  it.each([
    ["REGEXMATCH('a\nb', 'a.b')", "0"],
    ["REGEXMATCH('a\nb', '^b')", "0"],
    ["REGEXMATCH('abc', '')", "1"],
    ["REGEXMATCH('', '')", "1"],
    ["REGEXMATCH('abc', NULL)", "null"],
    ["REGEXMATCH('ABC', 'b')", "2"],
    ["REGEXMATCH('abc', '[')", "0"],
    ["REGEXMATCH(v, 'x')", "0"],
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression, '{"v":5}')).toBe(expected);
  });
});

describe("LIKE", () => {
  const fits = (condition: string, body = "{}") =>
    valueOn(`CASE WHEN ${condition} THEN 1 ELSE 0 END`, body) === "1";

  it.each([
    ["'a%b' LIKE 'a[%]b'", true],
    ["'axb' LIKE 'a[%]b'", false],
    ["'a[b' LIKE 'a[[]b'", true],
    ["'a]b' LIKE 'a[]]b'", true],
    ["'a-b' LIKE 'a[x-]b'", true],
    ["'b' LIKE '[c-a]'", false],
    ["'b' LIKE '[^c-a]'", true],
    ["'[a' LIKE '[a'", true],
    ["'^' LIKE '[x^]'", true],
    ["'abc ' LIKE 'abc'", false],
    ["'' LIKE ''", true],
    ["'' LIKE '%'", true],
    ["'' LIKE '_'", false],
    ["'a.b*' LIKE 'a.b*'", true],
    ["'axb' LIKE 'a.b'", false],
    ["'\u{1f600}' LIKE '__'", true],
    ["'abcabc' LIKE '%abc'", true],
    ["'ab' LIKE 'ab%ab'", false],
    ["'abab' LIKE 'ab%ab'", true],
    ["'a1b22c' LIKE '%[0-9]%[0-9][0-9]_'", true],
    ["'a1b2c' LIKE '%[0-9]%[0-9][0-9]_'", false],
    ["5 LIKE '5'", "ASA_OPERAND_TYPE"],
    ["v LIKE '5%'", true],
    ["missing LIKE '%'", false],
    ["NOT (missing LIKE '%')", false],
  ])("%s is %s", (condition, expected) => {
    if (typeof expected === "string") expect(() => fits(condition)).toThrow(expected);
    else expect(fits(condition, '{"v":55}')).toBe(expected);
  });

  it("takes no longer for every wildcard, and any number of them", () => {
    const body = JSON.stringify({ v: "a".repeat(20_000) });
    expect(fits("v LIKE '%a%a%a%a%a%a%a%b'", body)).toBe(false);
    expect(fits(`v LIKE '${"%a".repeat(20_000)}'`, body)).toBe(true);
    expect(valueOn("PATINDEX('%a%a%a%a%b%', v)", body)).toBe("0");
  });
});
