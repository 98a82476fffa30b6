import type { WarningContext } from "./context";

/** A WITH step that nothing reads costs nothing and gives nothing. */
export function unusedSteps({ script, environment, diagnostics }: WarningContext): void {
  for (const step of script.steps) {
    if (environment.usedSteps.has(step.name.text.toLowerCase())) continue;
    diagnostics.warning("ASA_UNUSED_STEP", `step "${step.name.text}" is never read`, step.name.range, {
      hint: "Remove it, or select from it.",
    });
  }
}

/** A CREATE TABLE whose input nothing reads has no effect. */
export function unusedTables({ script, environment, diagnostics }: WarningContext): void {
  for (const table of script.tables) {
    if (environment.usedInputs.has(table.name.text.toLowerCase())) continue;
    diagnostics.warning(
      "ASA_UNUSED_INPUT",
      `no statement reads input "${table.name.text}"`,
      table.name.range,
      {
        hint: "Remove CREATE TABLE, or read the input.",
      },
    );
  }
}
