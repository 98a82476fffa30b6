import { valueOn } from "../../../support/asa-value";

const stamp = (text: string): string => `"${text}"`;

describe("DATEDIFF", () => {
  it.each([
    ["DATEDIFF(day, '2026-01-01T23:59:59.9999999Z', '2026-01-02')", "1"],
    ["DATEDIFF(day, '2026-01-02', '2026-01-01T23:59:59.9999999Z')", "-1"],
    ["DATEDIFF(month, '2025-12-31', '2024-01-01')", "-23"],
    ["DATEDIFF(quarter, '2026-04-01', '2026-03-31')", "-1"],
    ["DATEDIFF(year, '2026-01-01', '2025-12-31')", "-1"],
    ["DATEDIFF(week, '2026-01-04', '2026-01-10')", "0"],
    ["DATEDIFF(week, '2026-01-11', '2026-01-10')", "-1"],
    ["DATEDIFF(weekday, '2026-01-01', '2026-01-10')", "9"],
    ["DATEDIFF(dayofyear, '2026-01-01', '2026-01-10')", "9"],
    ["DATEDIFF(second, '2026-01-01T00:00:00.999Z', '2026-01-01T00:00:01Z')", "1"],
    ["DATEDIFF(millisecond, '2026-01-01T00:00:00.0009999Z', '2026-01-01T00:00:00.001Z')", "1"],
    ["DATEDIFF(microsecond, '2026-01-01T00:00:00.0000009Z', '2026-01-01T00:00:00.000001Z')", "1"],
    ["DATEDIFF(mcs, '0001-01-01', '9999-12-31T23:59:59.9999999Z')", "315537897599999999"],
    ["DATEDIFF(hour, '2026-01-01T00:30:00+02:00', '2026-01-01T00:00:00Z')", "2"],
    ["DATEDIFF(minute, NULL, '2026-01-01')", "null"],
    ["DATEDIFF(minute, 'x', '2026-01-01')", "ASA_ARGUMENT_VALUE"],
    ["DATEDIFF(minute, v, '2026-01-01')", "ASA_ARGUMENT_VALUE"],
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression, '{"v":5}')).toBe(expected);
  });
});

describe("DATEADD", () => {
  it.each([
    ["DATEADD(month, 1, '2023-01-31')", stamp("2023-02-28T00:00:00.0000000Z")],
    ["DATEADD(month, -1, '2024-03-31T01:02:03.4567891Z')", stamp("2024-02-29T01:02:03.4567891Z")],
    ["DATEADD(month, 13, '2023-12-31')", stamp("2025-01-31T00:00:00.0000000Z")],
    ["DATEADD(quarter, 1, '2023-11-30')", stamp("2024-02-29T00:00:00.0000000Z")],
    ["DATEADD(year, 4, '2024-02-29')", stamp("2028-02-29T00:00:00.0000000Z")],
    ["DATEADD(week, 1, '2024-02-26')", stamp("2024-03-04T00:00:00.0000000Z")],
    ["DATEADD(dayofyear, 1, '2024-02-28')", stamp("2024-02-29T00:00:00.0000000Z")],
    ["DATEADD(weekday, 1, '2024-02-28')", stamp("2024-02-29T00:00:00.0000000Z")],
    ["DATEADD(hour, 1.9, '2024-02-28')", stamp("2024-02-28T01:00:00.0000000Z")],
    ["DATEADD(hour, -1.9, '2024-02-28')", stamp("2024-02-27T23:00:00.0000000Z")],
    ["DATEADD(mcs, -1, '0001-01-01T00:00:00.000001Z')", stamp("0001-01-01T00:00:00.0000000Z")],
    ["DATEADD(day, -1, '0001-01-01')", "ASA_ARGUMENT_VALUE"],
    ["DATEADD(year, 9223372036854775807, '2024-01-01')", "ASA_ARGUMENT_VALUE"],
    ["DATEADD(ms, 1, '9999-12-31T23:59:59.9999999Z')", "ASA_ARGUMENT_VALUE"],
    ["DATEADD(hour, NULL, '2024-01-01')", "null"],
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression)).toBe(expected);
  });
});

describe("DATEPART, DATENAME and DATETIMEFROMPARTS", () => {
  it.each([
    ["DATEPART(year, '2024-12-31T23:59:59.9999999Z')", "2024"],
    ["DATEPART(qq, '2024-12-31')", "4"],
    ["DATEPART(m, '2024-12-31')", "12"],
    ["DATEPART(y, '2023-12-31')", "365"],
    ["DATEPART(dy, '2024-03-01')", "61"],
    ["DATEPART(wk, '2024-12-31')", "53"],
    ["DATEPART(ww, '2023-01-01')", "1"],
    ["DATEPART(ww, '2022-12-31')", "53"],
    ["DATEPART(dw, '2026-01-03')", "7"],
    ["DATEPART(w, '2026-01-05')", "2"],
    ["DATEPART(weekday, '0001-01-01')", "2"],
    ["DATEPART(n, '2024-12-31T23:58:59Z')", "58"],
    ["DATEPART(s, '2024-12-31T23:58:59Z')", "59"],
    ["DATEPART(hour, '2024-01-01T00:00:00+01:00')", "23"],
    ["DATEPART(YEAR, '2024-01-01T00:00:00+01:00')", "2023"],
    ["DATENAME(dw, '2024-02-29')", '"Thursday"'],
    ["DATENAME(mm, '2024-02-29')", '"February"'],
    ["DATENAME(ms, '2024-02-29T00:00:00.012Z')", '"12"'],
    ["DATENAME(weekday, '0001-01-07')", '"Sunday"'],
    ["DAY('2024-02-29T23:59:59Z')", "29"],
    ["DATETIMEFROMPARTS(2024, 1, 1, 0, 0, 0, 999)", stamp("2024-01-01T00:00:00.9990000Z")],
    ["DATETIMEFROMPARTS(2024, 1, 1, 0, 0, 0, NULL)", "null"],
    ...["24, 0, 0, 0", "0, 60, 0, 0", "0, 0, 60, 0", "0, 0, 0, 1000", "-1, 0, 0, 0"].map(
      (time): [string, string] => [`DATETIMEFROMPARTS(2024, 1, 1, ${time})`, "ASA_ARGUMENT_VALUE"],
    ),
    ...["0, 1, 1", "2024, 13, 1", "2024, 1, 0", "2023, 2, 29", "10000, 1, 1"].map((day): [string, string] => [
      `DATETIMEFROMPARTS(${day}, 0, 0, 0, 0)`,
      "ASA_ARGUMENT_VALUE",
    ]),
  ])("%s is %s", (expression, expected) => {
    expect(valueOn(expression)).toBe(expected);
  });
});

describe("text as a datetime", () => {
  it.each([
    ["2026-01-01T10:00:00.1Z", "2026-01-01T10:00:00.1000000Z"],
    ["2026-01-01T10:00:00.12345678901234Z", "2026-01-01T10:00:00.1234567Z"],
    ["2026-01-01T10:00:00-00:00", "2026-01-01T10:00:00.0000000Z"],
    ["2026-01-01T10:00:00+14:00", "2025-12-31T20:00:00.0000000Z"],
    ["2026-01-01T10", "2026-01-01T10:00:00.0000000Z"],
    ["2026-01-01T10:00:00 +02:00", "2026-01-01T08:00:00.0000000Z"],
    ["2026-01-01t10:00:00z", "2026-01-01T10:00:00.0000000Z"],
    ["20260101", "2026-01-01T00:00:00.0000000Z"],
    ["2026-01", "2026-01-01T00:00:00.0000000Z"],
    [" 2026-01-01T10:00:00Z ", "2026-01-01T10:00:00.0000000Z"],
    ["2020-W53-7", "2021-01-03T00:00:00.0000000Z"],
    ["0001-W01-1", "0001-01-01T00:00:00.0000000Z"],
  ])("%j is %s", (text, expected) => {
    expect(valueOn(`CAST('${text}' AS datetime)`)).toBe(stamp(expected));
  });

  it.each([
    "2026",
    "2026-1-1",
    "2026-02-30T00:00:00Z",
    "2026-01-01T10:00:61Z",
    "2026-01-01T10:00:00+15:00",
    "2026-01-01TT10:00",
    "10:00:00",
    "2026-01-01T",
    "2026-01-01T10:00:00ZZ",
    "\uff12026-01-01",
    "2025-W53-1",
    "9999-W52-7",
    "2026-01-01T24:00:01Z",
    "+2026-01-01",
    "0000-01-01",
    "10000-01-01",
  ])("%j is none", (text) => {
    expect(valueOn(`TRY_CAST('${text}' AS datetime)`)).toBe("null");
  });
});
