import { type CompileDiagnostic, formatDiagnostic } from "../../asa";
import { type AstNode, Diagnostics, parse, Source } from "../../asa/language";

/** Parses a text that must have no mistakes. */
export function parseClean(text: string): AstNode {
  const diagnostics = new Diagnostics("query.asaql");
  const script = parse(new Source(text, "query.asaql"), diagnostics);
  if (diagnostics.hasErrors) throw new Error(allFindings(diagnostics.list, text));
  return script;
}

/** Returns all findings as a user reads them. */
export function allFindings(diagnostics: readonly CompileDiagnostic[], text: string): string {
  return diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, text)).join("\n");
}

/** Returns a tree without the places of its nodes, for comparison. */
export function withoutRanges(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutRanges);
  if (typeof node === "bigint") return `${node}n`;
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([name]) => name !== "range")
      .map(([name, value]) => [name, withoutRanges(value)]),
  );
}
