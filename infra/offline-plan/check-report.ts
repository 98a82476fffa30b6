import type { Change } from "./compare";
import { table } from "./report";

/** Whether a change must not go through without a waiver. */
export const isBlocking = (change: Change): boolean =>
  change.refused.length > 0 || (change.stateful && (change.kind === "replace" || change.kind === "destroy"));

const word = (change: Change): string => (change.refused.length > 0 ? "refused by the service" : change.kind);

const reasons = (change: Change): string[] => [
  ...change.refused,
  ...change.forcedBy,
  ...(change.refused.length + change.forcedBy.length === 0 ? change.changed : []),
];

/** The changes as a table for a terminal. */
export function checkTable(changes: readonly Change[], waived: ReadonlySet<Change>): string {
  if (changes.length === 0) return "no resource changes";
  return table([
    ["what", "resource", "state", "why"],
    ...changes.map((change) => [
      word(change) + (waived.has(change) ? " (waived)" : ""),
      change.path,
      change.stateful ? "stateful" : "",
      reasons(change).join("; "),
    ]),
  ]);
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** The changes as a comment for a pull request. */
export function checkMarkdown(changes: readonly Change[], waived: ReadonlySet<Change>, base: string): string {
  const count = (kind: Change["kind"]) => changes.filter((change) => change.kind === kind).length;
  const blocking = changes.filter((change) => isBlocking(change) && !waived.has(change));
  const head = `${count("create")} to create, ${count("change")} to change, ${count("replace")} to replace, ${count("destroy")} to destroy`;
  const lines = ["<!-- plan-check -->", `### Plan check against ${base}`, "", head, ""];
  if (blocking.length > 0) {
    lines.push(
      `**${blocking.length} must not go through:** stateful resources would be lost, or the service refuses the change.`,
      "",
    );
  }
  if (changes.length > 0) {
    lines.push("| what | resource | why |", "|---|---|---|");
    for (const change of changes) {
      const what = word(change) + (waived.has(change) ? " (waived)" : "");
      const mark = isBlocking(change) && !waived.has(change) ? "**" : "";
      lines.push(
        `| ${mark}${what}${mark} | \`${cell(change.path)}\` | ${cell(reasons(change).join("; "))} |`,
      );
    }
    lines.push("");
  }
  return lines.join("\n");
}
