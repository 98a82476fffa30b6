import type { CompileOptions, Job, JobOptions, OutputLines, RuntimeDiagnostic } from "../../api";
import type { AsaRecord } from "../../values";
import type { AsaErrorCode } from "../engine";
import { AsaError, compilePlan, createJob } from "../engine";
import { createFunctionHost, type FunctionLimits, type JavaScriptFunctionHost } from "../functions";
import type { FunctionDefinition } from "../project";
import { type PackedRows, RowPacker } from "./rows";
import {
  eventsOf,
  liveValue,
  type PlainDiagnostic,
  type PlainEvents,
  type PlainValue,
  plainDiagnostic,
} from "./transfer";

/** What a thread needs to run lanes; plain data. */
export interface LaneSetup {
  readonly query: string;
  readonly compile: CompileOptions;
  readonly functions: readonly FunctionDefinition[];
  readonly functionLimits: FunctionLimits;
  readonly job: Pick<JobOptions, "mode" | "policies" | "fileRunStart" | "bodies" | "evaluator">;
  /** The lanes of this thread, and the number of partitions of each input in each of them. */
  readonly lanes: readonly { readonly lane: number; readonly partitions: Readonly<Record<string, number>> }[];
  readonly asLines: boolean;
}

/** One call of a lane's job. */
export type LaneCall =
  | {
      readonly kind: "push";
      readonly input: string;
      readonly partition: number;
      readonly events: PlainEvents;
    }
  | {
      readonly kind: "lines";
      readonly input: string;
      readonly partition: number;
      readonly lines: Uint8Array;
      readonly arrival: bigint;
    }
  | { readonly kind: "advance"; readonly input: string; readonly partition: number; readonly arrival: bigint }
  | {
      readonly kind: "reference";
      readonly input: string;
      readonly rows: readonly PlainValue[];
      readonly from: bigint | undefined;
    }
  | { readonly kind: "finish" }
  | { readonly kind: "snapshot" }
  | { readonly kind: "restore"; readonly snapshot: Uint8Array };

/** An error as plain data. */
export interface PlainError {
  readonly code: AsaErrorCode | null;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly location?: AsaError["location"];
}

/** What came of a call. */
export interface LaneAnswer {
  readonly rows: PackedRows | null;
  readonly lines: readonly OutputLines[];
  readonly diagnostics: readonly PlainDiagnostic[];
  readonly watermark: bigint | null;
  readonly snapshot: Uint8Array | null;
  /** Memory of the call's lines, which is free again. */
  readonly spent: ArrayBuffer | null;
  readonly error: PlainError | null;
}

/** Runs some lanes of a parallel job, each as a job of its own, in whatever thread it is in. */
export class LaneHost {
  private readonly jobs = new Map<number, Job>();
  private readonly rows = new RowPacker();
  private lines: OutputLines[] = [];
  private diagnostics: PlainDiagnostic[] = [];
  private readonly functions: JavaScriptFunctionHost;

  private constructor(setup: LaneSetup, functions: JavaScriptFunctionHost) {
    this.functions = functions;
    const plan = compilePlan(setup.query, setup.compile);
    for (const { lane, partitions } of setup.lanes) {
      const job = createJob(plan, {
        ...setup.job,
        partitions,
        functions,
        onRows: this.rows.add,
        ...(setup.asLines ? { onLines: (lines: OutputLines) => this.lines.push(copied(lines)) } : {}),
        onDiagnostic: (diagnostic: RuntimeDiagnostic) => this.diagnostics.push(plainDiagnostic(diagnostic)),
      });
      this.jobs.set(lane, job);
    }
  }

  static async open(setup: LaneSetup): Promise<LaneHost> {
    return new LaneHost(setup, await createFunctionHost(setup.functions, setup.functionLimits));
  }

  answer(lane: number, call: LaneCall): LaneAnswer {
    const job = this.jobs.get(lane)!;
    let snapshot: Uint8Array | null = null;
    let error: PlainError | null = null;
    try {
      snapshot = perform(job, call);
    } catch (thrown) {
      error = plainError(thrown);
    }
    const { diagnostics, lines } = this;
    this.diagnostics = [];
    this.lines = [];
    return {
      rows: this.rows.take(),
      lines,
      diagnostics,
      watermark: job.watermark,
      snapshot,
      spent: call.kind === "lines" ? (call.lines.buffer as ArrayBuffer) : null,
      error,
    };
  }

  close(): void {
    this.functions.dispose();
  }
}

const copied = ({ output, lines, rows }: OutputLines): OutputLines => ({
  output,
  lines: new Uint8Array(lines),
  rows,
});

function perform(job: Job, call: LaneCall): Uint8Array | null {
  switch (call.kind) {
    case "push":
      job.push(call.input, call.partition, eventsOf(call.events));
      return null;
    case "lines":
      job.pushLines(call.input, call.partition, call.lines, call.arrival);
      return null;
    case "advance":
      job.advance(call.input, call.partition, call.arrival);
      return null;
    case "reference": {
      const rows = call.rows.map((row) => liveValue(row) as AsaRecord);
      job.setReference(call.input, rows, call.from);
      return null;
    }
    case "finish":
      job.finish();
      return null;
    case "snapshot":
      return job.snapshot();
    case "restore":
      job.restore(call.snapshot);
      return null;
  }
}

function plainError(thrown: unknown): PlainError {
  if (thrown instanceof AsaError) {
    const { code, message, detail, hint, location } = thrown;
    return { code, message, detail, hint, location };
  }
  return { code: null, message: thrown instanceof Error ? thrown.message : String(thrown) };
}

export function errorOf({ code, message, detail, hint, location }: PlainError): Error {
  if (code === null) return new Error(message);
  return new AsaError(code, message, {
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(location === undefined ? {} : { location }),
  });
}
