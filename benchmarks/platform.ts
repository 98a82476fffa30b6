import { readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findRepository } from "../local/supervisor/settings";
import { type BrokerMeasure, measureBroker } from "./platform/broker";
import {
  type LatencyMeasure,
  measureFirstWindow,
  measureLatency,
  measureSustained,
  type SustainedMeasure,
} from "./platform/measures";
import { resultsPage } from "./platform/results-page";

const help = `npm run bench -- platform [options]     measures the platform and writes docs/benchmarks-platform.md

  --rates 2000,10000      messages per second under which latency is measured
  --seconds 25            of each measure
  --sustained 10000       messages per second asked of an unattended run
  --out FILE              another place for the page
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rates: { type: "string", default: "2000,10000" },
      seconds: { type: "string", default: "25" },
      sustained: { type: "string", default: "10000" },
      out: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    console.log(help);
    return;
  }
  const seconds = Number(values.seconds);
  const numbers = (text: string) => text.split(",").filter(Boolean).map(Number);
  const loadBefore = loadavg()[0] as number;

  const path = values.out ?? join(findRepository(), "docs/benchmarks-platform.md");
  const latency: LatencyMeasure[] = [];
  const sustained: SustainedMeasure[] = [];
  let broker: readonly BrokerMeasure[] = [];
  const date = new Date().toISOString().slice(0, 10);

  console.error("cold start ...");
  const firstWindow = await measureFirstWindow();
  // After each measure, so that an interrupted run leaves what it has.
  const write = () =>
    writeFileSync(path, resultsPage({ date, loadBefore, firstWindow, latency, sustained, broker }));
  write();
  for (const rate of numbers(values.rates)) {
    console.error(`latency at ${rate}/s ...`);
    latency.push(await measureLatency(rate, seconds));
    write();
  }
  console.error("the Event Hubs server alone ...");
  broker = await measureBroker();
  write();
  for (const rate of numbers(values.sustained)) {
    console.error(`sustained rate, asking for ${rate}/s ...`);
    sustained.push(await measureSustained(rate, seconds));
    write();
  }
  console.log(readFileSync(path, "utf8"));
}

// A platform that was started must not outlive an interrupted measure: its process ends with this one.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
