import { cpus, totalmem } from "node:os";
import type { BrokerMeasure } from "./broker";
import type { LatencyMeasure, measureFirstWindow, SustainedMeasure } from "./measures";

export interface PlatformResults {
  readonly date: string;
  /** Load average of the machine before the first measure: what else ran. */
  readonly loadBefore: number;
  readonly firstWindow: Awaited<ReturnType<typeof measureFirstWindow>>;
  readonly latency: readonly LatencyMeasure[];
  readonly sustained: readonly SustainedMeasure[];
  readonly broker: readonly BrokerMeasure[];
}

const bucketEdgesMs = [5, 10, 20, 30, 50, 75, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** The value below which the share of the sorted samples lies; null without samples. */
export function quantile(sorted: readonly number[], share: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] as number;
}

function number(value: number | null | undefined, digits = 0): string {
  return value == null ? "-" : value.toLocaleString("en", { maximumFractionDigits: digits });
}

function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${first?.model.trim() ?? "unknown"}), ${memory} GB, Node ${process.versions.node}, ${process.platform}`;
}

function histogram(samples: readonly number[]): string[] {
  const counts = bucketEdgesMs.map(
    (edge, index) => samples.filter((ms) => ms <= edge && ms > (bucketEdgesMs[index - 1] ?? 0)).length,
  );
  const most = Math.max(1, ...counts);
  return counts.flatMap((count, index) =>
    count === 0
      ? []
      : `${`<= ${bucketEdgesMs[index]} ms`.padStart(12)} ${String(count).padStart(6)} ${"#".repeat(Math.ceil((count / most) * 40))}`,
  );
}

function latencySection(measure: LatencyMeasure): string[] {
  const sorted = [...measure.latenciesMs].sort((a, b) => a - b);
  return [
    `### ${number(measure.asked)} messages/s asked, ${number(measure.reached)}/s reached`,
    "",
    "```",
    ...histogram(sorted),
    "```",
    "",
  ];
}

function processorSection(latency: readonly LatencyMeasure[]): string[] {
  const names = [
    ...new Set(latency.flatMap(({ processorMicroseconds }) => [...processorMicroseconds.keys()])),
  ];
  const row = (name: string, of: (measure: LatencyMeasure) => number | undefined) =>
    `| ${name} | ${latency.map((measure) => number(of(measure), 1)).join(" | ")} |`;
  const sum = ({ processorMicroseconds }: LatencyMeasure) =>
    [...processorMicroseconds.values()].reduce((total, each) => total + each, 0);
  return [
    `| process | ${latency.map(({ reached }) => `at ${number(reached)}/s`).join(" | ")} |`,
    `|---|${latency.map(() => "---|").join("")}`,
    ...names.map((name) => row(name, ({ processorMicroseconds }) => processorMicroseconds.get(name))),
    row("all", sum),
  ];
}

/** The text of docs/benchmarks-platform.md. */
export function resultsPage(results: PlatformResults): string {
  const latencyRows = results.latency.map((measure) => {
    const sorted = [...measure.latenciesMs].sort((a, b) => a - b);
    const cells = [0.5, 0.99, 0.999].map((share) => number(quantile(sorted, share), 1));
    const { stateMs } = measure;
    return `| ${number(measure.asked)} | ${number(measure.reached)} | ${cells.join(" | ")} | ${sorted.length} | ${measure.missing} | ${number(stateMs?.p50)} / ${number(stateMs?.p99)} | ${number(measure.peakMemoryMb)} | ${number(measure.load, 1)} |`;
  });
  const sustainedRows = results.sustained.map(({ options, report, exitCode, load }) => {
    const { accounting, eventsPerSecond, peakMemoryMb, seconds } = report ?? {};
    const rate = options[options.indexOf("--rate") + 1];
    return `| ${number(Number(rate))} | ${number(eventsPerSecond)} | ${number(accounting?.sent)} | ${number(accounting?.lost)} | ${number(accounting?.double)} | ${number(peakMemoryMb)} | ${number(seconds)} | ${report === undefined ? `no report, exit code ${exitCode}` : report.failures.length === 0 ? "closes" : report.failures.join("; ")} | ${number(load, 1)} |`;
  });
  return `${[
    "# Platform benchmarks",
    "",
    "Written by `npm run bench -- platform`; reported, never asserted. Aims: p99 below 50 ms from device to state at 10,000 messages/s, 50,000 messages/s sustained",
    "with nothing lost, the first window within 60 s, less than 1,500 MB without Spark.",
    "",
    `- Machine: ${machine()}`,
    `- Date: ${results.date}; load average before the first measure: ${number(results.loadBefore, 1)}`,
    "- Everything runs on that machine: devices, producers, all servers, and what measures. A load average well above 0 before the start means that other work took its share of the cores, and that a quiet machine would do better.",
    "",
    "## Device to Cosmos DB state",
    "",
    "Real time (`--speed 1x`), 200 devices of which 10 speak MQTT, the others AMQP, the batch layer off. Four probe devices send one reading each 100 ms through",
    "the official SDK, at fixed moments, and look at their state by point reads every 5 ms; the latency runs from the call that sends to the read that sees",
    `the state. The first ${10} s are warm-up. "Append to state" is what the platform itself measures for all messages, from the append in the hub's log to the stored state.`,
    "",
    "| asked /s | reached /s | p50 ms | p99 ms | p99.9 ms | readings | not seen in 10 s | append to state p50 / p99 ms | peak memory MB | load average |",
    "|---|---|---|---|---|---|---|---|---|---|",
    ...latencyRows,
    "",
    ...results.latency.flatMap(latencySection),
    "## Where the time goes",
    "",
    "Processor time per message sent, microseconds, by process, during the measures above. `simulator` is the load itself: producers and devices on the",
    "official SDKs. Each message is read by three functions, the stream job and Capture; the probes' own part is in `event-hubs` and `cosmos`.",
    "Two cores give 2,000,000 microseconds a second: their quotient with the last line is the most that this machine can carry.",
    "",
    ...processorSection(results.latency),
    "",
    "## Event Hubs server alone",
    "",
    "Events with bodies of 200 bytes, server and client in one process.",
    "",
    "| way | events/s | CPU µs/event, client and server |",
    "|---|---|---|",
    ...results.broker.map(
      ({ way, eventsPerSecond, cpuMicrosecondsPerEvent }) =>
        `| ${way} | ${number(eventsPerSecond)} | ${number(cpuMicrosecondsPerEvent, 1)} |`,
    ),
    "",
    "## Sustained rate with nothing lost",
    "",
    "An unattended run: AMQP producers through the official SDK, everything behind them, and the accounting at the end by id. The clock waits for slow parts, so that the",
    "rate reached is what this machine sustains. Memory is without Spark.",
    "",
    "| asked /s | reached /s | sent | lost | double | peak memory MB | seconds in all | accounting | load average |",
    "|---|---|---|---|---|---|---|---|---|",
    ...(sustainedRows.length > 0 ? sustainedRows : ["| not measured in this run | | | | | | | | |"]),
    "",
    "## Cold start",
    "",
    `\`up --speed 10x\` with nothing on disk and dependencies installed: ${number(results.firstWindow.seconds, 1)} s to the first window on the page (a minute of event time takes 6 s of them).`,
  ].join("\n")}\n`;
}
