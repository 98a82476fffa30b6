import fc from "fast-check";
import { checkFactoryTelemetry } from "../../../contracts";
import { reading, validityTable } from "../../functions/support";

describe("checkFactoryTelemetry", () => {
  it("has a table with valid cases and every reason", () => {
    expect(new Set(validityTable.map(({ reason }) => reason))).toEqual(
      new Set([null, "MALFORMED", "MISSING", "TYPE", "VERSION", "RANGE", "PATTERN", "TIME"]),
    );
  });

  it.each(validityTable)("decides on $name", ({ body, reason }) => {
    const validity = checkFactoryTelemetry(body);
    expect(validity.valid ? null : validity.reason).toBe(reason);
  });

  it("names the first broken rule in the order of the rules, not of the fields", () => {
    const { defects: _, ...rest } = reading();
    const body = JSON.stringify({ ...rest, eventId: 1, temperature: 1e6 });
    expect(checkFactoryTelemetry(body)).toEqual({
      valid: false,
      reason: "MISSING",
      field: "defects",
      detail: "defects is missing",
    });
  });

  it("hands the event over with the fields it does not know", () => {
    expect(checkFactoryTelemetry(JSON.stringify({ ...reading(), note: "x" }))).toEqual({
      valid: true,
      event: { ...reading(), note: "x" },
    });
  });

  it("knows every real moment and no other, as the language's own calendar does", () => {
    const two = (value: number) => String(value).padStart(2, "0");
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.constantFrom(0, 1900, 2000, 2024, 2100)),
        fc.nat(14),
        fc.nat(33),
        fc.nat(25),
        fc.nat(61),
        fc.nat(61),
        fc.boolean(),
        (year, month, day, hour, minute, second, withMs) => {
          const seconds = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
          const parsed = new Date(`${seconds}Z`);
          const real =
            year > 0 && !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 19) === seconds;
          const eventTime = `${seconds}${withMs ? ".123" : ""}Z`;
          const validity = checkFactoryTelemetry(JSON.stringify(reading({ eventTime })));
          expect(validity.valid ? null : validity.reason).toBe(real ? null : "TIME");
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("refuses an event that leaves out, or breaks, any one field", () => {
    for (const name of Object.keys(reading())) {
      const { [name as "units"]: _, ...rest } = reading();
      expect(checkFactoryTelemetry(JSON.stringify(rest))).toMatchObject({ reason: "MISSING", field: name });
      const broken = { ...reading(), [name]: null };
      expect(checkFactoryTelemetry(JSON.stringify(broken))).toMatchObject({ reason: "TYPE", field: name });
    }
  });
});
