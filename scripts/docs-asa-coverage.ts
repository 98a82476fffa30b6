import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dialectSwitches } from "../asa";
import { languageFeatures, outsideTheLanguage } from "../asa/coverage";
import { type Builtin, builtins } from "../asa/language/builtins";

const tests = join(__dirname, "../tests");

const introduction = `# Coverage of the Stream Analytics query language

Compatibility level 1.2. The page is written by \`npm run docs\` from \`asa/coverage.ts\`, the function tables in \`asa/language/builtins\` and the switches
in \`asa/dialect.ts\`; tests hold page and code equal, compile every example and look up every test that is named here. *option* means that no public
source decides and a switch does (\`--dialect NAME=CHOICE\`, or \`dialect\` in \`compile\`). What is not supported is a compile error that names the
construct, never a silent difference.
`;

/** The text of docs/asa-coverage.md. */
export function asaCoveragePage(): string {
  const areas = [...new Set(languageFeatures.map(({ area }) => area))];
  return [
    introduction,
    summary(),
    ...areas.map(constructs),
    functions(),
    openPoints(),
    limits(),
    refused(),
    outside(),
  ].join("\n");
}

const escaped = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const code = (text: string): string => (text.includes("`") ? escaped(text) : `\`${escaped(text)}\``);
const link = (file: string): string => `[${file.split("/").at(-1)}](../tests/${file})`;

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return `${[line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}

function summary(): string {
  const count = (state: string) => languageFeatures.filter((entry) => entry.state === state).length;
  return table(
    ["", "supported", "option", "not supported"],
    [
      ["constructs", String(count("supported")), String(count("option")), String(count("not"))],
      ["functions", String(functionTests().length), "1 (ISNULL)", "0"],
      ["open points", "", String(Object.keys(dialectSwitches).length), ""],
      ["kinds of functions and formats outside the query", "", "", String(outsideTheLanguage.length)],
    ],
  );
}

function constructs(area: string): string {
  const rows = languageFeatures
    .filter((entry) => entry.area === area)
    .map(({ feature, state, example, test: [file, words], note }) => [
      escaped(feature) + (note === undefined ? "" : `. ${escaped(note)}`),
      state,
      code(example),
      `${link(file)} (${code(words)})`,
    ]);
  return `## ${area}\n\n${table(["construct", "state", "example", "test"], rows)}`;
}

/** Test files that run functions, the most telling first. */
function functionFiles(): readonly { readonly file: string; readonly text: string }[] {
  return ["unit/asa/builtins", "asa", "unit/asa"].flatMap((folder) =>
    readdirSync(join(tests, folder), { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
      .filter((name) => /\.(test\.ts|yaml)$/.test(name))
      .sort()
      .map((file) => ({ file, text: readFileSync(join(tests, file), "utf8") })),
  );
}

const names = ({ name, aliases }: Builtin): readonly string[] => [name, ...(aliases ?? [])];

/** Every function by its names with the first test file that calls it under each of them; undefined where none does. */
export function functionTests(): readonly {
  readonly name: string;
  readonly kind: Builtin["kind"];
  readonly test: string | undefined;
}[] {
  const files = functionFiles();
  return builtins.flatMap((builtin) =>
    names(builtin).map((name) => {
      const call = new RegExp(`\\b${name.replaceAll(".", "\\s*\\.\\s*")}\\s*\\(`, "i");
      return { name, kind: builtin.kind, test: files.find(({ text }) => call.test(text))?.file };
    }),
  );
}

const kinds: Readonly<Record<Builtin["kind"], string>> = {
  aggregate: "aggregates",
  analytic: "analytic functions",
  scalar: "scalar functions",
  apply: "functions of APPLY",
  context: "functions of the row",
  window: "window functions",
};

function functions(): string {
  const found = functionTests();
  const parts = Object.entries(kinds).map(([kind, title]) => {
    const rows = found
      .filter((entry) => entry.kind === kind)
      .map(({ name, test }) => [code(name), "supported", test === undefined ? "none" : link(test)]);
    return `### ${title[0]?.toUpperCase()}${title.slice(1)}\n\n${table(["function", "state", "test"], rows)}`;
  });
  return `## Functions\n\nNames ignore case. \`ISNULL(a, b)\` is an option, see OPEN-26.\n\n${parts.join("\n")}`;
}

function openPoints(): string {
  const rows = Object.entries(dialectSwitches).map(([name, { id, choices, meaning }]) => [
    id,
    code(name),
    escaped(meaning),
    choices.map((choice, index) => (index === 0 ? `**${choice}**` : choice)).join(", "),
  ]);
  return `## Open points\n\nThe default is bold. What each choice does is shown by ${link("asa/open-points.test.ts")}.\n\n${table(
    ["point", "switch", "decides about", "choices"],
    rows,
  )}`;
}

function limits(): string {
  return `## Models of this engine

- **Anomaly detection** (OPEN-21): the service does not publish its algorithm. Here both functions are the i.i.d. detectors that the article's methods
  describe: a kernel density over the history for spikes and dips, a power martingale over its p-values for change points. Nothing is reported before the
  history holds \`historySize\` values; values older than LIMIT DURATION leave it. Scores need not equal the service's. The service fills gaps by imputation at the
  rate historySize / duration; this engine does not invent values: after a gap the history is shorter, and silent until it is full again.
- **MATCH_RECOGNIZE** (OPEN-13, OPEN-14): a match lies within LIMIT DURATION of its first row, and every start row gives at most one match, the longest one
  unless \`matchGreed=shortest\`. The row's time is that of its last event unless \`matchTime=first-event\`. Only AFTER MATCH SKIP TO NEXT ROW and ONE ROW PER
  MATCH exist in the language. Rows of a start stay in memory for LIMIT DURATION, at most 7 days.
- **Floats** are IEEE doubles, written in the shortest form that reads back; the service's older tools printed 15 or 17 digits.
`;
}

/** Constructs of other SQL dialects, each with the error that names it. */
function refused(): string {
  const folder = "asa/errors/not-supported";
  const rows = readdirSync(join(tests, folder))
    .sort()
    .map((file) => {
      const lines = readFileSync(join(tests, folder, file), "utf8").split("\n");
      const [, message] = /^-- expect-error: ASA_\w+ \d+:\d+ (.*)$/.exec(lines[0] ?? "") ?? [];
      const query = lines.filter((line) => !line.startsWith("-- ")).join(" ");
      return [code(query.trim()), escaped(message ?? ""), link(`${folder}/${file}`)];
    });
  return `## Not part of the language\n\nThe service refuses these too; the compiler names them (\`ASA_NOT_SUPPORTED\`) and says what to write instead.\n\n${table(
    ["query", "message", "test"],
    rows,
  )}`;
}

function outside(): string {
  const rows = outsideTheLanguage.map(({ feature, error, instead }) => [feature, code(error), instead]);
  return `## Not here\n\nParts of the service around a query that need .NET or a remote service.\n\n${table(
    ["feature", "error", "instead"],
    rows,
  )}`;
}
