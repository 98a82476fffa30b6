import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";

const known = (value: number, text: string): string => (Number.isNaN(value) ? "–" : text);

/** A figure with two or three digits that count; a dash for NaN. */
export const one = (value: number): string => known(value, value.toFixed(value < 10 ? 2 : 1));
/** A whole number; a dash for NaN. */
export const thousands = (value: number): string => known(value, Math.round(value).toLocaleString("en"));

/** Runs of each size, of which the best counts. */
export const usualRepetitions = 2;

/** The machine and the command behind a table. */
export function circumstances(command: string): string {
  const [cpu] = cpus();
  const load = loadavg()[0]!.toFixed(1);
  const memory = Math.round(totalmem() / 2 ** 30);
  return `Machine: ${cpus().length} x ${cpu?.model.trim() ?? "unknown processor"}, ${memory} GB, Node ${process.version}, load at the end ${load}. Command: \`${command}\`.`;
}

/** Option of a command that was not run with the usual number of repetitions. */
export const repeated = (repetitions: number): string =>
  repetitions === usualRepetitions ? "" : ` --repeat ${repetitions}`;

/** Puts a text between the marks of this name on a page. @throws Error when the page has no such marks */
export function writeSection(page: string, name: string, text: string): void {
  const before = readFileSync(page, "utf8");
  const marked = new RegExp(`<!-- ${name} -->[\\s\\S]*<!-- /${name} -->`);
  if (!marked.test(before)) throw new Error(`${page} has no marks of "${name}"`);
  writeFileSync(
    page,
    before.replace(marked, () => `<!-- ${name} -->\n${text}\n<!-- /${name} -->`),
  );
}
