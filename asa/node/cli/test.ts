import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { AsaToolError } from "../errors";
import { readTextFile } from "../settings";
import {
  type CaseResult,
  describeDifferences,
  type OutputResult,
  runTests,
  type TestResult,
  testResultSummary,
} from "../testing";
import { type Arguments, usage } from "./arguments";
import type { CliContext, ExitCode } from "./context";
import { findingOf, findingOfError, findingText, shownPath } from "./findings";
import { junitReport } from "./junit";
import { writeReport } from "./report";
import { sarifLog } from "./sarif";

export const testOptions = {
  project: { type: "string" },
  output: { type: "string" },
  filter: { type: "string" },
  format: { type: "string" },
  report: { type: "string" },
  tolerance: { type: "string" },
  exact: { type: "boolean" },
  dialect: { type: "string", multiple: true },
} as const;

/** `asa test`: runs the cases of a test configuration and compares the rows. */
export async function test(args: Arguments, context: CliContext): Promise<ExitCode> {
  const config = configFile(args.atMost(1).words[0], context.cwd);
  const format = args.choice("format", ["text", "junit", "sarif"]);
  const outputFolder = resolve(
    context.cwd,
    args.text("output") ?? join(dirname(config), "..", "LocalRunOutputs", "test"),
  );
  const project = args.text("project");
  const filter = args.text("filter");
  const tolerance = args.flag("exact") ? 0 : args.number("tolerance");
  const result = await runTests(config, {
    outputFolder,
    now: context.now,
    dialect: args.pairs("dialect"),
    ...(project === undefined ? {} : { project: resolve(context.cwd, project) }),
    ...(filter === undefined ? {} : { filter }),
    ...(tolerance === undefined ? {} : { tolerance }),
  });
  if (result.cases.length === 0)
    throw usage(
      `no test case was run`,
      filter === undefined ? "Add a case to TestCases." : "Loosen --filter.",
    );
  mkdirSync(outputFolder, { recursive: true });
  writeFileSync(
    join(outputFolder, "testResultSummary.json"),
    `${JSON.stringify(testResultSummary(result), null, 2)}\n`,
  );
  const text = readTextFile(result.script);
  const query = { file: result.script, text };
  const findings = result.diagnostics.map((diagnostic) => findingOf(diagnostic, text, context.cwd));
  const broken = findings.some(({ severity }) => severity === "error");
  const failed = result.cases.filter(({ passed }) => !passed);

  if (format === "junit") {
    writeReport(
      junit(result, findings.map(findingText).join("\n"), query, context.cwd),
      args.text("report"),
      context,
    );
  } else if (format === "sarif") {
    const failures = failed.flatMap((testCase) =>
      broken && testCase.error === undefined ? [] : [failureFinding(testCase, config, query, context.cwd)],
    );
    writeReport(sarifLog([...findings, ...failures]), args.text("report"), context);
  } else {
    const errors = findings.filter(({ severity }) => severity === "error");
    const head = errors.map((finding) => `${findingText(finding)}\n\n`).join("");
    const lines = result.cases.flatMap((testCase) => caseLines(testCase, broken, query, context.cwd));
    const total = `${result.cases.length - failed.length} passed, ${failed.length} failed`;
    writeReport(`${head}${lines.join("\n")}\n\n${total}\n`, args.text("report"), context);
  }
  return failed.length > 0 || broken ? 1 : 0;
}

function configFile(path: string | undefined, cwd: string): string {
  const target = resolve(cwd, path ?? ".");
  if (!existsSync(target))
    throw new AsaToolError("ASA_FILE_NOT_FOUND", `"${path}" does not exist`, {
      place: { file: target },
      hint: "Give a testConfig.json, its folder or a project folder.",
    });
  if (!statSync(target).isDirectory()) return target;
  for (const candidate of [join(target, "testConfig.json"), join(target, "test", "testConfig.json")])
    if (existsSync(candidate)) return candidate;
  throw new AsaToolError("ASA_FILE_NOT_FOUND", `folder "${path ?? "."}" holds no test/testConfig.json`, {
    place: { file: target },
    hint: 'See "asa new --help" for a project with a test.',
  });
}

interface Query {
  readonly file: string;
  readonly text: string;
}

function caseLines(testCase: CaseResult, broken: boolean, query: Query, cwd: string): string[] {
  const head = `${testCase.passed ? "ok  " : "FAIL"} ${testCase.name} (${Math.round(testCase.milliseconds)} ms)`;
  return testCase.passed
    ? [head]
    : [head, ...failureLines(testCase, broken, query, cwd).map((line) => `     ${line}`)];
}

function failureLines(testCase: CaseResult, broken: boolean, query: Query, cwd: string): string[] {
  if (testCase.error !== undefined)
    return findingText(findingOfError(testCase.error, cwd, query)).split("\n");
  if (broken) return ["the query does not compile"];
  return [
    ...testCase.outputs
      .filter(wrong)
      .flatMap((output) => [outputHead(output, cwd), ...describeDifferences(output.differences)]),
    ...testCase.problems,
  ];
}

const wrong = ({ verdict }: OutputResult): boolean => verdict !== "Matched" && verdict !== "Unrequired";

function outputHead({ alias, verdict, expectedFile, file, differences }: OutputResult, cwd: string): string {
  const rows = `${differences.length} ${differences.length === 1 ? "row" : "rows"}`;
  const produced = file === undefined ? "" : `, got ${shownPath(file, cwd)}`;
  switch (verdict) {
    case "Unexpected":
      return `output "${alias}" is not expected but has ${rows}${produced}`;
    case "Missing":
      return `output "${alias}" has no rows, expected ${shownPath(expectedFile as string, cwd)}`;
    default:
      return `output "${alias}" differs in ${rows}: expected ${shownPath(expectedFile as string, cwd)}${produced}`;
  }
}

function junit({ cases, config }: TestResult, broken: string, query: Query, cwd: string): string {
  return junitReport(
    shownPath(config.file, cwd),
    cases.map((testCase) => ({
      name: testCase.name,
      seconds: testCase.milliseconds / 1000,
      ...(testCase.passed
        ? {}
        : testCase.error !== undefined
          ? { error: failureLines(testCase, false, query, cwd).join("\n") }
          : {
              failure: [...failureLines(testCase, false, query, cwd), broken]
                .filter((line) => line !== "")
                .join("\n"),
            }),
    })),
  );
}

function failureFinding(testCase: CaseResult, config: string, query: Query, cwd: string) {
  return {
    severity: "error" as const,
    code: "ASA_TEST_FAILED",
    message: `test case "${testCase.name}" failed\n${failureLines(testCase, false, query, cwd).join("\n")}`,
    file: shownPath(config, cwd),
    line: undefined,
    column: undefined,
    more: [],
  };
}
