import type { SourceRange } from "../../api";
import { didYouMean, type NameNode, type PathNode } from "../../language";
import type { Expression, RelationId, Schema } from "../logical-plan";
import type { Environment } from "./environment";

/** The rows of an input, a step or a subquery, before a FROM clause gives them a name. */
export interface RowSource {
  readonly relation: RelationId;
  readonly schema: Schema;
  /** Column names of the input's event contract, as far as they pass through unchanged. */
  readonly contract: readonly string[] | null;
  /** Identity of the input column that a column is a plain copy of. */
  readonly lineage: (column: string) => string | null;
}

/** A row source under its name in one FROM clause. */
export interface ScopeSource extends Omit<RowSource, "relation"> {
  /** Empty for a derived table without alias. */
  readonly name: string;
  /** Name of the input or step behind an alias, which hides it. */
  readonly hiddenName: string | null;
  readonly kind: "stream" | "step" | "reference" | "apply";
  readonly slot: number;
  /** Column named by this source's TIMESTAMP BY. */
  readonly timestampColumn: string | null;
  readonly partitionBy: readonly Expression[];
  readonly over: readonly Expression[];
  readonly range: SourceRange;
}

export interface Scope {
  readonly sources: readonly ScopeSource[];
}

/** Columns that a live input adds to its events, whatever CREATE TABLE declares. */
const metadataColumns: ReadonlySet<string> = new Set([
  "eventprocessedutctime",
  "partitionid",
  "eventenqueuedutctime",
  "iothub",
  "blobname",
  "bloblastmodifiedutctime",
]);

export function findSource(scope: Scope, name: string): ScopeSource | undefined {
  const wanted = name.toLowerCase();
  return scope.sources.find((source) => source.name !== "" && source.name.toLowerCase() === wanted);
}

/** Returns the source whose whole event the path denotes: a single segment that is a source's name. */
export function wholeEvent(scope: Scope, path: PathNode): ScopeSource | undefined {
  return path.segments.length === 1 ? findSource(scope, (path.segments[0] as NameNode).text) : undefined;
}

/**
 * Resolves a path to a column with members, or to a whole event. A mistake is reported and gives
 * undefined.
 */
export function resolvePath(scope: Scope, path: PathNode, environment: Environment): Expression | undefined {
  const [first, ...rest] = path.segments as readonly [NameNode, ...NameNode[]];
  const named = findSource(scope, first.text);
  if (named !== undefined) {
    const [column, ...members] = rest;
    if (column === undefined) {
      return { kind: "event", slot: named.slot, timestampColumn: null, type: "record", range: path.range };
    }
    return withMembers(resolveColumn(named, column, environment), members, path.range);
  }
  const source = findOwner(scope, first, rest.length > 0, environment);
  if (source === undefined) return undefined;
  if (rest.length > 0 && reportHiddenName(scope, source, path, environment)) return undefined;
  return withMembers(resolveColumn(source, first, environment), rest, path.range);
}

function withMembers(
  column: Expression | undefined,
  members: readonly NameNode[],
  range: SourceRange,
): Expression | undefined {
  return members.reduce<Expression | undefined>(
    (target, member) => target && { kind: "member", target, name: member.text, type: "any", range },
    column,
  );
}

function hasColumn(schema: Schema, name: string): boolean {
  const wanted = name.toLowerCase();
  return schema.columns.some((column) => column.name.toLowerCase() === wanted);
}

/** Finds the source of an unqualified column. */
function findOwner(
  scope: Scope,
  name: NameNode,
  qualified: boolean,
  environment: Environment,
): ScopeSource | undefined {
  const { sources } = scope;
  if (sources.length === 1) {
    const only = sources[0] as ScopeSource;
    if (!only.schema.open && qualified && !hasColumn(only.schema, name.text)) {
      reportUnknownSource(scope, name, environment);
      return undefined;
    }
    return only;
  }
  const closed = sources.filter(
    (source) => !source.schema.open && source.kind !== "apply" && hasColumn(source.schema, name.text),
  );
  if (closed.length === 1) return closed[0];
  if (closed.length === 0) {
    const open = sources.filter(
      (source) => source.schema.open && (source.kind === "stream" || source.kind === "step"),
    );
    if (open.length === 1) return open[0];
    if (qualified) {
      reportUnknownSource(scope, name, environment);
      return undefined;
    }
    const elements = sources.filter(
      (source) => source.kind === "apply" && hasColumn(source.schema, name.text),
    );
    if (elements.length === 1) return elements[0];
  }
  const names = sources.map((source) => source.name).filter((candidate) => candidate !== "");
  const candidates = closed.length > 0 ? closed : sources.filter((source) => source.schema.open);
  if (candidates.length === 0) {
    const known = sources.flatMap((source) => source.schema.columns.map((column) => column.name));
    environment.diagnostics.error(
      "ASA_UNKNOWN_COLUMN",
      `column "${name.text}" does not exist in any source`,
      name.range,
      {
        hint: didYouMean(name.text, known) ?? `The columns are: ${known.join(", ")}.`,
      },
    );
    return undefined;
  }
  environment.diagnostics.error(
    "ASA_AMBIGUOUS_COLUMN",
    `column "${name.text}" may belong to several sources`,
    name.range,
    {
      hint: `Qualify it, e.g. ${names[0]}.${name.text}.`,
    },
  );
  return undefined;
}

/** An input or a step is known under its alias only; `input.column` would be a member of a column that no event has. */
function reportHiddenName(
  scope: Scope,
  owner: ScopeSource,
  path: PathNode,
  environment: Environment,
): boolean {
  const [first, second] = path.segments as readonly [NameNode, NameNode];
  const wanted = first.text.toLowerCase();
  const hidden = scope.sources.find(({ hiddenName }) => hiddenName?.toLowerCase() === wanted);
  const known = owner.contract?.some((name) => name.toLowerCase() === wanted) === true;
  if (hidden === undefined || known || hasColumn(owner.schema, first.text)) return false;
  environment.diagnostics.error(
    "ASA_UNKNOWN_SOURCE",
    `"${first.text}" is called "${hidden.name}" in this FROM clause`,
    first.range,
    {
      hint:
        `Write ${hidden.name}.${second.text}, or ${owner.name}.${first.text}.${second.text} for a column ` +
        `"${first.text}" of the events.`,
    },
  );
  return true;
}

function reportUnknownSource(scope: Scope, name: NameNode, environment: Environment): void {
  const known = scope.sources.map((source) => source.name).filter((candidate) => candidate !== "");
  environment.diagnostics.error(
    "ASA_UNKNOWN_SOURCE",
    `"${name.text}" is neither a source of this FROM clause nor a column`,
    name.range,
    { hint: didYouMean(name.text, known) ?? `The sources are: ${known.join(", ")}.` },
  );
}

function resolveColumn(
  source: ScopeSource,
  name: NameNode,
  environment: Environment,
): Expression | undefined {
  const { schema, slot } = source;
  const wanted = name.text.toLowerCase();
  const index = schema.columns.findIndex((column) => column.name.toLowerCase() === wanted);
  const column = schema.columns[index];
  const { range } = name;
  if (column !== undefined) {
    const exact = environment.dialect.fieldCase === "exact-first" && schema.open ? name.text : column.name;
    return { kind: "column", slot, name: exact, index: schema.open ? null : index, type: column.type, range };
  }
  const metadata = source.kind === "stream" && metadataColumns.has(wanted);
  if (!schema.open && !metadata) {
    const known = schema.columns.map((candidate) => candidate.name);
    const what = { stream: "input", step: "step", reference: "reference input", apply: "APPLY alias" }[
      source.kind
    ];
    environment.diagnostics.error(
      "ASA_UNKNOWN_COLUMN",
      `column "${name.text}" does not exist in ${what} "${source.name}"`,
      range,
      {
        hint: didYouMean(name.text, known) ?? `The columns are: ${known.join(", ")}.`,
      },
    );
    return undefined;
  }
  if (
    source.contract !== null &&
    !metadata &&
    !source.contract.some((known) => known.toLowerCase() === wanted)
  ) {
    const what = source.kind === "step" ? "step" : "input";
    environment.diagnostics.warning(
      "ASA_CONTRACT_COLUMN",
      `column "${name.text}" is not in the contract of ${what} "${source.name}"`,
      range,
      { hint: didYouMean(name.text, source.contract) ?? `The columns are: ${source.contract.join(", ")}.` },
    );
  }
  return { kind: "column", slot, name: name.text, index: null, type: "any", range };
}
