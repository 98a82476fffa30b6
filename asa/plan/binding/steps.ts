import type { NameNode } from "../../language";
import { bindQuery } from "./bind";
import type { Environment } from "./environment";
import type { RowSource } from "./scope";

/** Returns the rows of a WITH step; each step is bound once, and reads only steps that were bound before it. */
export function bindStep(name: NameNode, environment: Environment): RowSource {
  const key = name.text.toLowerCase();
  environment.usedSteps.add(key);
  const bound = environment.boundSteps.get(key);
  if (bound !== undefined) return bound;
  environment.diagnostics.error(
    "ASA_STEP_CYCLE",
    `step "${name.text}" is not defined before it is read`,
    name.range,
    {
      hint: "A step reads inputs and the steps before it.",
    },
  );
  return unknownRows(environment, name);
}

/** Binds the steps in the order of the text. */
export function bindSteps(environment: Environment): void {
  for (const [key, step] of environment.steps) {
    const rows = bindQuery(step.query, environment, false);
    environment.nameStep(rows.relation, step.name.text);
    environment.boundSteps.set(key, rows);
  }
}

/** Stands for rows that are not known because of a mistake. */
function unknownRows(environment: Environment, name: NameNode): RowSource {
  const schema = { columns: [], open: true };
  const relation = environment.addInput(`unknown ${name.text.toLowerCase()}`, {
    kind: "stream-input",
    input: name.text,
    declared: null,
    timestampBy: null,
    timestampColumn: null,
    over: [],
    partitionBy: [],
    partitionCount: null,
    slots: [schema],
    computed: [],
    range: name.range,
  });
  return { relation, schema, contract: null, lineage: () => null };
}
