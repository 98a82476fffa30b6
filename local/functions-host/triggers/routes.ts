/** One route of a function: its template's segments. */
export interface Route {
  readonly functionName: string;
  /** Upper case; empty for any method. */
  readonly methods: readonly string[];
  readonly segments: readonly Segment[];
}

type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | {
      readonly kind: "parameter";
      readonly name: string;
      readonly optional: boolean;
      readonly isInteger: boolean;
    }
  | { readonly kind: "rest"; readonly name: string };

export type RouteMatch =
  | {
      readonly kind: "match";
      readonly functionName: string;
      readonly parameters: Readonly<Record<string, string>>;
    }
  | { readonly kind: "method"; readonly allowed: readonly string[] }
  | { readonly kind: "none" };

/** Reads a template such as `quarantine/{id}/replay`, `files/{*path}` or `orders/{id:int?}`. */
export function parseRoute(functionName: string, template: string, methods: readonly string[]): Route {
  return {
    functionName,
    methods: methods.map((method) => method.toUpperCase()),
    segments: template.split("/").filter(Boolean).map(parseSegment),
  };
}

function parseSegment(text: string): Segment {
  const match = /^\{(\*?)([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+))?(\??)\}$/.exec(text);
  if (match === null) return { kind: "literal", text: text.toLowerCase() };
  const [, star, name, constraint, question] = match;
  return star === "*"
    ? { kind: "rest", name: name as string }
    : {
        kind: "parameter",
        name: name as string,
        optional: question === "?",
        isInteger: constraint === "int",
      };
}

/** Finds the function for a path without the prefix; literal segments win over parameters, these over a rest. */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch {
  const parts = path.split("/").filter(Boolean);
  const found = routes
    .map((route) => ({ route, parameters: parametersOf(route, parts) }))
    .filter((candidate) => candidate.parameters !== undefined)
    .sort((a, b) => compareSpecificity(a.route, b.route));
  if (found.length === 0) return { kind: "none" };
  const match = found.find(({ route }) => route.methods.length === 0 || route.methods.includes(method));
  if (match === undefined) return { kind: "method", allowed: found.flatMap(({ route }) => route.methods) };
  return { kind: "match", functionName: match.route.functionName, parameters: match.parameters ?? {} };
}

function parametersOf(route: Route, parts: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  let position = 0;
  for (const segment of route.segments) {
    if (segment.kind === "rest") {
      parameters[segment.name] = parts.slice(position).map(decode).join("/");
      return parameters;
    }
    const part = parts[position];
    if (part === undefined) {
      if (segment.kind === "parameter" && segment.optional) continue;
      return undefined;
    }
    position++;
    const value = decode(part);
    if (segment.kind === "literal") {
      if (value.toLowerCase() !== segment.text) return undefined;
    } else {
      if (segment.isInteger && !/^-?\d+$/.test(value)) return undefined;
      parameters[segment.name] = value;
    }
  }
  return position === parts.length ? parameters : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const rank = { literal: 0, parameter: 1, rest: 2 } as const;

function compareSpecificity(a: Route, b: Route): number {
  const length = Math.max(a.segments.length, b.segments.length);
  for (let index = 0; index < length; index++) {
    const left = a.segments[index];
    const right = b.segments[index];
    if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? -1 : 1;
    if (left.kind !== right.kind) return rank[left.kind] - rank[right.kind];
  }
  return 0;
}
