import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { once } from "./asa/measure";
import { circumstances, one, thousands, writeSection } from "./asa/page";

const jobs = [
  "factory-aggregates/v1",
  "factory-aggregates/v2",
  "factory-outliers/v1",
  "factory-quality/v1",
  "factory-spikes/v1",
];
const partitions = 4;

/** CPU microseconds of a message between two sizes of input; making the messages is taken off. */
function slope(job: string, events: number): { readonly micros: number; readonly megabytes: number } {
  const run = (name: string | null, count: number) =>
    once("run-stream-job", { job: name, events: count, partitions });
  const few = Math.round(events / 4);
  const [small, large] = [run(job, few), run(job, events)];
  const [made, allMade] = [run(null, few), run(null, events)];
  const cpu = large.cpuSeconds - small.cpuSeconds - (allMade.cpuSeconds - made.cpuSeconds);
  return { micros: (cpu / (events - few)) * 1e6, megabytes: large.residentMegabytes };
}

/** Measures the platform's jobs over messages as their live input has them, and writes them into docs/benchmarks.md. */
function main(): void {
  const { values } = parseArgs({
    options: {
      events: { type: "string", default: "240000" },
      page: { type: "string", default: resolve(__dirname, "../../docs/benchmarks.md") },
    },
  });
  const events = Number(values.events);
  const lines = jobs.map((job) => {
    const { micros, megabytes } = slope(job, events);
    return `| ${job.replace("/", " ")} | ${one(micros)} | ${thousands(megabytes)} |`;
  });
  const text = [
    circumstances(`npm run bench -- asa-jobs --events ${events}`),
    "",
    "| job | CPU µs/message | peak RSS MB |",
    "|---|--:|--:|",
    ...lines,
  ].join("\n");
  console.log(text);
  writeSection(values.page, "asa-jobs", text);
}

if (require.main === module) main();
