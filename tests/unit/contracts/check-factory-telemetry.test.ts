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
});
