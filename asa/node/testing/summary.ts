import type { CaseResult, OutputVerdict, TestResult } from "./run-tests";

/** The official `testResultSummary.json`: totals, and for each case its outputs by verdict. Times are milliseconds. */
export function testResultSummary({ script, cases }: TestResult): object {
  return {
    Total: cases.length,
    Passed: cases.filter(({ passed }) => passed).length,
    Failed: cases.filter(({ passed }) => !passed).length,
    Script: script,
    Results: cases.map((result) => ({
      Name: result.name,
      Status: result.passed ? 0 : 1,
      Time: Math.round(result.milliseconds),
      OutputMatched: entries(result, "Matched"),
      OutputNotEqual: entries(result, "NotEqual"),
      OutputMissing: entries(result, "Missing"),
      OutputUnexpected: entries(result, "Unexpected"),
      OutputUnrequired: entries(result, "Unrequired"),
    })),
    Time: Math.round(cases.reduce((sum, { milliseconds }) => sum + milliseconds, 0)),
  };
}

function entries({ outputs }: CaseResult, verdict: OutputVerdict): object[] {
  return outputs
    .filter((output) => output.verdict === verdict)
    .map(({ alias, expectedFile, file }) => ({
      OutputAlias: alias,
      ExpectedOutput: expectedFile ?? null,
      Output: file ?? null,
    }));
}
