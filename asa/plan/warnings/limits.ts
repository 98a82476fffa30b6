import type { WarningContext } from "./context";

const most = 60;

/** The service allows 60 inputs, outputs and functions per job. */
export function jobLimits({ script, plan, options, diagnostics }: WarningContext): void {
  const inputs = new Set(
    plan.relations.flatMap((relation) => ("input" in relation ? [relation.input.toLowerCase()] : [])),
  );
  const outputs = new Set(plan.outputs.map((output) => output.name.toLowerCase()));
  const counts = { inputs: inputs.size, outputs: outputs.size, functions: options.functions?.length ?? 0 };
  for (const [what, count] of Object.entries(counts)) {
    if (count <= most) continue;
    diagnostics.warning(
      "ASA_LIMIT",
      `the job has ${count} ${what}, the service allows ${most}`,
      script.range,
      {
        hint: "Split the job.",
      },
    );
  }
}
