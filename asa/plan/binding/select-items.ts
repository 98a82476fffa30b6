import type {
  CallNode,
  ExpressionItemNode,
  ExpressionNode,
  SelectItemNode,
  StarItemNode,
} from "../../language";
import { lookupBuiltin } from "../../language/builtins";
import type { Column, Expression, ProjectItem, Schema } from "../logical-plan";
import { reportNotGrouped } from "./group";
import type { Place } from "./place";
import { resolvePath, type ScopeSource, wholeEvent } from "./scope";

/** Items of a projection with what is known of the record that they build. */
export interface BoundItems {
  readonly items: readonly ProjectItem[];
  readonly schema: Schema;
  readonly contract: readonly string[] | null;
  readonly lineage: (column: string) => string | null;
}

/** Binds a SELECT list; `bind` gives the expression of an item in terms of the rows below the projection. */
export function bindItems(
  nodes: readonly SelectItemNode[],
  place: Place,
  grouped: boolean,
  bind: (node: ExpressionNode) => Expression,
): BoundItems {
  const items: ProjectItem[] = [];
  const explicit = new Map<string, SelectItemNode>();
  for (const [index, node] of nodes.entries()) {
    if (node.kind === "star-item") {
      if (grouped) reportNotGrouped('the star "*" cannot be used with GROUP BY', node.range, place);
      else items.push(...expandStar(node, place));
      continue;
    }
    const name = itemName(node, index + 1, place);
    const key = name.toLowerCase();
    const expression = bind(node.expression);
    if (explicit.has(key)) {
      if (place.environment.dialect.duplicateColumns === "error") reportDuplicate(node, name, place);
    } else {
      explicit.set(key, node);
      items.push({ kind: "column", name, expression });
    }
  }
  return { items: withoutHidden(items), ...describe(items, place) };
}

function reportDuplicate(node: ExpressionItemNode, name: string, place: Place): void {
  place.environment.diagnostics.error(
    "ASA_DUPLICATE_COLUMN",
    `two items of the SELECT list are called "${name}"`,
    (node.alias ?? node).range,
    {
      hint: node.alias === null ? "Give it an alias: ... AS name." : "Choose another alias.",
    },
  );
}

/** Leaves out explicit columns that a column of the same name on their left hides. */
function withoutHidden(items: readonly ProjectItem[]): readonly ProjectItem[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    if (item.kind !== "column") return true;
    const key = item.name.toLowerCase();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function expandStar(node: StarItemNode, place: Place): readonly ProjectItem[] {
  const { scope, environment } = place;
  if (node.path !== null) {
    const source = wholeEvent(scope, node.path);
    if (source !== undefined) return columnsOf(source, node);
    const expression = resolvePath(scope, node.path, environment);
    if (expression === undefined) return [];
    if (expression.type !== "any" && expression.type !== "record") {
      environment.diagnostics.error(
        "ASA_STAR",
        `a value of type ${expression.type} has no members for .*`,
        node.range,
      );
    }
    return [{ kind: "members", expression }];
  }
  const [first] = scope.sources;
  if (scope.sources.length === 1 && first !== undefined) return columnsOf(first, node);
  if (environment.dialect.joinStar === "error") {
    environment.diagnostics.error("ASA_STAR", "SELECT * over a join is switched off", node.range, {
      hint: "Name the columns.",
    });
    return [];
  }
  const streams = scope.sources.filter((source) => source.kind !== "apply");
  return scope.sources.flatMap((source): readonly ProjectItem[] => {
    const flat =
      environment.dialect.joinStar === "columns" || (streams.length === 1 && source.kind !== "apply");
    return flat ? columnsOf(source, node) : [wholeRecord(source, node)];
  });
}

function wholeRecord(source: ScopeSource, node: StarItemNode): ProjectItem {
  const expression: Expression = {
    kind: "event",
    slot: source.slot,
    timestampColumn: null,
    type: "record",
    range: node.range,
  };
  return { kind: "column", name: source.name, expression };
}

function columnsOf(source: ScopeSource, node: StarItemNode): readonly ProjectItem[] {
  const { schema, slot } = source;
  if (schema.open) return [{ kind: "star", slot }];
  return schema.columns.map(({ name, type }, index) => ({
    kind: "column",
    name,
    expression: { kind: "column", slot, name, index, type, range: node.range },
  }));
}

/** Default names: last segment of a path, name of a function, Column<N> otherwise (OPEN-08). */
export function itemName(node: ExpressionItemNode, position: number, place: Place): string {
  if (node.alias !== null) return node.alias.text;
  const { expression } = node;
  switch (expression.kind) {
    case "path": {
      const path = expression.segments.map((segment) => segment.text.toLowerCase()).join(".");
      if (path === "system.timestamp") return "timestamp";
      return expression.segments.at(-1)?.text ?? `Column${position}`;
    }
    case "member":
      return expression.name.text;
    case "call":
      return callItemName(expression, place);
    case "cast":
      return cased(expression.lenient ? "TRY_CAST" : "CAST", place);
    default:
      return `Column${position}`;
  }
}

function callItemName(node: CallNode, place: Place): string {
  const written = node.name.at(-1)?.text ?? "";
  const builtin = lookupBuiltin(node.name.map((segment) => segment.text).join("."));
  return builtin === undefined ? written : cased(written, place);
}

function cased(name: string, place: Place): string {
  return place.environment.dialect.defaultNameCase === "lower" ? name.toLowerCase() : name;
}

function describe(items: readonly ProjectItem[], place: Place): Omit<BoundItems, "items"> {
  const columns: Column[] = [];
  const origins = new Map<string, string | null>();
  const stars: ScopeSource[] = [];
  let open = false;
  let contract: string[] | null = [];
  const sourceOf = (slot: number): ScopeSource | undefined =>
    place.scope.sources.find((source) => source.slot === slot);
  for (const item of items) {
    if (item.kind === "members") {
      open = true;
      contract = null;
    } else if (item.kind === "star") {
      open = true;
      const source = sourceOf(item.slot);
      if (source !== undefined) stars.push(source);
      if (source?.contract == null) contract = null;
      else contract?.push(...source.contract);
      for (const column of source?.schema.columns ?? []) addColumn(columns, column);
    } else {
      contract?.push(item.name);
      const { expression } = item;
      const key = item.name.toLowerCase();
      if (columns.some((column) => column.name.toLowerCase() === key)) continue;
      // A column of an open star on the left hides this one, whatever its type.
      addColumn(columns, { name: item.name, type: open ? "any" : expression.type });
      origins.set(
        key,
        expression.kind === "column" && !open
          ? (sourceOf(expression.slot)?.lineage(expression.name) ?? null)
          : null,
      );
    }
  }
  const lineage = (column: string): string | null => {
    const own = origins.get(column.toLowerCase());
    if (own !== undefined) return own;
    return stars.length === 1 ? (stars[0]?.lineage(column) ?? null) : null;
  };
  return { schema: { columns, open }, contract: open ? contract : null, lineage };
}

function addColumn(columns: Column[], column: Column): void {
  const key = column.name.toLowerCase();
  if (!columns.some((known) => known.name.toLowerCase() === key)) columns.push(column);
}
