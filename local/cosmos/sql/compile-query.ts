import type { Expression, Query, Selection, Source } from "./ast";
import {
  type AggregateCall,
  compileExpression,
  compileObject,
  type ExpressionContext,
} from "./compile-expression";
import { type Environment, type Evaluate, Scope } from "./environment";
import { defaultAlias } from "./parse-query";
import { SqlError } from "./sql-error";
import type { Value } from "./value";

/** A source with its slot; sources without `collection` are the container's item itself. */
export interface CompiledSource {
  readonly slot: number;
  readonly iterate: boolean;
  readonly collection: Evaluate;
}

/** A query whose parts are closures. */
export interface CompiledQuery {
  /** Slot of the container's item; undefined for a subquery. */
  readonly rootSlot: number | undefined;
  readonly sources: readonly CompiledSource[];
  readonly where: Evaluate | undefined;
  readonly groupBy: readonly Evaluate[];
  readonly aggregates: readonly AggregateCall[];
  readonly orderBy: readonly { readonly evaluate: Evaluate; readonly descending: boolean }[];
  readonly project: Evaluate;
  readonly distinct: boolean;
  readonly top: Evaluate | undefined;
  readonly offset: Evaluate | undefined;
  readonly limit: Evaluate | undefined;
}

/** Runs a compiled subquery for the row that is bound now. */
export type RunQuery = (query: CompiledQuery, environment: Environment, maxRows: number) => readonly Value[];

/** Compiles a query; `parent` is the scope of the enclosing query. @throws SqlError */
export function compileQuery(query: Query, run: RunQuery, parent?: Scope): CompiledQuery {
  const scope = new Scope(parent);
  const compileSubquery: ExpressionContext["compileSubquery"] = (inner, innerScope, limit) => {
    const compiled = compileQuery(inner, run, innerScope);
    return (environment) => run(compiled, environment, limit);
  };
  const rowContext: ExpressionContext = { scope, aggregates: undefined, compileSubquery };
  const rootSlot = parent === undefined && query.sources.length > 0 ? scope.declare("") : undefined;
  const sources = query.sources.map((source, index) =>
    compileSource(source, index === 0 ? rootSlot : undefined, rowContext),
  );
  const where = query.where === undefined ? undefined : compileExpression(query.where, rowContext);
  const groupBy = query.groupBy.map((expression) => compileExpression(expression, rowContext));
  const aggregates: AggregateCall[] = [];
  const project = compileSelection(query, { ...rowContext, aggregates });
  if (query.orderBy.length > 0 && (aggregates.length > 0 || groupBy.length > 0)) {
    throw new SqlError("SC2103", "'ORDER BY' is not supported with aggregates or GROUP BY.", 0, 0);
  }
  const orderBy = query.orderBy.map(({ expression, descending }) => ({
    evaluate: compileExpression(expression, rowContext),
    descending,
  }));
  const optional = (expression: Expression | undefined) =>
    expression === undefined ? undefined : compileExpression(expression, rowContext);
  return {
    rootSlot,
    sources,
    where,
    groupBy,
    aggregates,
    orderBy,
    project,
    distinct: query.distinct,
    top: optional(query.top),
    offset: optional(query.offset),
    limit: optional(query.limit),
  };
}

function compileSource(
  source: Source,
  rootSlot: number | undefined,
  context: ExpressionContext,
): CompiledSource {
  const { alias, iterate, offset } = source;
  if (rootSlot === undefined) {
    const collection = compileExpression(source.collection, context);
    return { slot: context.scope.declareAlias(alias, offset), iterate, collection };
  }
  // Whatever name the first path starts with is the container.
  const collection = compileExpression(renameRoot(source.collection), context);
  return { slot: context.scope.declareAlias(alias, offset), iterate, collection };
}

function renameRoot(expression: Expression): Expression {
  if (expression.kind === "name") return { ...expression, name: "" };
  if (expression.kind === "member") return { ...expression, object: renameRoot(expression.object) };
  return expression.kind === "subquery"
    ? { ...expression, query: renameFirstSource(expression.query) }
    : expression;
}

function renameFirstSource(query: Query): Query {
  const [first, ...rest] = query.sources;
  if (first === undefined) return query;
  return { ...query, sources: [{ ...first, collection: renameRoot(first.collection) }, ...rest] };
}

function compileSelection(query: Query, context: ExpressionContext): Evaluate {
  const { selection } = query;
  switch (selection.kind) {
    case "star":
      return compileStar(query, selection, context);
    case "value":
      return compileExpression(selection.expression, context);
    case "list": {
      let unnamed = 0;
      const properties = selection.items.map(({ expression, alias }): readonly [string, Evaluate] => {
        const name = alias ?? (defaultAlias(expression) || `$${++unnamed}`);
        return [name, compileExpression(expression, context)];
      });
      const names = properties.map(([name]) => name);
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      if (twice !== undefined) {
        const message = `Multiple properties with the same name '${twice}' are specified in the SELECT clause.`;
        throw new SqlError("SC2012", message, 0, 0);
      }
      return compileObject(properties);
    }
  }
}

function compileStar(
  query: Query,
  selection: Extract<Selection, { kind: "star" }>,
  context: ExpressionContext,
): Evaluate {
  const [source, ...joins] = query.sources;
  if (source === undefined || joins.length > 0 || query.groupBy.length > 0) {
    const message = "'SELECT *' is only valid with a single input set.";
    throw new SqlError("SC2006", message, selection.offset, selection.offset + 1);
  }
  const slot = context.scope.slotOf(source.alias) as number;
  return ({ slots }) => slots[slot];
}
