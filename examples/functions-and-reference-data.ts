// Joins reference data and calls a JavaScript function, which runs in a sandbox without files, network or clock.
import { type AsaRecord, compilePlan, createJob, readJson, writeJsonObject } from "../asa";
import { createFunctionHost } from "../asa/node";

async function main(): Promise<void> {
  const functions = await createFunctionHost([
    {
      name: "toFahrenheit",
      kind: "scalar",
      outputType: "float",
      script: "function main(celsius) { return celsius * 1.8 + 32; }",
      file: "to-fahrenheit.js",
    },
  ]);
  const plan = compilePlan(
    "SELECT d.name, udf.toFahrenheit(t.temperature) AS f FROM telemetry t JOIN devices d ON t.deviceId = d.id",
    {
      purpose: "local",
      inputs: [
        { alias: "telemetry", kind: "stream" },
        { alias: "devices", kind: "reference" },
      ],
      functions: [{ name: "toFahrenheit", kind: "scalar", outputType: "float" }],
    },
  );
  const job = createJob(plan, {
    mode: "file",
    policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: null, policy: "adjust" },
    functions,
    onRows: (rows) => {
      for (const row of rows) console.log(writeJsonObject(row.columns, row.values));
    },
  });
  const record = (text: string): AsaRecord => readJson(text) as AsaRecord;
  job.setReference("devices", [record('{"id":1,"name":"press"}'), record('{"id":2,"name":"oven"}')]);
  job.push("telemetry", 0, [
    { body: record('{"deviceId":2,"temperature":100}'), arrival: 0n },
    { body: record('{"deviceId":3,"temperature":50}'), arrival: 0n },
  ]);
  job.finish();
  functions.dispose();
}

void main();

// Prints:
// {"name":"oven","f":212.0}
