import { jobNamed, type StreamJob, topology } from "../../contracts";
import { LocalError } from "../process/errors";
import { defaultDataDir, RunningPlatform, readArguments } from "./running";
import { moment } from "./values";

export const queryHelp = `npm run local -- query JOB KEY [options]     closed windows, merged from batch and real time

  --grain device    device, line (key FACTORY~LINE) or factory
  --window 1m       1m or 5m
  --from ISO        windows that end after this moment (default: an hour before --to)
  --to ISO          windows that end at or before it (default: now on the platform clock)
  --version v1      job version (default: the one that serves)
  --json            the API's answer as it is
  --data DIR        data folder of the platform (default .data/local)

example: npm run local -- query factory-aggregates press-0001 --window 5m
`;

interface Answer {
  readonly windows: readonly {
    readonly start: string;
    readonly end: string;
    readonly values: Readonly<Record<string, number>>;
    readonly source: string;
    readonly version: string;
    readonly asOf: string;
  }[];
}

const hourMs = 3_600_000;

function definitionOf(name: string): StreamJob {
  const names = [...new Set(topology.jobs.map((job) => job.name))];
  if (!names.includes(name)) {
    throw new LocalError("LOCAL_USAGE", `there is no job "${name}"`, { hint: `jobs: ${names.join(", ")}` });
  }
  return jobNamed(name);
}

export async function queryVerb(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(
    args,
    {
      grain: { type: "string" },
      window: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      version: { type: "string" },
      json: { type: "boolean" },
      data: { type: "string" },
    },
    true,
  );
  const [job, key] = positionals;
  if (job === undefined || key === undefined) {
    throw new LocalError("LOCAL_USAGE", "query needs a job and a key", {
      hint: "for example: query factory-aggregates press-0001",
    });
  }
  const defaults = definitionOf(job);
  const platform = RunningPlatform.find(values.data ?? defaultDataDir);
  const toMs =
    values.to === undefined ? Date.parse((await platform.state()).clock.nowIso) : moment("to", values.to);
  const fromMs = values.from === undefined ? toMs - hourMs : moment("from", values.from);
  const query = new URLSearchParams({
    grain: values.grain ?? defaults.grains[0]!,
    window: values.window ?? defaults.windows[0]!,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    ...(values.version !== undefined && { version: values.version }),
  });
  const path = `/api/views/${encodeURIComponent(job)}/${encodeURIComponent(key)}?${query}`;
  const answer = (await platform.call("GET", path)) as Answer;
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
    return 0;
  }
  process.stdout.write(
    `${"end".padEnd(30)}${"source".padEnd(10)}${"version".padEnd(9)}${"count".padStart(8)}${"avg degC".padStart(10)}${"max degC".padStart(10)}${"max mm/s".padStart(10)}  as of\n`,
  );
  for (const { end, source, version, asOf, values: v } of answer.windows) {
    const average = (v["temperatureSum"]! / v["count"]!).toFixed(2);
    process.stdout.write(
      `${end.padEnd(30)}${source.padEnd(10)}${version.padEnd(9)}${String(v["count"]).padStart(8)}${average.padStart(10)}${v["temperatureMax"]!.toFixed(2).padStart(10)}${v["vibrationMax"]!.toFixed(2).padStart(10)}  ${asOf}\n`,
    );
  }
  process.stderr.write(`${answer.windows.length} windows\n`);
  return 0;
}
