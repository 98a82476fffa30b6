import type { CompileDiagnostic, CompileOptions } from "../api";
import { resolveDialect } from "../dialect";
import { AsaError } from "../errors";
import { Diagnostics, formatDiagnostic, parse, Source } from "../language";
import { Environment } from "./binding/environment";
import { bindConditionNode, bindValueNode } from "./binding/expression";
import { bindQueryNode } from "./binding/query";
import { bindScript, reportNoStatement } from "./binding/script";
import { intactPart } from "./intact";
import type { LogicalPlan } from "./logical-plan";
import { prune } from "./prune";
import { warnings } from "./warnings";

/** Findings in the order of their places, and the plan when none of them is an error. */
export interface Compilation {
  readonly diagnostics: readonly CompileDiagnostic[];
  readonly plan: LogicalPlan | null;
}

/**
 * Compiles a query text to its checked logical plan. Mistakes of the query never throw: all of them are reported.
 *
 * @throws {AsaError} ASA_UNKNOWN_SWITCH when `options.dialect` names a switch or choice that does not exist
 */
export function compile(text: string, options: CompileOptions = {}): Compilation {
  const dialect = resolveDialect(options.dialect);
  const source = new Source(text, options.file ?? "query.asaql");
  const diagnostics = new Diagnostics(source.file);
  const script = parse(source, diagnostics, dialect);
  const environment = new Environment(diagnostics, dialect, options, {
    value: bindValueNode,
    condition: bindConditionNode,
    query: bindQueryNode,
  });
  if (diagnostics.hasErrors) {
    bindScript(intactPart(script, text, diagnostics.list, environment), environment);
    return { diagnostics: diagnostics.list, plan: null };
  }
  if (script.statements.length === 0) reportNoStatement(script, diagnostics);
  const outputs = bindScript(script, environment);
  const { relations } = environment;
  const plan: LogicalPlan = { text, file: source.file, relations, outputs, dialect };
  if (!diagnostics.hasErrors)
    for (const warn of warnings) warn({ script, plan, environment, options, diagnostics });
  return { diagnostics: diagnostics.list, plan: diagnostics.hasErrors ? null : prune(plan) };
}

/**
 * Compiles a query text to its checked logical plan, for callers that cannot go on without one.
 *
 * @throws {AsaError} ASA_COMPILE_FAILED with every error of the query, its place, caret and hint, as detail
 */
export function compilePlan(text: string, options: CompileOptions = {}): LogicalPlan {
  const { plan, diagnostics } = compile(text, options);
  if (plan !== null) return plan;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  throw new AsaError("ASA_COMPILE_FAILED", `the query has ${errors.length} errors: ${first?.message}`, {
    detail: errors.map((diagnostic) => formatDiagnostic(diagnostic, text)).join("\n"),
    ...(first?.hint === undefined ? {} : { hint: first.hint }),
    ...(first === undefined ? {} : { location: first.range }),
  });
}
