import { generate, generatedText } from "../../codegen/generate";
import { expressionText } from "../../plan/expression-text";
import type { LogicalPlan } from "../../plan/logical-plan";
import { expressionsOf, physicalPlan } from "../../plan/physical";
import type { RuntimeContext } from "../context";
import { Graph } from "../graph";
import { columnarBranches, relationsOf } from "./branches";
import { ColumnarInput } from "./input";
import { Interner } from "./interner";

/** The JavaScript that a job over the plan would run: scanners and loops of its inputs, then the expressions of rows. */
export function generatedCode(plan: LogicalPlan): string {
  const modes = physicalPlan(plan).relations;
  const context: RuntimeContext = {
    plan,
    dialect: plan.dialect,
    functions: undefined,
    compile: generate(plan, undefined),
    reference: () => () => null,
  };
  const graph = new Graph(context, () => {});
  const parts: string[] = [];
  for (const { relation, mode, columns, keys } of modes) {
    if (relation.kind === "stream-input" && mode === "columns") {
      const interner = new Interner();
      const input = new ColumnarInput({
        relation,
        columns,
        keys,
        branches: columnarBranches(context, modes, relation, graph, interner),
        interner,
        relations: relationsOf(plan, modes, relation).map((id) => plan.relations[id]!),
        context,
        options: {
          mode: "live",
          policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 0n, policy: "adjust" },
          onRows: () => {},
        },
        partitions: 1,
        diagnose: () => {},
      });
      parts.push(`// relation ${relation.id}: input over columns\n${input.generatedText()}`);
    }
    if (mode === "columns") continue;
    for (const expression of expressionsOf(relation))
      parts.push(
        `// relation ${relation.id}: ${expressionText(expression).replace(/[\r\n\u2028\u2029]+/g, " ")}\n${generatedText(plan, expression)}`,
      );
  }
  return parts.join("\n\n");
}
