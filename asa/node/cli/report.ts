import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { CliContext } from "./context";
import { type Finding, findingText, shownPath } from "./findings";
import { junitReport } from "./junit";
import { sarifLog } from "./sarif";

export type ReportFormat = "text" | "sarif" | "junit";

/** Writes a report to its file, or to standard output when no file is named. */
export function writeReport(text: string, file: string | undefined, context: CliContext): void {
  if (file === undefined) {
    context.out(text);
    return;
  }
  const path = resolve(context.cwd, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Reports findings about query files; files without any are named as fine. */
export function writeFindings(
  findings: readonly Finding[],
  checked: readonly string[],
  format: ReportFormat,
  reportFile: string | undefined,
  context: CliContext,
): void {
  if (format === "sarif") {
    writeReport(sarifLog(findings), reportFile, context);
  } else if (format === "junit") {
    const cases = checked.map((file) => {
      const shown = shownPath(file, context.cwd);
      const wrong = findings.filter((finding) => finding.file === shown && finding.severity === "error");
      return {
        name: shown,
        seconds: 0,
        ...(wrong.length === 0 ? {} : { failure: wrong.map(findingText).join("\n") }),
      };
    });
    const others = findings.filter(
      ({ file }) => !checked.some((path) => shownPath(path, context.cwd) === file),
    );
    writeReport(
      junitReport("asa check", [
        ...cases,
        ...others.map((finding) => ({
          name: finding.file ?? finding.code,
          seconds: 0,
          error: findingText(finding),
        })),
      ]),
      reportFile,
      context,
    );
  } else {
    const errors = findings.filter(({ severity }) => severity === "error").length;
    const texts = findings.map((finding) => `${findingText(finding)}\n\n`).join("");
    const queries = `${checked.length} ${checked.length === 1 ? "query" : "queries"}`;
    const warnings = findings.length - errors;
    writeReport(
      `${texts}${queries} checked: ${counted(errors, "error")}, ${counted(warnings, "warning")}\n`,
      reportFile,
      context,
    );
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
