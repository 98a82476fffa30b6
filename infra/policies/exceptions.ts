import type { Finding } from "../checks/finding";
import register from "./exceptions.json";

/** A rule that a part of the platform may break, and why. */
export interface Exception {
  /** Name of the check. */
  readonly check: string;
  /** Construct path without the stage, as `lake/account`; `*` stands for any part of it. */
  readonly path: string;
  /** Stages in which the rule is broken there: exactly these. */
  readonly stages: readonly string[];
  readonly reason: string;
}

/** The register of exceptions; docs/exceptions.md shows it. */
export const exceptions = register as readonly Exception[];

const matcher = (path: string): RegExp =>
  new RegExp(
    `^${path
      .split("*")
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  );

/** Whether an exception covers a finding of a stage. */
export function covers(exception: Exception, finding: Finding, stage: string): boolean {
  if (exception.check !== finding.check || !exception.stages.includes(stage)) return false;
  const path = finding.path.startsWith(`${stage}-`) ? finding.path.slice(stage.length + 1) : finding.path;
  return matcher(exception.path).test(path);
}

/**
 * Takes the findings that the register allows away. Every exception must be used in each stage that it names: an unused
 * one is a finding itself, so that the register says exactly what is broken.
 */
export function applyExceptions(
  findings: ReadonlyMap<string, readonly Finding[]>,
  register: readonly Exception[] = exceptions,
): { readonly left: Finding[]; readonly waived: Finding[] } {
  const left: Finding[] = [];
  const waived: Finding[] = [];
  const used = new Set<string>();
  for (const [stage, list] of findings) {
    for (const finding of list) {
      const at = register.findIndex((exception) => covers(exception, finding, stage));
      if (at < 0) left.push(finding);
      else {
        waived.push(finding);
        used.add(`${at}|${stage}`);
      }
    }
  }
  for (const [at, exception] of register.entries()) {
    for (const stage of exception.stages) {
      if (!findings.has(stage) || used.has(`${at}|${stage}`)) continue;
      left.push({
        check: "exceptions.unused",
        stack: stage,
        address: exception.check,
        path: exception.path,
        message: `the exception for ${exception.check} at "${exception.path}" is not needed in stage "${stage}"`,
        hint: "take the stage out of infra/policies/exceptions.json",
      });
    }
  }
  return { left, waived };
}

/** The page that shows the register. */
export function exceptionsPage(register: readonly Exception[] = exceptions): string {
  const rows = [...register].sort((a, b) => a.check.localeCompare(b.check) || a.path.localeCompare(b.path));
  return [
    "# Exceptions",
    "",
    "Rules that a part of the platform breaks on purpose, from `infra/policies/exceptions.json`. The register matches exactly:",
    "`npm run check:infra` fails on a broken rule that is not here, and on an entry that nothing needs. Ids that begin with CKV are",
    "checkov's; `npm run check:checkov` holds its own findings against the same register.",
    "",
    "| rule | where | stages | why |",
    "|---|---|---|---|",
    ...rows.map(
      ({ check, path, stages, reason }) => `| ${check} | \`${path}\` | ${stages.join(", ")} | ${reason} |`,
    ),
    "",
  ].join("\n");
}
