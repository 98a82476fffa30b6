import { spawn } from "node:child_process";

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs terraform in a folder; the environment is given whole. @throws OfflinePlanError OFFLINE_PLAN_NO_TERRAFORM */
export function runTerraform(
  folder: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn("terraform", [...args], {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", (cause) =>
      reject(
        new OfflinePlanError(
          "OFFLINE_PLAN_NO_TERRAFORM",
          `terraform cannot be started: ${cause.message}`,
          "install terraform 1.11 or later",
        ),
      ),
    );
    child.on("close", (code) =>
      resolve({
        code: code ?? 1,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
      }),
    );
  });
}

/** A reason why no plan can be made at all. */
export class OfflinePlanError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.name = "OfflinePlanError";
    this.code = code;
    this.hint = hint;
  }
}

/** One message of terraform or of a provider. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  /** `<type>.<name>` of the resource; empty when the message belongs to none. */
  readonly address: string;
}

interface RawDiagnostic {
  readonly severity: string;
  readonly summary: string;
  readonly detail?: string;
  readonly address?: string;
  readonly snippet?: { readonly context?: string };
}

function diagnostic(raw: RawDiagnostic): Diagnostic {
  const context = /^resource\.([\w-]+\.[\w-]+)/.exec(raw.snippet?.context ?? "")?.[1];
  return {
    severity: raw.severity === "warning" ? "warning" : "error",
    summary: raw.summary,
    detail: raw.detail ?? "",
    address: raw.address ?? context ?? "",
  };
}

/** Messages of `terraform validate -json`. */
export function validateDiagnostics(stdout: string): Diagnostic[] {
  const parsed = JSON.parse(stdout) as { diagnostics?: RawDiagnostic[] };
  return (parsed.diagnostics ?? []).map(diagnostic);
}

/** Messages of `terraform plan -json`: one JSON object a line. */
export function planDiagnostics(stdout: string): Diagnostic[] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { type?: string; diagnostic?: RawDiagnostic })
    .flatMap(({ type, diagnostic: raw }) =>
      type === "diagnostic" && raw !== undefined ? [diagnostic(raw)] : [],
    );
}
