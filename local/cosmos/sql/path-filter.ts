import type { Expression } from "./ast";
import type { ObjectValue, Value } from "./value";

/** A condition on a property of the item that every result row meets; the value is a literal or a parameter. */
export interface PathFilter {
  readonly path: readonly string[];
  readonly operator: "=" | "<" | "<=" | ">" | ">=" | "startsWith";
  readonly value: { readonly literal: Value } | { readonly parameter: string };
}

const mirrored: Readonly<Record<string, PathFilter["operator"]>> = {
  "=": "=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** Finds the conditions of WHERE that an index can serve; the filter itself is evaluated all the same. */
export function findPathFilters(where: Expression | undefined, alias: string): PathFilter[] {
  if (where === undefined) return [];
  if (where.kind === "binary") {
    if (where.operator === "AND") {
      return [...findPathFilters(where.left, alias), ...findPathFilters(where.right, alias)];
    }
    const operator = mirrored[where.operator];
    if (operator === undefined) return [];
    const straight = filterOf(where.left, mirrored[operator] as PathFilter["operator"], where.right, alias);
    return straight ?? filterOf(where.right, operator, where.left, alias) ?? [];
  }
  if (where.kind === "between") {
    return [
      ...(filterOf(where.value, ">=", where.low, alias) ?? []),
      ...(filterOf(where.value, "<=", where.high, alias) ?? []),
    ];
  }
  if (where.kind === "call" && where.name === "STARTSWITH" && where.parameters.length === 2) {
    const [path, prefix] = where.parameters as [Expression, Expression];
    return filterOf(path, "startsWith", prefix, alias) ?? [];
  }
  return [];
}

function filterOf(
  pathExpression: Expression,
  operator: PathFilter["operator"],
  valueExpression: Expression,
  alias: string,
): PathFilter[] | undefined {
  const path = pathOf(pathExpression, alias);
  if (path === undefined || path.length === 0) return undefined;
  if (valueExpression.kind === "literal")
    return [{ path, operator, value: { literal: valueExpression.value } }];
  if (valueExpression.kind === "parameter")
    return [{ path, operator, value: { parameter: valueExpression.name } }];
  return undefined;
}

/** The property names from the alias to the expression; undefined for anything but such a path. */
export function pathOf(expression: Expression, alias: string): string[] | undefined {
  if (expression.kind === "name") return expression.name === alias ? [] : undefined;
  if (expression.kind !== "member" || expression.property.kind !== "literal") return undefined;
  const { value } = expression.property;
  const parent = pathOf(expression.object, alias);
  return parent === undefined || typeof value !== "string" ? undefined : [...parent, value];
}

/** Value that a filter compares with. */
export function filterValue({ value }: PathFilter, parameters: ObjectValue): Value {
  if ("literal" in value) return value.literal;
  return Object.hasOwn(parameters, value.parameter) ? parameters[value.parameter] : undefined;
}
