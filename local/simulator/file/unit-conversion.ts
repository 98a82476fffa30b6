import { LocalError } from "../../process/errors";

/** A value in the schema's unit = value in this unit x factor + offset. */
interface UnitDefinition {
  readonly factor: number;
  readonly offset?: number;
}

/** Units a column may have, by the unit of the telemetry schema. */
const unitTables: Readonly<Record<string, Readonly<Record<string, UnitDefinition>>>> = {
  degC: {
    degC: { factor: 1 },
    degF: { factor: 5 / 9, offset: -160 / 9 },
    K: { factor: 1, offset: -273.15 },
  },
  "mm/s": {
    "mm/s": { factor: 1 },
    "cm/s": { factor: 10 },
    "m/s": { factor: 1000 },
    "in/s": { factor: 25.4 },
    "um/s": { factor: 0.001 },
  },
  kPa: {
    kPa: { factor: 1 },
    Pa: { factor: 0.001 },
    hPa: { factor: 0.1 },
    MPa: { factor: 1000 },
    mbar: { factor: 0.1 },
    bar: { factor: 100 },
    psi: { factor: 6.894757293168361 },
    atm: { factor: 101.325 },
    mmHg: { factor: 0.133322387415 },
  },
  kW: {
    kW: { factor: 1 },
    W: { factor: 0.001 },
    MW: { factor: 1000 },
    hp: { factor: 0.7456998715822702 },
    PS: { factor: 0.73549875 },
  },
  "1": { "1": { factor: 1 }, k: { factor: 1000 }, dozen: { factor: 12 } },
};

/** Returns the units that convert to the schema's unit. */
export function unitsFor(schemaUnit: string): readonly string[] {
  return Object.keys(unitTables[schemaUnit] ?? { [schemaUnit]: {} });
}

/**
 * Returns the function from a unit to the schema's unit. Multiplications are rounded to 12 significant digits, so that
 * 101.3 hPa is 10.13 kPa and not 10.129999999999999.
 *
 * @throws {LocalError} LOCAL_MAP_INVALID for a unit of another quantity or an unknown one
 */
export function unitConversion(unit: string, schemaUnit: string): (value: number) => number {
  const table = unitTables[schemaUnit] ?? {};
  if (unit === schemaUnit) return (value) => value;
  const definition = Object.hasOwn(table, unit) ? table[unit] : undefined;
  if (definition === undefined) {
    throw new LocalError("LOCAL_MAP_INVALID", `unit "${unit}" does not convert to ${schemaUnit}`, {
      hint: `use one of ${unitsFor(schemaUnit).join(", ")}`,
    });
  }
  const { factor, offset = 0 } = definition;
  return (value) => Number((value * factor + offset).toPrecision(12));
}
