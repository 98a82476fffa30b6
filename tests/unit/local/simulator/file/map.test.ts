import { LocalError } from "../../../../../local/process/errors";
import { parseMap } from "../../../../../local/simulator/file";

const valid = `source: plant-a
time: { column: Time, format: iso, zone: Europe/Berlin }
fields:
  deviceId: { column: Machine, prefix: m-, clean: true }
  factoryId: { value: fab-01 }
  lineId: { value: line-01 }
  temperature: { column: Temp, unit: degF }
  vibration: Vib
  pressure: { column: P, unit: bar }
  powerKw: { column: W, unit: W }
  units: { column: N, default: 0 }
  defects: { value: 0 }
`;

function mistakesOf(text: string): string {
  try {
    parseMap(text, "map.yaml");
  } catch (error) {
    expect(error).toBeInstanceOf(LocalError);
    expect((error as LocalError).code).toBe("LOCAL_MAP_INVALID");
    return `${(error as LocalError).message}\n${(error as LocalError).detail ?? ""}`.trim();
  }
  return "no mistake";
}

describe("parseMap", () => {
  it("accepts a map in YAML and the same in JSON", () => {
    const map = parseMap(valid, "map.yaml");
    expect(map.numbers.temperature.convert(212)).toBe(100);
    expect(map.columnsUsed.map(({ column }) => column)).toEqual([
      "Time",
      "Machine",
      "Temp",
      "Vib",
      "P",
      "W",
      "N",
    ]);
    const json = JSON.stringify({
      source: "plant-a",
      time: { column: ["Date", "Hour"], format: "dd.MM.yyyy HH:mm" },
      fields: {
        deviceId: "Machine",
        factoryId: { value: "fab-01" },
        lineId: { value: "line-01" },
        temperature: "T",
        vibration: "V",
        pressure: "P",
        powerKw: "W",
        units: "N",
        defects: "D",
      },
    });
    expect(parseMap(json, "map.json").time.columns).toEqual(["Date", "Hour"]);
  });

  it.each([
    ["no source", valid.replace("source: plant-a\n", ""), "map.yaml:1:1: source is missing"],
    [
      "a source with a space",
      valid.replace("plant-a", "plant a"),
      'map.yaml:1:9: source must match pattern "^[A-Za-z0-9_-]{1,64}$"',
    ],
    ["an unknown setting", `${valid}sauce: x\n`, "map.yaml:13:8: sauce is not a setting of a map"],
    ["an unknown field", valid.replace("defects: {", "defect: {"), "fields.defects is missing"],
    [
      "a wrong unit",
      valid.replace("unit: degF", "unit: bar"),
      'map.yaml:7:38: fields.temperature.unit unit "bar" does not convert to degC; use one of degC, degF, K',
    ],
    [
      "an unknown zone",
      valid.replace("Europe/Berlin", "Europe/Berln"),
      'map.yaml:2:42: time.zone names no known time zone: "Europe/Berln"',
    ],
    [
      "a wrong time pattern",
      valid.replace("format: iso", "format: DD.MM.yyyy"),
      'map.yaml:2:31: time.format "DD" is not a part of a time pattern',
    ],
    [
      "a field without an origin",
      valid.replace("defects: { value: 0 }", "defects: { default: 0 }"),
      "map.yaml:12:12: fields.defects has neither a column nor a value",
    ],
    [
      "a field with two origins",
      valid.replace("{ column: N, default: 0 }", "{ column: N, value: 0 }"),
      "map.yaml:11:30: fields.units.value stands beside a column; one of them only",
    ],
    [
      "a text where a number belongs",
      valid.replace("defects: { value: 0 }", 'defects: { value: "0" }'),
      "map.yaml:12:21: fields.defects.value is not of type number",
    ],
    ["a list", "- a\n- b\n", "map.yaml:1:1: the map is not of type object"],
    ["an empty file", "", "the map is not of type object"],
    [
      "a column list with a repeated name",
      `${valid}csv: { columns: [a, b, a] }\n`,
      'map.yaml:13:24: csv.columns.2 "a" stands twice',
    ],
    ["broken YAML", "source: [plant", "map.yaml:1:15:"],
  ])("names the place of %s", (_what, text, expected) => {
    expect(mistakesOf(text)).toContain(expected);
  });

  it("names every mistake at once", () => {
    const text = valid.replace("degF", "bar").replace("unit: bar }\n  powerKw", "unit: K }\n  powerKw");
    expect(mistakesOf(text)).toMatch(/map.yaml has 2 mistakes\n.*temperature.*\n.*pressure/);
  });
});
