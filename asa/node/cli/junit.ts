/** One case of a JUnit report; `failure` and `error` are texts for a reader, undefined when the case passed. */
export interface JunitCase {
  readonly name: string;
  readonly seconds: number;
  readonly failure?: string;
  readonly error?: string;
}

/** A JUnit XML report with one suite. */
export function junitReport(suite: string, cases: readonly JunitCase[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const errors = cases.filter(({ error }) => error !== undefined).length;
  const seconds = cases.reduce((sum, testCase) => sum + testCase.seconds, 0).toFixed(3);
  const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${xmlText(suite)}" ${counts}>`,
    ...cases.flatMap((testCase) => caseLines(suite, testCase)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function caseLines(suite: string, { name, seconds, failure, error }: JunitCase): string[] {
  const open = `    <testcase classname="${xmlText(suite)}" name="${xmlText(name)}" time="${seconds.toFixed(3)}"`;
  const text = failure ?? error;
  if (text === undefined) return [`${open}/>`];
  const tag = failure === undefined ? "error" : "failure";
  const first = text.split("\n")[0] as string;
  return [
    `${open}>`,
    `      <${tag} message="${xmlText(first)}">${xmlText(text)}</${tag}>`,
    "    </testcase>",
  ];
}

/** Characters that XML 1.0 cannot hold become a replacement character. */
function xmlText(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
