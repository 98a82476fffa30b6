import {
  type Diagnostics,
  didYouMean,
  type NameNode,
  type QueryNode,
  type ScriptNode,
  type SelectNode,
} from "../../language";
import type { Column, PlanOutput } from "../logical-plan";
import { bindQuery } from "./bind";
import { type Environment, valueType } from "./environment";
import { expressionKey } from "./expression-tree";
import { isInputName } from "./from";
import { bindSteps } from "./steps";

/** Binds a whole script and returns its outputs in the order of the statements. */
export function bindScript(script: ScriptNode, environment: Environment): readonly PlanOutput[] {
  declareTables(script, environment);
  declareSteps(script, environment);
  bindSteps(environment);
  const outputs = script.statements.map((statement): PlanOutput => {
    const { relation } = bindQuery(statement, environment, true);
    return { name: outputName(statement, environment), relation };
  });
  checkDuplicates(script, outputs, environment);
  checkSubstreams(environment);
  checkTimestampBy(environment);
  return outputs;
}

/** WITH steps alone give nothing. */
export function reportNoStatement(script: ScriptNode, diagnostics: Diagnostics): void {
  const last = script.steps.at(-1);
  if (last === undefined) return;
  diagnostics.error("ASA_NO_STATEMENT", "no SELECT statement follows the WITH steps", last.name.range, {
    hint: `Add e.g. SELECT * INTO output FROM ${last.name.text}.`,
  });
}

/** CREATE TABLE declares the columns of an input, once per input. */
function declareTables(script: ScriptNode, environment: Environment): void {
  const { diagnostics, inputs, tables } = environment;
  for (const node of script.tables) {
    const key = node.name.text.toLowerCase();
    if (inputs.size > 0 && !inputs.has(key)) {
      const known = [...inputs.values()].map((input) => input.alias);
      diagnostics.error(
        "ASA_CREATE_TABLE",
        `CREATE TABLE names the unknown input "${node.name.text}"`,
        node.name.range,
        {
          hint: didYouMean(node.name.text, known) ?? `The inputs are: ${known.join(", ")}.`,
        },
      );
    }
    if (tables.has(key)) {
      diagnostics.error("ASA_CREATE_TABLE", `input "${node.name.text}" is declared twice`, node.name.range, {
        hint: "Keep one CREATE TABLE per input.",
      });
      continue;
    }
    const columns: Column[] = [];
    for (const column of node.columns) {
      const name = column.name.text;
      if (columns.some((known) => known.name.toLowerCase() === name.toLowerCase())) {
        diagnostics.error("ASA_CREATE_TABLE", `column "${name}" is declared twice`, column.name.range, {
          hint: "Names ignore case.",
        });
      } else columns.push({ name, type: valueType(column.type, diagnostics) });
    }
    tables.set(key, { node, columns });
  }
}

function declareSteps(script: ScriptNode, environment: Environment): void {
  const { diagnostics, steps } = environment;
  for (const step of script.steps) {
    const key = step.name.text.toLowerCase();
    if (isInputName(step.name.text, environment)) {
      diagnostics.error(
        "ASA_STEP_SHADOWS_INPUT",
        `step "${step.name.text}" has the name of an input`,
        step.name.range,
        {
          hint: "Choose another name for the step.",
        },
      );
    }
    if (steps.has(key)) {
      diagnostics.error("ASA_DUPLICATE_STEP", `two steps are called "${step.name.text}"`, step.name.range, {
        hint: "Names ignore case; choose another one.",
      });
    } else steps.set(key, step);
  }
}

/** Selects of a query in the order of the text, through brackets. */
function selectsOf(query: QueryNode): readonly SelectNode[] {
  return query.branches.flatMap((branch) => (branch.kind === "select" ? [branch] : selectsOf(branch)));
}

/** INTO of the first branch holds for the whole statement; without one the rows go to `output`. */
function outputName(statement: QueryNode, environment: Environment): string {
  const { diagnostics, options } = environment;
  const [first, ...rest] = selectsOf(statement);
  const into = first?.into ?? null;
  for (const branch of rest) {
    if (branch.into === null || branch.into.text.toLowerCase() === into?.text.toLowerCase()) continue;
    diagnostics.error("ASA_INTO_IN_UNION", "INTO of a UNION stands in its first branch", branch.into.range, {
      hint: "Move it to the first SELECT.",
    });
  }
  const declared = options.outputs ?? [];
  const known = declared.find((name) => name.toLowerCase() === (into?.text ?? "output").toLowerCase());
  if (known !== undefined) return known;
  if (into === null) checkDefaultOutput(statement, environment);
  else if (declared.length > 0 && options.purpose !== "local")
    reportUnknownOutput(into, declared, environment);
  return into?.text ?? "output";
}

function checkDefaultOutput(statement: QueryNode, environment: Environment): void {
  const { diagnostics, dialect, options } = environment;
  const declared = options.outputs ?? [];
  const strict =
    dialect.missingDefaultOutput === "error" ||
    (dialect.missingDefaultOutput === "by-purpose" && options.purpose !== "local");
  if (declared.length === 0 || !strict) return;
  const place = selectsOf(statement)[0] ?? statement;
  diagnostics.error("ASA_UNKNOWN_OUTPUT", 'output "output" does not exist', place.range, {
    detail: 'A statement without INTO writes to the output called "output".',
    hint: `Add INTO with one of: ${declared.join(", ")}.`,
  });
}

function reportUnknownOutput(into: NameNode, declared: readonly string[], environment: Environment): void {
  environment.diagnostics.error("ASA_UNKNOWN_OUTPUT", `output "${into.text}" does not exist`, into.range, {
    hint: didYouMean(into.text, declared) ?? `The outputs are: ${declared.join(", ")}.`,
  });
}

/** Several statements with one INTO name: appended by the service, refused by the local tool (OPEN-39). */
function checkDuplicates(script: ScriptNode, outputs: readonly PlanOutput[], environment: Environment): void {
  const { diagnostics, dialect, options } = environment;
  const strict =
    dialect.duplicateOutput === "error" ||
    (dialect.duplicateOutput === "by-purpose" && options.purpose === "local");
  const seen = new Map<string, number>();
  for (const [index, output] of outputs.entries()) {
    const key = output.name.toLowerCase();
    const earlier = seen.get(key);
    seen.set(key, index);
    if (earlier === undefined) continue;
    const select = selectsOf(script.statements[index] as QueryNode)[0];
    const range = select?.into?.range ?? select?.range ?? script.range;
    if (strict) {
      diagnostics.error("ASA_DUPLICATE_OUTPUT", `two statements write to output "${output.name}"`, range, {
        hint: "Join them with UNION, or write to different outputs.",
      });
    } else if (dialect.duplicateOutput !== "accept") {
      diagnostics.warning(
        "ASA_DUPLICATE_OUTPUT_WARNING",
        `several statements append to output "${output.name}"`,
        range,
        {
          hint: "Local runs refuse this; join the statements with UNION.",
        },
      );
    }
  }
}

/** TIMESTAMP BY ... OVER is used on all stream inputs or on none. */
function checkSubstreams(environment: Environment): void {
  const inputs = environment.relations.flatMap((relation) =>
    relation.kind === "stream-input" ? [relation] : [],
  );
  const [keyed] = inputs.filter((input) => input.over.length > 0);
  if (keyed === undefined) return;
  for (const input of inputs) {
    if (input.over.length > 0) continue;
    environment.diagnostics.error(
      "ASA_SUBSTREAM",
      `input "${input.input}" has no substreams, input "${keyed.input}" has`,
      input.range,
      {
        hint: "Use TIMESTAMP BY ... OVER on all inputs or on none.",
      },
    );
  }
}

/** One input under different TIMESTAMP BY clauses is read once per clause, unless the dialect forbids it (OPEN-34). */
function checkTimestampBy(environment: Environment): void {
  if (environment.dialect.timestampByPerStatement !== "error") return;
  const seen = new Map<string, string>();
  for (const relation of environment.relations) {
    if (relation.kind !== "stream-input") continue;
    const clause = relation.timestampBy === null ? "" : expressionKey(relation.timestampBy);
    const input = relation.input.toLowerCase();
    if ((seen.get(input) ?? clause) !== clause) {
      environment.diagnostics.error(
        "ASA_TIMESTAMP_BY_EXPRESSION",
        `input "${relation.input}" is read with different TIMESTAMP BY clauses`,
        relation.range,
        {
          hint: "Use the same clause everywhere.",
        },
      );
    }
    seen.set(input, clause);
  }
}
