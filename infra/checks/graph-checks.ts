import { about, type Finding } from "./finding";
import { ReferenceResolver, referencesIn, visitTexts } from "./references";
import type { SynthesisedResource, SynthesisedStage } from "./synthesis";

/** Stacks from the lowest layer to the highest; a stack depends only on stacks before it. */
export const stackOrder: readonly string[] = [
  "bootstrap",
  "network",
  "observability",
  "identity",
  "lake",
  "ingestion",
  "serving",
  "analytics",
  "speed",
  "batch",
  "batch-content",
  "warehouse",
  "bi",
  "alerts",
];

const stackFinding = (stack: string, check: string, message: string): Finding => ({
  check,
  stack,
  address: "stack",
  path: stack,
  message,
});

/** Every reference and every depends_on leads to something. */
export function checkReferences(stage: SynthesisedStage): Finding[] {
  const resolver = new ReferenceResolver(stage);
  const findings: Finding[] = [];
  for (const stack of stage.stacks) {
    for (const resource of [...stack.resources, ...stack.data]) {
      visitTexts({ ...resource.args, lifecycle: resource.lifecycle }, (text, path) => {
        for (const reference of referencesIn(text)) {
          const problem = resolver.problem(stack.name, reference);
          if (problem !== undefined) findings.push(about(resource, "graph.reference", `${path}: ${problem}`));
        }
      });
      for (const address of resource.dependsOn) {
        const known =
          stage.byKey.has(`${stack.name}:${address}`) ||
          stack.data.some((data) => `data.${data.address}` === address) ||
          address.startsWith("data.terraform_remote_state.");
        if (!known) findings.push(about(resource, "graph.reference", `depends_on: there is no ${address}`));
      }
    }
    for (const [name, value] of Object.entries(stack.outputs)) {
      visitTexts(value, (text) => {
        for (const reference of referencesIn(text)) {
          const problem = resolver.problem(stack.name, reference);
          if (problem !== undefined)
            findings.push(stackFinding(stack.name, "graph.reference", `output ${name}: ${problem}`));
        }
      });
    }
  }
  return findings;
}

/** Stacks depend downwards only, and resources of a stack without a cycle. */
export function checkOrder(stage: SynthesisedStage): Finding[] {
  const findings: Finding[] = [];
  for (const stack of stage.stacks) {
    const own = stackOrder.indexOf(stack.shortName);
    if (own < 0)
      findings.push(
        stackFinding(stack.name, "graph.downward", `stack "${stack.shortName}" has no place in the order`),
      );
    for (const upstream of stack.remoteStates.values()) {
      const other = stage.stacks.find(({ name }) => name === upstream);
      if (other === undefined) {
        findings.push(
          stackFinding(stack.name, "graph.downward", `reads "${upstream}", which is not in this stage`),
        );
      } else if (stackOrder.indexOf(other.shortName) >= own) {
        findings.push(
          stackFinding(stack.name, "graph.downward", `reads "${upstream}", which is no stack before it`),
        );
      }
    }
    const cycle = findCycle(dependenciesOf(stack.resources));
    if (cycle !== undefined)
      findings.push(stackFinding(stack.name, "graph.cycle", `cycle: ${cycle.join(" -> ")}`));
  }
  return findings;
}

/** What each resource of a stack waits for, inside the stack. */
export function dependenciesOf(resources: readonly SynthesisedResource[]): Map<string, Set<string>> {
  const addresses = new Set(resources.map(({ address }) => address));
  return new Map(
    resources.map((resource) => {
      const needs = new Set<string>(resource.dependsOn.filter((address) => addresses.has(address)));
      visitTexts(resource.args, (text) => {
        for (const { kind, target } of referencesIn(text)) {
          if (kind === "resource" && addresses.has(target) && target !== resource.address) needs.add(target);
        }
      });
      return [resource.address, needs];
    }),
  );
}

/** One cycle of a graph, first node repeated at its end; undefined without one. */
export function findCycle(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (node: string): string[] | undefined => {
    const at = trail.indexOf(node);
    if (at >= 0) return [...trail.slice(at), node];
    if (done.has(node)) return undefined;
    trail.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    trail.pop();
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** The stacks of a stage in the order in which they are deployed. */
export function deployOrder(stage: SynthesisedStage): SynthesisedStage["stacks"] {
  const position = (name: string) => {
    const at = stackOrder.indexOf(name);
    return at < 0 ? stackOrder.length : at;
  };
  return [...stage.stacks].sort((a, b) => position(a.shortName) - position(b.shortName));
}
