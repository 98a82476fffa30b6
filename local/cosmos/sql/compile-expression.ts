import { type Accumulator, aggregates } from "./aggregates";
import type { Expression, Query } from "./ast";
import type { Evaluate, Scope } from "./environment";
import { functionNamed } from "./functions";
import { compileLike } from "./like";
import { binaryOperators, unaryOperators } from "./operators";
import { SqlError } from "./sql-error";
import { equalValues, memberOf, type ObjectValue, type Value } from "./value";

/** An aggregate that a SELECT list asks for. */
export interface AggregateCall {
  readonly create: () => Accumulator;
  readonly argument: Evaluate;
}

/** Where an expression stands: what it may name, and whether it may aggregate. */
export interface ExpressionContext {
  readonly scope: Scope;
  /** Aggregates found so far; undefined where aggregates are not allowed. */
  readonly aggregates: AggregateCall[] | undefined;
  /** Compiles a subquery; `limit` is the number of rows that are needed. */
  readonly compileSubquery: (
    query: Query,
    scope: Scope,
    limit: number,
  ) => (environment: Parameters<Evaluate>[0]) => readonly Value[];
}

/** Compiles an expression into a closure. @throws SqlError for unknown names and functions. */
export function compileExpression(expression: Expression, context: ExpressionContext): Evaluate {
  const compile = (part: Expression) => compileExpression(part, context);
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      return () => value;
    }
    case "parameter": {
      const { name } = expression;
      return ({ parameters }) => (Object.hasOwn(parameters, name) ? parameters[name] : undefined);
    }
    case "name":
      return compileName(expression, context);
    case "member":
      return compileMember(compile(expression.object), expression.property, compile);
    case "unary": {
      const operand = compile(expression.operand);
      const apply = unaryOperators[expression.operator] as (value: Value) => Value;
      return (environment) => apply(operand(environment));
    }
    case "binary": {
      const combine = binaryOperators[expression.operator] as (left: Evaluate, right: Evaluate) => Evaluate;
      return combine(compile(expression.left), compile(expression.right));
    }
    case "conditional": {
      const [test, then, otherwise] = [expression.test, expression.then, expression.otherwise].map(
        compile,
      ) as [Evaluate, Evaluate, Evaluate];
      return (environment) => (test(environment) === true ? then(environment) : otherwise(environment));
    }
    case "between": {
      const value = compile(expression.value);
      const atLeast = (binaryOperators[">="] as (l: Evaluate, r: Evaluate) => Evaluate)(
        value,
        compile(expression.low),
      );
      const atMost = (binaryOperators["<="] as (l: Evaluate, r: Evaluate) => Evaluate)(
        value,
        compile(expression.high),
      );
      return (binaryOperators["AND"] as (l: Evaluate, r: Evaluate) => Evaluate)(atLeast, atMost);
    }
    case "in":
      return compileIn(compile(expression.value), expression.options.map(compile));
    case "like":
      return compileLikeTest(expression, compile);
    case "call":
      return compileCall(expression, context);
    case "array": {
      const items = expression.items.map(compile);
      return (environment) => items.map((item) => item(environment)).filter((item) => item !== undefined);
    }
    case "object":
      return compileObject(expression.properties.map(({ name, value }) => [name, compile(value)]));
    case "subquery":
      return compileSubquery(expression, context);
  }
}

function compileName(
  expression: Extract<Expression, { kind: "name" }>,
  context: ExpressionContext,
): Evaluate {
  const { name, offset } = expression;
  const slot = context.scope.slotOf(name);
  if (slot === undefined) {
    throw new SqlError("SC2001", `Identifier '${name}' could not be resolved.`, offset, offset + name.length);
  }
  return ({ slots }) => slots[slot];
}

function compileMember(
  object: Evaluate,
  property: Expression,
  compile: (part: Expression) => Evaluate,
): Evaluate {
  if (property.kind === "literal") {
    const { value } = property;
    return (environment) => memberOf(object(environment), value);
  }
  const name = compile(property);
  return (environment) => memberOf(object(environment), name(environment));
}

/** Builds an object; properties that are undefined are left out. */
export function compileObject(properties: readonly (readonly [string, Evaluate])[]): Evaluate {
  return (environment) => {
    const result: Record<string, Value> = {};
    for (const [name, evaluate] of properties) {
      const value = evaluate(environment);
      if (value === undefined) continue;
      // A plain assignment to this name would set the prototype instead of a property.
      if (name === "__proto__") Object.defineProperty(result, name, { value, enumerable: true });
      else result[name] = value;
    }
    return result as ObjectValue;
  };
}

function compileIn(value: Evaluate, options: readonly Evaluate[]): Evaluate {
  return (environment) => {
    const wanted = value(environment);
    if (wanted === undefined) return undefined;
    let unknown = false;
    for (const option of options) {
      const candidate = option(environment);
      if (candidate === undefined) unknown = true;
      else if (equalValues(wanted, candidate)) return true;
    }
    return unknown ? undefined : false;
  };
}

function compileLikeTest(
  expression: Extract<Expression, { kind: "like" }>,
  compile: (part: Expression) => Evaluate,
): Evaluate {
  const value = compile(expression.value);
  const pattern = compile(expression.pattern);
  const escapeCharacter =
    expression.escapeCharacter === undefined ? undefined : compile(expression.escapeCharacter);
  let compiledFor: string | undefined;
  let compiledEscape: Value;
  let matches: (text: string) => boolean = () => false;
  return (environment) => {
    const text = value(environment);
    const wanted = pattern(environment);
    const escapeText = escapeCharacter?.(environment);
    if (typeof text !== "string" || typeof wanted !== "string") return undefined;
    if (escapeCharacter !== undefined && typeof escapeText !== "string") return undefined;
    if (compiledFor !== wanted || compiledEscape !== escapeText) {
      matches = compileLike(wanted, escapeText as string | undefined);
      compiledFor = wanted;
      compiledEscape = escapeText;
    }
    return matches(text);
  };
}

function compileCall(
  expression: Extract<Expression, { kind: "call" }>,
  context: ExpressionContext,
): Evaluate {
  const { name, offset, parameters, userDefined } = expression;
  const end = offset + name.length;
  if (userDefined) {
    throw new SqlError(
      "SC2004",
      `User defined function '${name}' is not supported by the local server.`,
      offset,
      end,
    );
  }
  const aggregate = aggregates.get(name);
  if (aggregate !== undefined) return compileAggregate(expression, aggregate, context);
  const definition = functionNamed(name);
  if (definition === undefined) {
    throw new SqlError("SC2005", `'${name}' is not a recognized built-in function name.`, offset, end);
  }
  if (parameters.length < definition.min || parameters.length > definition.max) {
    const wanted =
      definition.min === definition.max ? `${definition.min}` : `${definition.min} to ${definition.max}`;
    throw new SqlError("SC2050", `The ${name} function requires ${wanted} argument(s).`, offset, end);
  }
  const { evaluate } = definition;
  const [first, second, ...rest] = parameters.map((parameter) => compileExpression(parameter, context));
  if (first === undefined) return () => evaluate();
  if (second === undefined) return (environment) => evaluate(first(environment));
  if (rest.length === 0) return (environment) => evaluate(first(environment), second(environment));
  const all = [first, second, ...rest];
  return (environment) => evaluate(...all.map((parameter) => parameter(environment)));
}

function compileAggregate(
  expression: Extract<Expression, { kind: "call" }>,
  create: () => Accumulator,
  context: ExpressionContext,
): Evaluate {
  const { name, offset, parameters } = expression;
  const [parameter] = parameters;
  if (context.aggregates === undefined) {
    throw new SqlError(
      "SC2102",
      `Aggregate function '${name}' is not allowed here.`,
      offset,
      offset + name.length,
    );
  }
  if (parameter === undefined || parameters.length !== 1) {
    throw new SqlError(
      "SC2050",
      `The ${name} function requires 1 argument(s).`,
      offset,
      offset + name.length,
    );
  }
  const argument = compileExpression(parameter, { ...context, aggregates: undefined });
  const index = context.aggregates.push({ create, argument }) - 1;
  return (environment) => environment.aggregates[index];
}

function compileSubquery(
  expression: Extract<Expression, { kind: "subquery" }>,
  context: ExpressionContext,
): Evaluate {
  const { form, query, offset } = expression;
  const run = context.compileSubquery(query, context.scope, form === "exists" ? 1 : Number.POSITIVE_INFINITY);
  if (form === "exists") return (environment) => run(environment).length > 0;
  if (form === "array") return (environment) => run(environment);
  return (environment) => {
    const rows = run(environment);
    if (rows.length > 1) {
      const message = "The cardinality of a scalar subquery result set cannot be greater than one.";
      throw new SqlError("SC2110", message, offset, offset + 1);
    }
    return rows[0];
  };
}
