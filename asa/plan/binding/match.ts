import type { MatchRecognizeNode, NameNode, PatternNode as PatternSyntax, SelectNode } from "../../language";
import type { Column, PatternNode, PatternVariable } from "../logical-plan";
import { bindCondition, bindValue } from "./bind";
import { durationTicks, sevenDays } from "./constants";
import type { Environment } from "./environment";
import type { BoundFrom } from "./from";
import { plainPlace } from "./place";
import type { RowSource } from "./scope";

/** Binds SELECT * FROM input MATCH_RECOGNIZE (...); the result has the measures as its columns. */
export function bindMatch(
  select: SelectNode,
  node: MatchRecognizeNode,
  from: BoundFrom,
  environment: Environment,
): RowSource {
  const { diagnostics } = environment;
  checkShape(select, node, environment);
  const variables: NameNode[] = [];
  const pattern = bindPattern(node.pattern, variables);
  const defined = node.defines.map((define) => numberOf(define.variable, variables));
  const place = plainPlace(environment, from, "MATCH_RECOGNIZE");
  const conditions = new Map<number, PatternVariable["condition"]>();
  for (const [index, define] of node.defines.entries()) {
    const variable = defined[index] as number;
    if (variable < 0) {
      diagnostics.error(
        "ASA_MATCH_RECOGNIZE",
        `variable "${define.variable.text}" is not part of the pattern`,
        define.variable.range,
        {
          hint: `The variables of PATTERN are: ${variables.map((name) => name.text).join(", ")}.`,
        },
      );
      continue;
    }
    if (conditions.has(variable)) {
      diagnostics.error(
        "ASA_MATCH_RECOGNIZE",
        `variable "${define.variable.text}" is defined twice`,
        define.variable.range,
      );
      continue;
    }
    const undefinedVariables = variables
      .map((_, number) => number)
      .filter((number) => !defined.includes(number));
    const visible = new Set([...defined.slice(0, index + 1), ...undefinedVariables]);
    conditions.set(
      variable,
      bindCondition(define.condition, { ...place, match: { clause: "DEFINE", variables, visible } }),
    );
  }
  const all = new Set(variables.keys());
  const measures = node.measures.map((measure) => ({
    name: measure.alias.text,
    expression: bindValue(measure.expression, {
      ...place,
      match: { clause: "MEASURES", variables, visible: all },
    }),
  }));
  checkMeasureNames(node, environment);
  const rule = { what: "LIMIT DURATION", code: "ASA_ARGUMENT_CONSTANT", least: "positive" } as const;
  const limitTicks =
    node.limit === null ? undefined : durationTicks(node.limit.unit, node.limit.count, rule, diagnostics);
  const partitionBy = node.partitionBy.map((key) => bindValue(key, place));
  const columns: readonly Column[] = measures.map((measure) => ({
    name: measure.name,
    type: measure.expression.type,
  }));
  const schema = { columns, open: false };
  const source = from.sources[0];
  const relation = environment.add({
    kind: "match",
    source: from.relations[0] as number,
    limitTicks: limitTicks ?? sevenDays,
    partitionBy: [...partitionBy, ...(source?.partitionBy ?? [])],
    pattern,
    variables: variables.map((name, number) => ({
      name: name.text,
      condition: conditions.get(number) ?? null,
    })),
    measures,
    slots: [schema],
    computed: [],
    range: node.range,
  });
  return { relation, schema, contract: null, lineage: () => null };
}

function checkShape(select: SelectNode, node: MatchRecognizeNode, environment: Environment): void {
  const { diagnostics } = environment;
  const [item] = select.items;
  if (select.items.length !== 1 || item?.kind !== "star-item" || item.path !== null) {
    diagnostics.error(
      "ASA_MATCH_RECOGNIZE",
      "a query with MATCH_RECOGNIZE selects * only",
      (item ?? select).range,
      {
        hint: "Write SELECT * and name the columns in MEASURES.",
      },
    );
  }
  if (select.joins.length > 0) {
    diagnostics.error(
      "ASA_MATCH_RECOGNIZE",
      "MATCH_RECOGNIZE reads one source",
      (select.joins[0] as { range: SelectNode["range"] }).range,
      {
        hint: "Join in a step and match over that step.",
      },
    );
  }
  for (const clause of [select.where, select.groupBy?.[0] ?? null, select.having]) {
    if (clause === null) continue;
    diagnostics.error(
      "ASA_MATCH_RECOGNIZE",
      "a query with MATCH_RECOGNIZE has neither WHERE, GROUP BY nor HAVING",
      clause.range,
      {
        hint: "Filter in a step before or after it.",
      },
    );
  }
  if (node.limit === null) {
    diagnostics.error("ASA_MATCH_RECOGNIZE", "MATCH_RECOGNIZE needs LIMIT DURATION", node.range, {
      hint: "Add LIMIT DURATION(unit, n) as its first line.",
    });
  }
}

function checkMeasureNames(node: MatchRecognizeNode, environment: Environment): void {
  const seen = new Set<string>();
  for (const measure of node.measures) {
    const key = measure.alias.text.toLowerCase();
    if (seen.has(key)) {
      environment.diagnostics.error(
        "ASA_DUPLICATE_COLUMN",
        `two measures are called "${measure.alias.text}"`,
        measure.alias.range,
        {
          hint: "Choose another alias.",
        },
      );
    }
    seen.add(key);
  }
}

function numberOf(name: NameNode, variables: readonly NameNode[]): number {
  return variables.findIndex((candidate) => candidate.text.toLowerCase() === name.text.toLowerCase());
}

/** Numbers the variables in the order of their first mention. */
function bindPattern(node: PatternSyntax, variables: NameNode[]): PatternNode {
  switch (node.kind) {
    case "pattern-any":
      return { kind: "any" };
    case "pattern-variable": {
      let variable = numberOf(node.name, variables);
      if (variable < 0) variable = variables.push(node.name) - 1;
      return { kind: "variable", variable };
    }
    case "pattern-sequence":
      return { kind: "sequence", items: node.items.map((item) => bindPattern(item, variables)) };
    case "pattern-choice":
      return { kind: "choice", items: node.items.map((item) => bindPattern(item, variables)) };
    case "pattern-repeat":
      return { kind: "repeat", item: bindPattern(node.item, variables), min: node.min, max: node.max };
  }
}
