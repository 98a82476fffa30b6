import type { CompileDiagnostic, SourceRange } from "../api";
import type { QueryNode, ScriptNode, SourceNode } from "../language";
import type { Environment } from "./binding/environment";

/**
 * Returns the parts of a script with syntax errors that can be judged all the same: steps and statements without such
 * an error that read nothing but declared inputs and other such steps. Everything else could give findings that are
 * consequences of the first ones.
 */
export function intactPart(
  script: ScriptNode,
  text: string,
  found: readonly CompileDiagnostic[],
  environment: Environment,
): ScriptNode {
  const errors = found.filter(({ severity }) => severity === "error").map(({ range }) => range.start);
  const parts = [...script.tables, ...script.steps, ...script.statements];
  // What was skipped behind a part belongs to it, so a part reaches to its semicolon or the next part.
  const ordered = [...parts].sort((left, right) => left.range.start - right.range.start);
  const damaged = new Set<object>();
  for (const [index, part] of ordered.entries()) {
    const { start } = part.range;
    const semicolon = text.indexOf(";", part.range.end);
    const next = Math.min(
      ordered[index + 1]?.range.start ?? Number.POSITIVE_INFINITY,
      semicolon < 0 ? Number.POSITIVE_INFINITY : semicolon + 1,
    );
    const before = ordered[index - 1];
    // What recovery finds in the middle of something skipped is a piece of it, unless it stands behind a separator.
    const clean = /[;,]$/.test(text.slice(0, start).trimEnd());
    const skippedFrom = before?.range.end ?? 0;
    const behindSkipped = errors.some((error) => error >= skippedFrom && error < start);
    const fragment = !clean && (behindSkipped || (before !== undefined && damaged.has(before)));
    if (fragment || errors.some((error) => error >= start && error < next)) damaged.add(part);
  }
  // A faulty CREATE TABLE leaves open which inputs are closed, and so how every name after it resolves.
  const declarationsEnd = Math.min(
    ...[...script.steps, ...script.statements].map(({ range }) => range.start),
    Number.POSITIVE_INFINITY,
  );
  if (errors.some((error) => error < declarationsEnd)) {
    return {
      ...script,
      tables: script.tables.filter((table) => !damaged.has(table)),
      steps: [],
      statements: [],
    };
  }
  // A step that was skipped whole leaves its name unknown.
  const firstStatement = script.statements[0]?.range.start ?? Number.POSITIVE_INFINITY;
  const complete = errors.every(
    (error) => error >= firstStatement || parts.some((part) => isInside(part, error, text)),
  );
  const sound = new Set<string>();
  const names = new Set(script.steps.map((step) => step.name.text.toLowerCase()));
  const judged = (query: QueryNode): boolean =>
    sourcesOf(query).every((name) => {
      const key = name.toLowerCase();
      if (names.has(key)) return sound.has(key);
      return complete || environment.inputs.has(key);
    });
  const steps = script.steps.filter((step) => {
    const intact = !damaged.has(step) && judged(step.query);
    if (intact) sound.add(step.name.text.toLowerCase());
    return intact;
  });
  return {
    ...script,
    tables: script.tables.filter((table) => !damaged.has(table)),
    steps,
    statements: script.statements.filter((statement) => !damaged.has(statement) && judged(statement)),
  };
}

/** True for an error inside a part, or at the first token behind it. */
function isInside({ range }: { readonly range: SourceRange }, error: number, text: string): boolean {
  if (error < range.start) return false;
  return error <= range.end || /^[\s);]*$/.test(text.slice(range.end, error));
}

/** Names of the tables that a query reads, its derived tables included. */
function sourcesOf(query: QueryNode): readonly string[] {
  return query.branches.flatMap((branch) => {
    if (branch.kind === "query") return sourcesOf(branch);
    const joined = branch.joins.flatMap((join) => (join.kind === "join" ? [join.source] : []));
    return [branch.from, ...joined].flatMap(namesOf);
  });
}

function namesOf(source: SourceNode): readonly string[] {
  return source.kind === "table-source" ? [source.name.text] : sourcesOf(source.query);
}
