import { generate, generatedText } from "../../codegen/generate";
import { expressionText } from "../../plan/expression-text";
import type { LogicalPlan, StreamInput } from "../../plan/logical-plan";
import { expressionsOf } from "../../plan/relations";
import type { RuntimeContext } from "../context";
import { Graph } from "../graph";
import { physicalRelations, TypedGraph, typedContext, typedRelations } from "./build";
import { ColumnarInput } from "./input";
import { Texts } from "./texts";

/** The JavaScript that a job over the plan would run: scanners and loops of its inputs, then the expressions of rows. */
export function generatedCode(plan: LogicalPlan): string {
  const modes = physicalRelations(plan, "columns");
  const context: RuntimeContext = {
    plan,
    dialect: plan.dialect,
    functions: undefined,
    compile: generate(plan, undefined),
    reference: () => () => null,
  };
  const graph = new Graph(context, () => {});
  const texts = new Texts();
  const inputs = plan.relations.filter(
    (relation): relation is StreamInput => relation.kind === "stream-input",
  );
  const fast = inputs.filter(({ id }) => modes[id]!.mode === "columns");
  const typed = new TypedGraph(
    context,
    texts,
    modes,
    typedRelations(plan, modes, fast),
    (relation) => graph.output(relation),
    { row: () => {}, lines: () => null },
  );
  const parts: string[] = [];
  for (const { relation, mode, columns, keys } of modes) {
    if (relation.kind === "stream-input" && mode === "columns") {
      const input = new ColumnarInput({
        relation,
        columns,
        keys,
        branches: typed.branchesOf(relation),
        typed: typedContext(context, texts),
        options: {
          mode: "live",
          policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 0n, policy: "adjust" },
          onRows: () => {},
        },
        partitions: 1,
        origins: typed.origins,
        told: !typed.pageOrigins,
        diagnose: () => {},
      });
      parts.push(`// relation ${relation.id}: input over columns\n${input.generatedText()}`);
    }
    const loop = typed.code.get(relation.id);
    if (loop !== undefined) parts.push(`// relation ${relation.id}: ${relation.kind} over columns\n${loop}`);
    if (mode === "columns") continue;
    for (const expression of expressionsOf(relation))
      parts.push(
        `// relation ${relation.id}: ${expressionText(expression).replace(/[\r\n\u2028\u2029]+/g, " ")}\n${generatedText(plan, expression)}`,
      );
  }
  return parts.join("\n\n");
}
