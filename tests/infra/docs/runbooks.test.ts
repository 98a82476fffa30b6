import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { logAlerts, metricAlerts } from "../../../infra/config/alerts";

const folder = join(__dirname, "../../../docs/runbooks");
const pages = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
/** Rules of the alerts stack that are no limits of a metric or a log. */
const otherAlerts = ["budget", "service-health"];
const alerts = [...metricAlerts, ...logAlerts];

test("every alert has its runbook, and every runbook its alert", () => {
  expect(pages.map((name) => name.replace(/\.md$/, "")).sort()).toEqual(
    [...alerts.map(({ name }) => name), ...otherAlerts].sort(),
  );
});

test("the overview has every alert with its severity, limit and window", () => {
  const overview = readFileSync(join(folder, "README.md"), "utf8");
  const rows = overview.split("\n").filter((line) => line.startsWith("| ["));
  expect(rows).toEqual([
    ...alerts.map((alert) => {
      const limit =
        "metric" in alert ? `${alert.metric} ${alert.operator === "LessThan" ? "<" : ">"} ` : "> ";
      const text = `${limit}${alert.threshold.toLocaleString("en-US")} in ${alert.window.replace(/^PT/, "").toLowerCase()}`;
      return `| [${alert.name}](${alert.name}.md) | ${alert.severity} | ${text} | ${alert.description} |`;
    }),
    ...otherAlerts.map((name) => expect.stringContaining(`| [${name}](${name}.md) |`)),
  ]);
});

describe.each(pages)("%s", (page) => {
  const text = readFileSync(join(folder, page), "utf8");

  test("says what it means, where to look first, what to do and what then", () => {
    expect(text).toMatch(new RegExp(`^# .+\\n\\nAlert \`${page.replace(/\.md$/, "")}\`\\. `));
    expect([...text.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual([
      "First look",
      "Cause and repair",
      "Afterwards",
    ]);
    for (const section of text.split(/^## /m).slice(1))
      expect(section.trim().split("\n").length).toBeGreaterThan(1);
  });

  test("its links lead somewhere", () => {
    const links = [...text.matchAll(/\]\(([^)#]+)/g)].map((match) => match[1]!);
    for (const link of links) expect(() => readFileSync(join(folder, link))).not.toThrow();
  });

  test("the commands it names exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(folder, "../../package.json"), "utf8")) as {
      scripts: object;
    };
    const named = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map((match) => match[1]!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
