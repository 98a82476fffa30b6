import type {
  ApplyNode,
  AstNode,
  CallNode,
  ExpressionNode,
  JoinNode,
  MatchRecognizeNode,
  NameNode,
  OverNode,
  PatternNode,
  QueryNode,
  ScriptNode,
  SelectItemNode,
  SelectNode,
  SourceNode,
  TypeNode,
} from "./ast";

/** Returns text that parses to the same tree; comments and the spelling of keywords are not kept. */
export function print(node: ScriptNode | QueryNode | ExpressionNode): string {
  if (node.kind === "script") return printScript(node);
  if (node.kind === "query") return printQuery(node, "");
  return expression(node);
}

function printScript(script: ScriptNode): string {
  const parts: string[] = script.tables.map(
    (table) =>
      `CREATE TABLE ${name(table.name)} (${table.columns.map((column) => `${name(column.name)} ${type(column.type)}`).join(", ")});`,
  );
  if (script.steps.length > 0) {
    const steps = script.steps.map((step) => `${name(step.name)} AS (\n${printQuery(step.query, "  ")}\n)`);
    parts.push(`WITH ${steps.join(",\n")}`);
  }
  for (const statement of script.statements) parts.push(`${printQuery(statement, "")};`);
  return parts.join("\n");
}

function printQuery(query: QueryNode, indent: string): string {
  return query.branches
    .map((branch) =>
      branch.kind === "select"
        ? printSelect(branch, indent)
        : `${indent}(\n${printQuery(branch, `${indent}  `)}\n${indent})`,
    )
    .join(`\n${indent}UNION\n`);
}

function printSelect(select: SelectNode, indent: string): string {
  const lines = [`SELECT ${select.items.map(item).join(", ")}`];
  if (select.into !== null) lines.push(`INTO ${name(select.into)}`);
  lines.push(`FROM ${source(select.from, indent)}`);
  for (const join of select.joins)
    lines.push(join.kind === "join" ? printJoin(join, indent) : printApply(join));
  if (select.match !== null) lines.push(printMatch(select.match));
  if (select.where !== null) lines.push(`WHERE ${expression(select.where)}`);
  if (select.groupBy !== null) lines.push(`GROUP BY ${list(select.groupBy)}`);
  if (select.having !== null) lines.push(`HAVING ${expression(select.having)}`);
  return lines.map((line) => indent + line).join("\n");
}

function item(node: SelectItemNode): string {
  if (node.kind === "star-item") return node.path === null ? "*" : `${expression(node.path)}.*`;
  return expression(node.expression) + (node.alias === null ? "" : ` AS ${alias(node.alias)}`);
}

function source(node: SourceNode, indent: string): string {
  const head =
    node.kind === "table-source"
      ? name(node.name)
      : `(\n${printQuery(node.query, `${indent}  `)}\n${indent})`;
  const parts = [head];
  if (node.alias !== null) parts.push(`AS ${name(node.alias)}`);
  if (node.timestampBy !== null) {
    parts.push(`TIMESTAMP BY ${expression(node.timestampBy.expression)}`);
    if (node.timestampBy.over.length > 0) parts.push(`OVER ${list(node.timestampBy.over)}`);
  }
  if (node.partitionBy !== null) {
    parts.push(`PARTITION BY ${list(node.partitionBy.keys)}`);
    if (node.partitionBy.count !== null) parts.push(`INTO ${node.partitionBy.count}`);
  }
  return parts.join(" ");
}

function printJoin(node: JoinNode, indent: string): string {
  const word = { inner: "INNER JOIN", left: "LEFT JOIN", cross: "CROSS JOIN" }[node.type];
  return `${word} ${source(node.source, indent)}${node.on === null ? "" : ` ON ${expression(node.on)}`}`;
}

function printApply(node: ApplyNode): string {
  return `${node.outer ? "OUTER" : "CROSS"} APPLY ${name(node.function)}(${list(node.arguments)}) AS ${name(node.alias)}`;
}

function printMatch(node: MatchRecognizeNode): string {
  const parts: string[] = [];
  if (node.limit !== null)
    parts.push(`LIMIT DURATION(${name(node.limit.unit)}, ${expression(node.limit.count)})`);
  if (node.partitionBy.length > 0) parts.push(`PARTITION BY ${list(node.partitionBy)}`);
  parts.push(
    `MEASURES ${node.measures.map((measure) => `${expression(measure.expression)} AS ${name(measure.alias)}`).join(", ")}`,
  );
  parts.push("AFTER MATCH SKIP TO NEXT ROW");
  parts.push(`PATTERN (${pattern(node.pattern, "choice")})`);
  parts.push(
    `DEFINE ${node.defines.map((define) => `${name(define.variable)} AS ${expression(define.condition)}`).join(", ")}`,
  );
  return `MATCH_RECOGNIZE (${parts.join(" ")})${node.alias === null ? "" : ` AS ${name(node.alias)}`}`;
}

/** `place` is what may stand there without brackets. */
function pattern(node: PatternNode, place: "choice" | "sequence" | "item"): string {
  switch (node.kind) {
    case "pattern-variable":
      return name(node.name);
    case "pattern-any":
      return ".";
    case "pattern-choice": {
      const text = node.items.map((child) => pattern(child, "sequence")).join(" | ");
      return place === "choice" ? text : `(${text})`;
    }
    case "pattern-sequence": {
      const text = node.items.map((child) => pattern(child, "item")).join(" ");
      return place === "item" ? `(${text})` : text;
    }
    case "pattern-repeat": {
      const { min, max } = node;
      let suffix = `{${min},${max ?? ""}}`;
      if (max === min) suffix = `{${min}}`;
      else if (min === 0 && max === null) suffix = "*";
      else if (min === 1 && max === null) suffix = "+";
      else if (min === 0 && max === 1) suffix = "?";
      const inner = pattern(node.item, "item");
      return `${node.item.kind === "pattern-repeat" ? `(${inner})` : inner}${suffix}`;
    }
  }
}

function name(node: NameNode): string {
  return node.quoted ? `[${node.text.replaceAll("]", "]]")}]` : node.text;
}

/** A text alias may hold a line end, which a bracketed name may not. */
function alias(node: NameNode): string {
  return /[\r\n]/.test(node.text) ? text(node.text) : name(node);
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function type(node: TypeNode): string {
  return node.argument === null ? node.name : `${node.name}(${node.argument})`;
}

function list(nodes: readonly ExpressionNode[]): string {
  return nodes.map((node) => expression(node)).join(", ");
}

/** Strength of binding; operands weaker than their place need brackets. */
function strength(node: ExpressionNode): number {
  switch (node.kind) {
    case "logical":
      return node.operator === "or" ? 1 : 2;
    case "not":
      return 3;
    case "comparison":
    case "like":
    case "between":
    case "in":
    case "is-null":
      return 4;
    case "binary":
      return ["*", "/", "%"].includes(node.operator) ? 6 : 5;
    case "unary":
      return 7;
    default:
      return 8;
  }
}

function inside(node: ExpressionNode, least: number): string {
  const printed = expression(node);
  return strength(node) < least ? `(${printed})` : printed;
}

function expression(node: ExpressionNode): string {
  switch (node.kind) {
    case "literal":
      return literal(node.value);
    case "path":
      return node.segments.map(name).join(".");
    case "call":
      return call(node);
    case "member":
      return `${node.target.kind === "call" ? expression(node.target) : `(${expression(node.target)})`}.${name(node.name)}`;
    case "unary": {
      const operand = inside(node.operand, 7);
      return `${node.operator}${/^[-+]/.test(operand) ? " " : ""}${operand}`;
    }
    case "binary":
      return `${operand(node.left, node, strength(node))} ${node.operator} ${operand(node.right, node, strength(node) + 1)}`;
    case "comparison":
      return `${inside(node.left, 5)} ${node.operator} ${inside(node.right, 5)}`;
    case "logical": {
      const level = strength(node);
      return node.operands.map((child) => inside(child, level + 1)).join(` ${node.operator.toUpperCase()} `);
    }
    case "not":
      return `NOT ${inside(node.operand, 3)}`;
    case "like":
      return `${inside(node.operand, 5)}${node.negated ? " NOT" : ""} LIKE ${inside(node.pattern, 5)}`;
    case "between":
      return `${inside(node.operand, 5)}${node.negated ? " NOT" : ""} BETWEEN ${inside(node.low, 5)} AND ${inside(node.high, 5)}`;
    case "in":
      return `${inside(node.operand, 5)}${node.negated ? " NOT" : ""} IN (${list(node.items)})`;
    case "is-null":
      return `${inside(node.operand, 5)} IS${node.negated ? " NOT" : ""} NULL`;
    case "case": {
      const branches = node.branches.map(
        (branch) => `WHEN ${expression(branch.when)} THEN ${expression(branch.then)}`,
      );
      const head = node.operand === null ? "CASE" : `CASE ${expression(node.operand)}`;
      const tail = node.otherwise === null ? "" : ` ELSE ${expression(node.otherwise)}`;
      return `${head} ${branches.join(" ")}${tail} END`;
    }
    case "cast":
      return `${node.lenient ? "TRY_CAST" : "CAST"}(${expression(node.operand)} AS ${type(node.type)})`;
  }
}

/** Brackets keep `a + b | c` independent of the dialect's precedence of bitwise operators. */
function operand(node: ExpressionNode, parent: { readonly operator: string }, least: number): string {
  const mixed =
    node.kind === "binary" &&
    strength(node) === 5 &&
    node.operator !== parent.operator &&
    /[&|^]/.test(node.operator + parent.operator);
  return mixed ? `(${expression(node)})` : inside(node, least);
}

function literal(value: bigint | number | string | null): string {
  if (value === null) return "NULL";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return text(value);
  const printed = String(value);
  return /[.e]/.test(printed) ? printed : `${printed}.0`;
}

function call(node: CallNode): string {
  const quantifier = node.quantifier === null ? "" : `${node.quantifier.toUpperCase()} `;
  const parts = node.arguments.map((child) => expression(child));
  if (node.star) parts.unshift("*");
  const head = `${node.name.map(name).join(".")}(${quantifier}${parts.join(", ")})`;
  return node.over === null ? head : `${head} ${over(node.over)}`;
}

function over(node: OverNode): string {
  const parts: string[] = [];
  if (node.partitionBy.length > 0) parts.push(`PARTITION BY ${list(node.partitionBy)}`);
  if (node.orderBy.length > 0) {
    parts.push(
      `ORDER BY ${node.orderBy.map((entry) => `${expression(entry.expression)}${entry.descending ? " DESC" : ""}`).join(", ")}`,
    );
  }
  if (node.limit !== null)
    parts.push(`LIMIT DURATION(${name(node.limit.unit)}, ${expression(node.limit.count)})`);
  if (node.when !== null) parts.push(`WHEN ${expression(node.when)}`);
  return `OVER (${parts.join(" ")})`;
}

/** Returns the tree as indented lines, one node each, for `explain`. */
export function printTree(root: AstNode): string {
  const lines: string[] = [];
  const enter = (value: unknown, label: string, indent: string): void => {
    if (Array.isArray(value)) {
      for (const [index, child] of value.entries()) enter(child, `${label}[${index}]`, indent);
    } else if (typeof value === "object" && value !== null && "kind" in value) {
      const node = value as AstNode;
      const plain: string[] = [];
      for (const [key, member] of Object.entries(node)) {
        if (key !== "kind" && (typeof member !== "object" || member === null))
          plain.push(`${key}=${show(member)}`);
      }
      lines.push(`${indent}${label}: ${node.kind} ${plain.join(" ")}`.trimEnd());
      for (const [key, member] of Object.entries(node)) {
        if (key !== "range" && typeof member === "object" && member !== null)
          enter(member, key, `${indent}  `);
      }
    }
  };
  enter(root, "root", "");
  return lines.join("\n");
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
