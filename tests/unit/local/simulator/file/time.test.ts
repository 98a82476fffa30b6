import * as fc from "fast-check";
import { timeReader } from "../../../../../local/simulator/file/time-format";
import { TimeZone } from "../../../../../local/simulator/file/time-zone";

const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

describe("timeReader", () => {
  it.each([
    ["iso", "UTC", "2026-01-05T08:00:00Z", "2026-01-05T08:00:00.000Z"],
    ["iso", "UTC", "2026-01-05 08:00", "2026-01-05T08:00:00.000Z"],
    ["iso", "UTC", "2026-01-05", "2026-01-05T00:00:00.000Z"],
    ["iso", "UTC", "2026-01-05T08:00:00.123456789Z", "2026-01-05T08:00:00.123Z"],
    ["iso", "UTC", "2026-01-05T08:00:00,5+01:30", "2026-01-05T06:30:00.500Z"],
    ["iso", "UTC", "2026-01-05T08:00:00-0330", "2026-01-05T11:30:00.000Z"],
    ["iso", "Europe/Berlin", "2026-01-05T08:00:00", "2026-01-05T07:00:00.000Z"],
    ["iso", "Europe/Berlin", "2026-07-05T08:00:00", "2026-07-05T06:00:00.000Z"],
    ["iso", "Europe/Berlin", "2026-07-05T08:00:00Z", "2026-07-05T08:00:00.000Z"],
    ["iso", "Asia/Kolkata", "2026-07-05T00:10:00", "2026-07-04T18:40:00.000Z"],
    ["iso", "Australia/Lord_Howe", "2026-01-05T00:00:00", "2026-01-04T13:00:00.000Z"],
    ["unix-s", "UTC", "1767600000", "2026-01-05T08:00:00.000Z"],
    ["unix-s", "UTC", "1767600000.25", "2026-01-05T08:00:00.250Z"],
    ["unix-ms", "UTC", "1767600000250", "2026-01-05T08:00:00.250Z"],
    ["dd.MM.yyyy HH:mm:ss", "UTC", "05.01.2026 08:00:09", "2026-01-05T08:00:09.000Z"],
    ["d.M.yy H:mm", "UTC", "5.1.26 8:07", "2026-01-05T08:07:00.000Z"],
    ["MM/dd/yyyy hh:mm a", "America/New_York", "01/05/2026 12:30 AM", "2026-01-05T05:30:00.000Z"],
    ["MM/dd/yyyy h:mm:ss a", "UTC", "01/05/2026 12:30:05 pm", "2026-01-05T12:30:05.000Z"],
    ["dd-MMM-yyyy HH:mm:ss.SSS", "UTC", "05-Feb-2026 08:00:00.045", "2026-02-05T08:00:00.045Z"],
    ["yyyyMMdd'T'HHmmssXXX", "Europe/Berlin", "20260105T080000+02:00", "2026-01-05T06:00:00.000Z"],
  ])("reads %s in %s: %s", (format, zone, text, expected) => {
    expect(iso(timeReader(format, zone)(text))).toBe(expected);
  });

  it.each([
    ["iso", "UTC", "2026-02-29"],
    ["iso", "UTC", "2026-01-05T24:00:00Z"],
    ["iso", "UTC", "2026-13-01"],
    ["iso", "UTC", "05.01.2026"],
    ["unix-s", "UTC", "12a"],
    ["unix-ms", "UTC", "99999999999999999"],
    ["dd.MM.yyyy", "UTC", "31.04.2026"],
    ["dd.MM.yyyy", "UTC", "1.4.2026"],
    ["dd-MMM-yyyy", "UTC", "05-Abc-2026"],
    ["iso", "Europe/Berlin", "2026-03-29T02:30:00"],
  ])("finds no moment for %s in %s: %s", (format, zone, text) => {
    expect(timeReader(format, zone)(text)).toBeUndefined();
  });

  it("takes the first or the second of a repeated hour", () => {
    expect(iso(timeReader("iso", "Europe/Berlin")("2026-10-25T02:30:00"))).toBe("2026-10-25T00:30:00.000Z");
    expect(iso(timeReader("iso", "Europe/Berlin", "second")("2026-10-25T02:30:00"))).toBe(
      "2026-10-25T01:30:00.000Z",
    );
  });

  it.each([
    ["qq.MM.yyyy", "q"],
    ["MM.yyyy", '"d"'],
    ["dd.MM.yyyy hh:mm", '"a"'],
    ["dd.MM.yyyy 'at", "quote"],
  ])("refuses the pattern %s", (pattern, mention) => {
    expect(() => timeReader(pattern)).toThrow(mention);
  });
});

describe("TimeZone", () => {
  it("finds back each moment of the year, but for the first pass of a repeated hour", () => {
    const zones = ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"].map(
      (name) => new TimeZone(name),
    );
    const year = Date.parse("2026-01-01T00:00:00Z");
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 365 * 86_400 }), (zone, second) => {
        const utcMs = year + second * 1000;
        const localMs = utcMs + zone.offsetAt(utcMs);
        expect([zone.toUtc(localMs, "first"), zone.toUtc(localMs, "second")]).toContain(utcMs);
      }),
      { numRuns: 400 },
    );
  });

  it("has one moment an hour but two and none on the days of change", () => {
    const zone = new TimeZone("Europe/Berlin");
    const moments = (local: string) =>
      new Set([zone.toUtc(Date.parse(local), "first"), zone.toUtc(Date.parse(local), "second")]);
    expect(moments("2026-03-29T01:59:59Z").size).toBe(1);
    expect(moments("2026-03-29T02:00:00Z")).toEqual(new Set([undefined]));
    expect(moments("2026-03-29T02:59:59Z")).toEqual(new Set([undefined]));
    expect(moments("2026-03-29T03:00:00Z").size).toBe(1);
    expect(moments("2026-10-25T01:59:59Z").size).toBe(1);
    expect(moments("2026-10-25T02:00:00Z").size).toBe(2);
    expect(moments("2026-10-25T03:00:00Z").size).toBe(1);
  });
});
