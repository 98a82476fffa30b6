import {
  type AsaRecord,
  type CompileOptions,
  compile,
  createJob,
  type InputEvent,
  type Job,
  type JobOptions,
  type LogicalPlan,
  type OutputRow,
  parseDateTime,
  type RuntimeDiagnostic,
  readJson,
  type TimePolicies,
  writeJsonObject,
} from "../../asa";

/** Policies of a file run: nothing is late. */
export const unlimited: TimePolicies = {
  lateToleranceTicks: null,
  outOfOrderToleranceTicks: null,
  policy: "adjust",
};

/** Ticks of ISO text; text without a date is a time of 2026-01-01. */
export function at(text: string): bigint {
  const ticks = parseDateTime(text.includes("-") ? text : `2026-01-01T${text}Z`);
  if (ticks === null) throw new Error(`no datetime: ${text}`);
  return ticks;
}

/** An event body from JSON text. */
export const event = (body: string, arrival: bigint = 0n): InputEvent => ({
  body: readJson(body) as AsaRecord,
  arrival,
});

/** Compiles a query or fails with its findings. */
export function planOf(query: string, options: CompileOptions = {}): LogicalPlan {
  const { plan, diagnostics } = compile(query, { purpose: "local", ...options });
  if (plan === null)
    throw new Error(diagnostics.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  return plan;
}

/** A row as the tests print it: time (when asked for) and JSON. */
export const rowText = (row: OutputRow): string => writeJsonObject(row.columns, row.values);

export interface Started {
  readonly job: Job;
  readonly rows: OutputRow[];
  readonly diagnostics: RuntimeDiagnostic[];
}

/** Starts a job that keeps its rows and diagnostics. */
export function start(
  query: string | LogicalPlan,
  options: Partial<JobOptions> = {},
  compileOptions: CompileOptions = {},
): Started {
  const rows: OutputRow[] = [];
  const diagnostics: RuntimeDiagnostic[] = [];
  const job = createJob(typeof query === "string" ? planOf(query, compileOptions) : query, {
    mode: "file",
    policies: unlimited,
    fileRunStart: at("00:00:00"),
    onRows: (batch) => rows.push(...batch),
    onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
    ...options,
  });
  return { job, rows, diagnostics };
}

/** Runs a query over JSON events of one input in file mode and returns its rows as JSON text. */
export function runFile(
  query: string,
  events: readonly string[],
  options: {
    readonly input?: string;
    readonly compile?: CompileOptions;
    readonly references?: Record<string, string[]>;
  } = {},
): string[] {
  const { job, rows } = start(query, {}, options.compile);
  for (const [input, lines] of Object.entries(options.references ?? {})) {
    job.setReference(
      input,
      lines.map((line) => readJson(line) as AsaRecord),
    );
  }
  job.push(
    options.input ?? "input",
    0,
    events.map((body) => event(body)),
  );
  job.finish();
  return rows.map(rowText);
}

export const later = (a: bigint, b: bigint): bigint => (b > a ? b : a);
export const earlier = (a: bigint, b: bigint): bigint => (b < a ? b : a);
