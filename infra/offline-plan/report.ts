import type { SynthesisedStage } from "../checks";
import type { StackPlan } from "./planner";
import type { Diagnostic } from "./terraform";
import register from "./warnings.json";

/** A warning of a provider that the project accepts. */
export interface AcceptedWarning {
  /** Part of the warning's summary or detail. */
  readonly text: string;
  readonly reason: string;
}

const accepted = register as readonly AcceptedWarning[];

/** Whether a warning has a reason in the register. */
export const isAccepted = (
  { summary, detail }: Diagnostic,
  warnings: readonly AcceptedWarning[] = accepted,
): boolean => warnings.some(({ text }) => summary.includes(text) || detail.includes(text));

/** Rows of equal width, the first one a heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The plans of a stage as one table, with every message under the construct that it is about. */
export function planReport(stage: SynthesisedStage, plans: readonly StackPlan[]): string {
  const rows = [["stack", "add", "change", "replace", "destroy", "warnings", "errors"]];
  const lines: string[] = [];
  for (const plan of plans) {
    const errors = plan.diagnostics.filter(({ severity }) => severity === "error");
    const warnings = plan.diagnostics.filter(({ severity }) => severity === "warning");
    const counts = [
      plan.toAdd,
      plan.toChange,
      plan.toReplace,
      plan.toDestroy,
      warnings.length,
      errors.length,
    ];
    rows.push([plan.stack, ...counts.map(String)]);
    for (const each of plan.diagnostics) {
      const path = stage.byKey.get(`${plan.stack}:${each.address}`)?.path ?? plan.stack;
      const reasoned = each.severity === "warning" && isAccepted(each) ? " (accepted)" : "";
      lines.push(
        `${each.severity}${reasoned}: ${path}${each.address && ` (${each.address})`}: ${each.summary}`,
      );
      if (each.detail !== "") lines.push(`    ${each.detail.replaceAll("\n", "\n    ")}`);
    }
    for (const { address, forcedBy } of plan.replaced) {
      const path = stage.byKey.get(`${plan.stack}:${address}`)?.path ?? address;
      lines.push(
        `replace: ${path} (${address}), forced by ${forcedBy.join(", ") || "a resource that it depends on"}`,
      );
    }
  }
  return [table(rows), ...lines].join("\n");
}

/** Whether a plan has an error, or a warning without a reason. */
export const hasProblem = ({ diagnostics }: StackPlan): boolean =>
  diagnostics.some((each) => each.severity === "error" || !isAccepted(each));
