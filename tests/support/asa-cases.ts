import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import {
  type AsaRecord,
  compile,
  createJob,
  formatDateTime,
  type InputEvent,
  type Job,
  type JobOptions,
  type LogicalPlan,
  type OutputRow,
  readJson,
} from "../../asa";
import { at, rowText, unlimited } from "./asa";

/** A query with the rows it gives for some events; texts hold one JSON object per line. */
export interface QueryCase {
  readonly name: string;
  readonly query: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly references?: Readonly<Record<string, string>>;
  /** Rows by output; `output` for a query without INTO. */
  readonly expected?: Readonly<Record<string, string>>;
  /** Kinds of the diagnostics; none where absent. */
  readonly diagnostics?: readonly string[];
  /** Code and a part of the message of the error that stops the job. */
  readonly error?: { readonly code: string; readonly message: string };
  readonly dialect?: Readonly<Record<string, string>>;
  /** Writes the time of every row into the expected lines as `time`. */
  readonly times?: boolean;
  /** False where the order of arrival decides the result, as without TIMESTAMP BY. */
  readonly anyOrder?: boolean;
}

/** Reads every case file of a folder: group by file name. */
export function readCases(
  folder: string,
): readonly (readonly [group: string, cases: readonly QueryCase[]])[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => [
      file.replace(/\.yaml$/, ""),
      parse(readFileSync(join(folder, file), "utf8")) as QueryCase[],
    ]);
}

const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line.trim() !== "");
const recordOf = (line: string): AsaRecord => readJson(line) as AsaRecord;
/** Rows are compared as the engine writes them, whatever blanks the file has. */
const normal = (line: string): string => {
  const record = recordOf(line);
  return rowText({ output: "", time: 0n, columns: record.names, values: record.values });
};

export function planOfCase({ query, references, inputs, dialect }: QueryCase): LogicalPlan {
  const { plan, diagnostics } = compile(query, {
    purpose: "local",
    inputs: [
      ...Object.keys(inputs ?? {}).map((alias) => ({ alias, kind: "stream" as const })),
      ...Object.keys(references ?? {}).map((alias) => ({ alias, kind: "reference" as const })),
    ],
    ...(dialect === undefined ? {} : { dialect }),
  });
  if (plan === null)
    throw new Error(diagnostics.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  return plan;
}

/** Ways to run a case; each has to give the same rows. */
export const ways = [
  "generated",
  "interpreter",
  "one by one",
  "shuffled",
  "two partitions",
  "restored in the middle",
] as const;
export type Way = (typeof ways)[number];

/** Returns the rows of each output as sorted lines, and the kinds of the diagnostics. */
export function runCase(
  plan: LogicalPlan,
  test: QueryCase,
  way: Way,
): { readonly rows: Record<string, readonly string[]>; readonly diagnostics: readonly string[] } {
  const rows: OutputRow[] = [];
  const diagnostics: string[] = [];
  const partitions = way === "two partitions" ? 2 : 1;
  const options: JobOptions = {
    mode: "file",
    policies: unlimited,
    fileRunStart: at("2026-01-01T00:00:00Z"),
    partitions: Object.fromEntries(Object.keys(test.inputs ?? {}).map((alias) => [alias, partitions])),
    evaluator: way === "interpreter" ? "interpreter" : "generated",
    onRows: (batch) => rows.push(...batch),
    onDiagnostic: (diagnostic) => diagnostics.push(diagnostic.kind),
  };
  const open = (): Job => {
    const job = createJob(plan, options);
    for (const [alias, text] of Object.entries(test.references ?? {}))
      job.setReference(alias, linesOf(text).map(recordOf));
    return job;
  };
  let job = open();
  const encoder = new TextEncoder();
  for (const [alias, text] of Object.entries(test.inputs ?? {})) {
    const events = linesOf(text).map((line): InputEvent => ({ body: encoder.encode(line), arrival: 0n }));
    if (way === "shuffled") events.reverse();
    if (way === "generated" || way === "interpreter") job.push(alias, 0, events);
    else {
      for (const [index, event] of events.entries()) {
        if (way === "restored in the middle" && index === Math.ceil(events.length / 2)) {
          const snapshot = job.snapshot();
          // What the reference data lacks has been told before.
          const told = diagnostics.length;
          job = open();
          diagnostics.length = told;
          job.restore(snapshot);
        }
        job.push(alias, index % partitions, [event]);
      }
    }
  }
  job.finish();
  const byOutput: Record<string, string[]> = {};
  for (const row of rows) {
    byOutput[row.output] ??= [];
    byOutput[row.output]?.push(test.times === true ? timed(row) : rowText(row));
  }
  for (const lines of Object.values(byOutput)) lines.sort();
  return { rows: byOutput, diagnostics: diagnostics.sort() };
}

const timed = (row: OutputRow): string =>
  rowText({ ...row, columns: ["time", ...row.columns], values: [formatDateTime(row.time), ...row.values] });

/** Expected rows in the form of `runCase`. */
export function expectedRows(test: QueryCase): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(test.expected ?? {})
      .map(([output, text]) => [output, linesOf(text).map(normal).sort()] as const)
      .filter(([, lines]) => lines.length > 0),
  );
}
