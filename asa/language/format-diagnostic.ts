import type { CompileDiagnostic } from "../api";
import { Source } from "./source";

/** Longest piece of a line that is shown, and how much of it stands before the caret. */
const longest = 160;
const before = 100;

/** The part of a line around a place, with dots where it is cut. */
function excerpt(line: string, place: number): { readonly text: string; readonly place: number } {
  if (line.length <= longest) return { text: line, place };
  const from = Math.max(0, place - before);
  const to = from + longest;
  const head = from > 0 ? "..." : "";
  const tail = to < line.length ? "..." : "";
  return { text: head + line.slice(from, to) + tail, place: place - from + head.length };
}

/**
 * Returns the finding as a user reads it: code and message, `file:line:column`, the line with the one before it and a
 * caret under the place, then detail and hint. Lines are joined by "\n", without one at the end.
 */
export function formatDiagnostic(diagnostic: CompileDiagnostic, query: string): string {
  const { range } = diagnostic;
  const source = new Source(query, diagnostic.file);
  const label = diagnostic.severity === "warning" ? `warning ${diagnostic.code}` : diagnostic.code;
  const lines = [`${label}: ${diagnostic.message}`, `  ${diagnostic.file}:${range.line}:${range.column}`];
  const width = String(range.line).length;
  const shown = (number: number, text: string): string =>
    `  ${String(number).padStart(width)} | ${text}`.trimEnd();
  if (range.line > 1) lines.push(shown(range.line - 1, excerpt(source.line(range.line - 1), 0).text));
  const { text: line, place } = excerpt(source.line(range.line), range.column - 1);
  lines.push(shown(range.line, line));
  const indent = line.slice(0, place).replace(/[^\t]/g, " ");
  lines.push(`  ${" ".repeat(width)} | ${indent}^`);
  if (diagnostic.detail !== undefined) lines.push(`  detail: ${diagnostic.detail}`);
  if (diagnostic.hint !== undefined) lines.push(`  hint: ${diagnostic.hint}`);
  return lines.join("\n");
}
