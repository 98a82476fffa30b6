import { resolve } from "node:path";
import type { InputEvent } from "../../api";
import { ticksFromUnixMillis } from "../../values";
import { compile, createJob } from "../engine";
import { createFunctionHost } from "../functions";
import { functionDeclarations, type InputDefinition, localInputs } from "../project";
import { fileEvents, loadInput, referenceRows } from "../run";
import { readTextFile } from "../settings";
import type { Arguments } from "./arguments";
import type { CliContext, ExitCode } from "./context";
import { findingOf, findingText } from "./findings";
import { findQuery } from "./queries";
import { fileInputs } from "./run";

export const benchOptions = {
  project: { type: "string" },
  events: { type: "string" },
  input: { type: "string", multiple: true },
  reference: { type: "string", multiple: true },
  format: { type: "string" },
  dialect: { type: "string", multiple: true },
} as const;

const batchSize = 1000;

/** `asa bench`: repeats the local data of a query's inputs until enough events have run, and reports the rate. */
export async function bench(args: Arguments, context: CliContext): Promise<ExitCode> {
  const { file, project } = findQuery(
    resolve(context.cwd, args.atMost(1).words[0] ?? "."),
    args.text("project"),
  );
  const text = readTextFile(file);
  const wanted = args.whole("events") ?? 200_000;
  const named = [
    ...fileInputs(args.pairs("input"), "stream", context.cwd, project),
    ...fileInputs(args.pairs("reference"), "reference", context.cwd, project),
  ];
  const others = localInputs(project?.inputs ?? []).filter(
    ({ alias, data }) =>
      data !== undefined && !named.some((input) => input.alias.toLowerCase() === alias.toLowerCase()),
  );
  const definitions: readonly InputDefinition[] = [...named, ...others];
  const inputs = await Promise.all(definitions.map(loadInput));
  const compileStart = performance.now();
  const { plan, diagnostics } = compile(text, {
    file,
    purpose: "local",
    inputs: inputs.map(({ definition: { alias, kind } }) => ({ alias, kind })),
    functions: functionDeclarations(project?.functions ?? []),
    dialect: args.pairs("dialect"),
  });
  const compileMs = performance.now() - compileStart;
  for (const diagnostic of diagnostics)
    context.err(`${findingText(findingOf(diagnostic, text, context.cwd))}\n`);
  if (plan === null) return 1;

  const functions = await createFunctionHost(project?.functions ?? []);
  let rows = 0;
  const job = createJob(plan, {
    mode: "file",
    policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: null, policy: "adjust" },
    fileRunStart: ticksFromUnixMillis(context.now()),
    functions,
    onRows: (batch) => {
      rows += batch.length;
    },
  });
  const streams = inputs.filter(
    ({ definition, events }) => definition.kind === "stream" && events.length > 0,
  );
  for (const input of inputs)
    if (input.definition.kind === "reference") job.setReference(input.definition.alias, referenceRows(input));
  const started = performance.now();
  let pushed = 0;
  while (pushed < wanted && streams.length > 0) {
    for (const input of streams) {
      const events: readonly InputEvent[] = fileEvents(input);
      for (let at = 0; at < events.length && pushed < wanted; at += batchSize) {
        const batch = events.slice(at, at + Math.min(batchSize, wanted - pushed));
        job.push(input.definition.alias, 0, batch);
        pushed += batch.length;
      }
    }
  }
  job.finish();
  const seconds = (performance.now() - started) / 1000;
  functions.dispose();
  const result = {
    events: pushed,
    rows,
    seconds: Number(seconds.toFixed(3)),
    eventsPerSecond: Math.round(pushed / Math.max(seconds, 1e-6)),
    compileMilliseconds: Number(compileMs.toFixed(1)),
    residentMegabytes: Math.round(process.memoryUsage().rss / 1024 / 1024),
  };
  context.out(
    args.choice("format", ["text", "json"]) === "json"
      ? `${JSON.stringify(result)}\n`
      : `${result.events} events in ${result.seconds} s: ${result.eventsPerSecond} events/s, ${result.rows} rows\n` +
          `compiled in ${result.compileMilliseconds} ms, ${result.residentMegabytes} MB resident\n`,
  );
  return 0;
}
