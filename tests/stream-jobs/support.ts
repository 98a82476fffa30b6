import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { compile, createJob } from "../../asa";
import type { OutputRow, RuntimeDiagnostic, TimePolicies } from "../../asa/api";
import { loadProject, queryFileOf } from "../../asa/node";
import { writeJsonObject } from "../../asa/values";
import { ticksFromUnixMs } from "../../contracts";
import type { StoredMessage } from "./oracle";

export const root = resolve(__dirname, "../..");

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Runs a job's query over messages in order of arrival, with the policies of its JobConfig.json. */
export function runJob(
  folder: string,
  messages: readonly StoredMessage[],
  options: { readonly mode: "file" | "replay"; readonly partitions?: number; readonly input?: string },
): { readonly rows: OutputRow[]; readonly diagnostics: RuntimeDiagnostic[] } {
  const project = loadProject(join(root, folder));
  const { plan, diagnostics: findings } = compile(readFileSync(queryFileOf(project), "utf8"), {
    purpose: "local",
  });
  if (plan === null) throw new Error(findings.map(({ message }) => message).join("\n"));
  const rows: OutputRow[] = [];
  const diagnostics: RuntimeDiagnostic[] = [];
  const input = options.input ?? "telemetry";
  const unlimited: TimePolicies = {
    lateToleranceTicks: null,
    outOfOrderToleranceTicks: null,
    policy: "adjust",
  };
  const job = createJob(plan, {
    mode: options.mode,
    policies: options.mode === "file" ? unlimited : project.settings.policies,
    partitions: { [input]: options.partitions ?? 1 },
    onRows: (batch) => rows.push(...batch),
    onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
  });
  const sequences: bigint[] = [];
  for (const message of [...messages].sort((a, b) => a.arrival - b.arrival)) {
    const partition = options.mode === "file" ? 0 : message.partition;
    const sequence = sequences[partition] ?? 0n;
    sequences[partition] = sequence + 1n;
    const arrival = ticksFromUnixMs(message.arrival);
    const event =
      options.mode === "file"
        ? { body: encode(message.body), arrival }
        : {
            body: encode(message.body),
            arrival,
            metadata: { partition, sequence, offset: String(sequence) },
          };
    job.push(input, partition, [event]);
  }
  job.finish();
  return { rows, diagnostics };
}

/** A row as plain values: times as 7-digit text, integers and floats as numbers. */
export function plainRow(row: OutputRow): Record<string, unknown> {
  return JSON.parse(rowText(row)) as Record<string, unknown>;
}

function rowText({ columns, values }: OutputRow): string {
  return writeJsonObject(columns, values);
}
