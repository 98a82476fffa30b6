const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Files of a new project, by path relative to its folder. */
export function skeleton(name: string): Readonly<Record<string, string>> {
  const query = `${name.replaceAll(/[^\w.-]/g, "_")}.asaql`;
  return {
    "asaproj.json": json({
      name,
      startFile: query,
      configurations: [
        { filePath: "JobConfig.json", subType: "JobConfig" },
        { filePath: "Inputs/Local_readings.json", subType: "InputMock" },
        { filePath: "Outputs/averages.json", subType: "Output" },
        { filePath: "Functions/toFahrenheit.js.json", subType: "JSFunction" },
      ],
    }),
    [query]: `-- Average temperature of each device, once a minute.
SELECT
    deviceId,
    AVG(temperature) AS celsius,
    UDF.toFahrenheit(AVG(temperature)) AS fahrenheit,
    COUNT(*) AS readings,
    System.Timestamp() AS windowEnd
INTO averages
FROM readings TIMESTAMP BY time
GROUP BY deviceId, TumblingWindow(minute, 1)
`,
    "JobConfig.json": json({
      DataLocale: "en-US",
      OutputErrorPolicy: "Retry",
      EventsLateArrivalMaxDelayInSeconds: 5,
      EventsOutOfOrderMaxDelayInSeconds: 0,
      EventsOutOfOrderPolicy: "Adjust",
      Sku: { Name: "StandardV2", StreamingUnits: "1/3" },
      CompatibilityLevel: "1.2",
      ScriptType: "JobConfig",
    }),
    "Inputs/Local_readings.json": json({
      Name: "readings",
      Type: "Data Stream",
      DataSourceType: "Local Input",
      Serialization: { Type: "Json", Encoding: "UTF8" },
      FilePath: "readings.data.json",
      ScriptType: "InputMock",
    }),
    "Inputs/readings.data.json": `{"time":"2026-01-05T08:00:10Z","deviceId":"a","temperature":20}
{"time":"2026-01-05T08:00:40Z","deviceId":"a","temperature":22}
{"time":"2026-01-05T08:01:00Z","deviceId":"b","temperature":10.5}
{"time":"2026-01-05T08:01:20Z","deviceId":"a","temperature":23}
`,
    "Outputs/averages.json": json({
      Name: "averages",
      DataSourceType: "Blob Storage",
      BlobStorageProperties: { Container: "averages", PathPattern: "{date}/{time}" },
      Serialization: { Type: "Json", Encoding: "UTF8", Format: "LineSeparated" },
      ScriptType: "Output",
    }),
    "Functions/toFahrenheit.js": `function main(celsius) {
  return celsius === null ? null : celsius * 1.8 + 32;
}
`,
    "Functions/toFahrenheit.js.json": json({
      Name: "toFahrenheit",
      Type: "Scalar",
      ScriptType: "JSFunction",
      FunctionInputs: [{ DataType: "any", IsConfigurationParameter: null }],
      OutputType: "any",
    }),
    "test/testConfig.json": json({
      Script: `../${query}`,
      TestCases: [
        {
          Name: "averages by device and minute",
          Inputs: [
            {
              InputAlias: "readings",
              Type: "Data Stream",
              Format: "Json",
              FilePath: "../Inputs/readings.data.json",
              ScriptType: "InputMock",
            },
          ],
          ExpectedOutputs: [{ OutputAlias: "averages", FilePath: "averages.expected.json", Required: true }],
        },
      ],
    }),
    "test/averages.expected.json": `{"deviceId":"a","celsius":21.0,"fahrenheit":69.8,"readings":2,"windowEnd":"2026-01-05T08:01:00.0000000Z"}
{"deviceId":"b","celsius":10.5,"fahrenheit":50.9,"readings":1,"windowEnd":"2026-01-05T08:01:00.0000000Z"}
{"deviceId":"a","celsius":23.0,"fahrenheit":73.4,"readings":1,"windowEnd":"2026-01-05T08:02:00.0000000Z"}
`,
    ".gitignore": "LocalRunOutputs/\nDeploy/\n",
  };
}
