import { alertRules } from "../../../contracts";
import schema from "../../../contracts/events/factory-telemetry/v1.schema.json";

describe("alertRules", () => {
  it("has an id of its own for each rule, fit for a document id", () => {
    const ids = alertRules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9-]*$/);
  });

  it.each(alertRules)("$id compares a measured field within its range", (rule) => {
    const field = (schema.properties as Record<string, { minimum?: number; maximum?: number }>)[rule.field];
    expect(field).toBeDefined();
    expect(rule.threshold).toBeGreaterThanOrEqual(field?.minimum ?? Number.NaN);
    expect(rule.threshold).toBeLessThan(field?.maximum ?? Number.NaN);
    expect(["above", "below"]).toContain(rule.comparison);
    expect(["warning", "critical"]).toContain(rule.severity);
  });
});
