import { AsaRecord, DateTime, formatDateTime, parseDateTime, readJson, writeJson } from "../../../../asa";
import { convertValue } from "../../../../asa/values/convert";
import { compareValues, equalValues } from "../../../../asa/values/equality";
import { formatFloat, formatJsonFloat } from "../../../../asa/values/float-text";
import { groupKey, tupleKey } from "../../../../asa/values/group-key";
import type { Value, ValueType } from "../../../../asa/values/value";

describe("readJson", () => {
  it.each<[string, Value]>([
    ["1", 1n],
    ["-0", 0n],
    ["309.0", 309],
    ["1e2", 100],
    ["9007199254740993", 9007199254740993n],
    ["9223372036854775807", 9223372036854775807n],
    ["-9223372036854775808", -9223372036854775808n],
    ["true", true],
    ["null", null],
    ['"a\\u00e9\\n\\"\\/"', 'a\u00e9\n"/'],
    [" [ 1 , 2.5 ] ", [1n, 2.5]],
  ])("reads %s and keeps the kind of number", (text, expected) => {
    expect(readJson(text)).toEqual(expected);
  });

  it.each([
    "9223372036854775808",
    "-9223372036854775809",
    "01",
    "1.",
    ".5",
    "+1",
    "1e",
    "1e999",
    "NaN",
    "'a'",
    '"a',
    '"a\nb"',
    '"\\x"',
    '"\\u12"',
    "[1,]",
    '{"a":1,}',
    "{a:1}",
    '{"a" 1}',
    "1 2",
    "tru",
    "",
  ])("refuses %j", (text) => {
    expect(() => readJson(text)).toThrow(/at offset \d+$/);
  });

  it("keeps the last of duplicate names at the place of the first, and names that differ by case", () => {
    expect(writeJson(readJson('{"a":1,"b":2,"a":3,"A":4}'))).toBe('{"a":3,"b":2,"A":4}');
    expect(writeJson(readJson('{"__proto__":1,"constructor":2}'))).toBe('{"__proto__":1,"constructor":2}');
  });

  it("refuses text that nests too deeply instead of running out of stack", () => {
    expect(() => readJson("[".repeat(100_000))).toThrow(/nests too deeply/);
  });
});

describe("parseDateTime and formatDateTime", () => {
  it.each([
    ["2026-01-01T10:00:00Z", "2026-01-01T10:00:00.0000000Z"],
    ["2026-01-01T10:00:00z", "2026-01-01T10:00:00.0000000Z"],
    ["2026-01-01T10:00:00", "2026-01-01T10:00:00.0000000Z"],
    ["2026-01-01 10:00:00", "2026-01-01T10:00:00.0000000Z"],
    ["2026-01-01T10:00Z", "2026-01-01T10:00:00.0000000Z"],
    ["2026-01-01", "2026-01-01T00:00:00.0000000Z"],
    ["20260101T100000Z", "2026-01-01T10:00:00.0000000Z"],
    ["2026-001", "2026-01-01T00:00:00.0000000Z"],
    ["2026-W01-1", "2025-12-29T00:00:00.0000000Z"],
    ["2026-01-01T10:00:00.123456789Z", "2026-01-01T10:00:00.1234567Z"],
    ["2026-01-01T10:00:00,5Z", "2026-01-01T10:00:00.5000000Z"],
    ["2026-01-01T10:00:00+02:00", "2026-01-01T08:00:00.0000000Z"],
    ["2026-01-01T10:00:00-0530", "2026-01-01T15:30:00.0000000Z"],
    ["2026-01-01T24:00:00Z", "2026-01-02T00:00:00.0000000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z"],
    ["9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0000000Z"],
  ])("read %s as %s", (text, expected) => {
    expect(formatDateTime(parseDateTime(text)!)).toBe(expected);
  });

  it.each([
    "",
    " ",
    "2023-02-29",
    "2026-13-01",
    "2026-01-32",
    "01/02/2026",
    "2026-01-01T25:00:00Z",
    "2026-01-01T10:60:00Z",
    "12",
    "yesterday",
    "2026-01-01T10:00:00+99:00",
    "0001-01-01T00:00:00+01:00",
    "2026-01-01T10:00:00.Z",
    "2026-W54-1",
  ])("refuse %j", (text) => {
    expect(parseDateTime(text)).toBeNull();
  });
});

describe("convertValue", () => {
  const moment = new DateTime(parseDateTime("2026-01-01")!);
  const record = new AsaRecord(["a"], [1n]);
  it.each<[Value, ValueType, Value | undefined]>([
    [5n, "float", 5],
    [5n, "bit", true],
    [0n, "bit", false],
    [5n, "datetime", undefined],
    [2.9, "bigint", 2n],
    [-2.9, "bigint", -2n],
    [1e19, "bigint", undefined],
    [0.5, "bit", true],
    ["12", "bigint", 12n],
    ["12.5", "bigint", undefined],
    ["", "bigint", undefined],
    ["9223372036854775808", "bigint", undefined],
    ["12.5", "float", 12.5],
    ["NaN", "float", undefined],
    ["0x10", "float", undefined],
    ["TRUE", "bit", true],
    ["yes", "bit", undefined],
    [moment, "nvarchar(max)", "2026-01-01T00:00:00.0000000Z"],
    [moment, "bigint", undefined],
    [true, "bigint", 1n],
    [true, "nvarchar(max)", "true"],
    [record, "record", record],
    [record, "nvarchar(max)", undefined],
    [[1n], "record", undefined],
    [null, "array", null],
  ])("%s to %s", (value, type, expected) => {
    expect(convertValue(value, type)).toEqual(expected);
  });
});

describe("equality, order and group keys", () => {
  it("equality exact between bigints, by value between numbers", () => {
    expect(equalValues(9007199254740993n, 9007199254740992n)).toBe(false);
    expect(equalValues(4n, 4)).toBe(true);
    expect(equalValues("4", 4n)).toBe(false);
    expect(equalValues(null, null)).toBeNull();
    expect(compareValues("a", "B")).toBe(1);
  });

  it.each<[Value, Value, boolean]>([
    [1n, 1, true],
    [0, -0, true],
    [1n, true, false],
    ["1", 1n, false],
    [null, null, true],
    [null, "", false],
    ["a", "A", false],
    [9007199254740993n, 9007199254740992n, false],
  ])("%s and %s are one group: %s", (a, b, same) => {
    expect(groupKey(a) === groupKey(b)).toBe(same);
  });

  it("tuples are told apart where their texts run together", () => {
    expect(tupleKey(["a", "bc"])).not.toBe(tupleKey(["ab", "c"]));
    expect(tupleKey(["1:s", "x"])).not.toBe(tupleKey(["1", "s:x"]));
  });
});

describe("float text", () => {
  it.each([
    [309, "309.0", "309"],
    [0.1, "0.1", "0.1"],
    [1e16, "1E+16", "1E+16"],
    [1e15, "1E+15", "1E+15"],
    [123456789012345, "123456789012345.0", "123456789012345"],
    [0.00001, "1E-05", "1E-05"],
    [0.0001, "0.0001", "0.0001"],
    [1.5e-7, "1.5E-07", "1.5E-07"],
    [1.7976931348623157e308, "1.7976931348623157E+308", "1.7976931348623157E+308"],
    [-2.5, "-2.5", "-2.5"],
  ])("%s is written %s in JSON and %s as text", (value, json, text) => {
    expect(formatJsonFloat(value)).toBe(json);
    expect(formatFloat(value)).toBe(text);
  });
});
