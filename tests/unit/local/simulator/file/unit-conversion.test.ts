import { unitConversion, unitsFor } from "../../../../../local/simulator/file/unit-conversion";

describe("unitConversion", () => {
  it.each([
    [212, "degF", "degC", 100],
    [-40, "degF", "degC", -40],
    [98.6, "degF", "degC", 37],
    [273.15, "K", "degC", 0],
    [5.125, "bar", "kPa", 512.5],
    [100, "psi", "kPa", 689.475729317],
    [1013.25, "hPa", "kPa", 101.325],
    [1, "atm", "kPa", 101.325],
    [0.2, "MPa", "kPa", 200],
    [18_200, "W", "kW", 18.2],
    [10, "hp", "kW", 7.45699871582],
    [0.11, "in/s", "mm/s", 2.794],
    [0.0028, "m/s", "mm/s", 2.8],
    [2, "dozen", "1", 24],
    [0.1, "kW", "kW", 0.1],
  ])("turns %p %s into %s", (value, unit, schemaUnit, expected) => {
    expect(unitConversion(unit, schemaUnit)(value)).toBe(expected);
  });

  it("refuses a unit of another quantity and names the right ones", () => {
    expect(() => unitConversion("bar", "degC")).toThrow('unit "bar" does not convert to degC');
    expect(() => unitConversion("toString", "degC")).toThrow("does not convert");
    expect(unitsFor("degC")).toEqual(["degC", "degF", "K"]);
  });
});
