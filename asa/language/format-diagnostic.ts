import type { CompileDiagnostic } from "../api";
import { Source } from "./source";

/**
 * Returns the finding as a user reads it: code and message, `file:line:column`, the line with the one before it and a
 * caret under the place, then detail and hint. Lines are joined by "\n", without one at the end.
 */
export function formatDiagnostic(diagnostic: CompileDiagnostic, text: string): string {
  const { range } = diagnostic;
  const source = new Source(text, diagnostic.file);
  const label = diagnostic.severity === "warning" ? `warning ${diagnostic.code}` : diagnostic.code;
  const lines = [`${label}: ${diagnostic.message}`, `  ${diagnostic.file}:${range.line}:${range.column}`];
  const width = String(range.line).length;
  const shown = (number: number): string =>
    `  ${String(number).padStart(width)} | ${source.line(number)}`.trimEnd();
  if (range.line > 1) lines.push(shown(range.line - 1));
  const line = source.line(range.line);
  lines.push(shown(range.line));
  const indent = line.slice(0, range.column - 1).replace(/[^\t]/g, " ");
  lines.push(`  ${" ".repeat(width)} | ${indent}^`);
  if (diagnostic.detail !== undefined) lines.push(`  detail: ${diagnostic.detail}`);
  if (diagnostic.hint !== undefined) lines.push(`  hint: ${diagnostic.hint}`);
  return lines.join("\n");
}
