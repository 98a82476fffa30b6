import { compile } from "../../../asa";

export interface QueryAliases {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Checks a job's text as the service would, and its aliases against the job's inputs and outputs.
 * @throws Error INFRA_JOB_QUERY with every finding: errors of the query, aliases without an input or output, outputs that
 * no query writes
 */
export function checkedQuery(file: string, text: string, aliases: QueryAliases): string {
  const { diagnostics, plan } = compile(text, {
    file,
    inputs: aliases.inputs.map((alias) => ({ alias, kind: "stream" })),
    outputs: aliases.outputs,
    purpose: "check",
  });
  const findings = diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ code, message, range }) => `${file}:${range.line}:${range.column} ${code} ${message}`);
  if (plan !== null) {
    const written = new Set(
      [...text.matchAll(/\bINTO\s+\[?([A-Za-z][\w-]*)\]?/gi)].map((match) => match[1]!.toLowerCase()),
    );
    for (const output of aliases.outputs) {
      if (!written.has(output.toLowerCase()))
        findings.push(`${file} output "${output}" is written by no query`);
    }
  }
  if (findings.length > 0) throw new Error(`INFRA_JOB_QUERY: ${findings.join("\n  ")}`);
  return text;
}
