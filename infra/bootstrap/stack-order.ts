import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildApp } from "../app";
import type { StageName } from "../config/stages";

export interface OrderedStack {
  /** Name as cdktf and the state know it, `<stage>-<stack>`. */
  readonly name: string;
  /** Stacks whose outputs it reads. */
  readonly dependsOn: readonly string[];
  /** Addresses of what `prevent_destroy` keeps. */
  readonly guarded: readonly string[];
}

interface Manifest {
  readonly stacks: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly dependencies: readonly string[];
        readonly synthesizedStackPath: string;
      }
    >
  >;
}

/** The stage's stacks in the order in which they are deployed, read from a synth of the app. */
export function deployOrder(stage: StageName): OrderedStack[] {
  const folder = mkdtempSync(join(tmpdir(), "stack-order-"));
  try {
    buildApp([stage], folder).synth();
    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;
    return sortStacks(
      Object.values(manifest.stacks).map(({ name, dependencies, synthesizedStackPath }) => ({
        name,
        dependsOn: [...dependencies].sort(),
        guarded: guardedIn(readFileSync(join(folder, synthesizedStackPath), "utf8")),
      })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The stage's stacks in the order in which they are destroyed: readers before what they read. The bootstrap stack is not
 * among them: it holds the state of all others and is destroyed by hand, from a local state.
 */
export function destroyOrder(
  stage: StageName,
  deployed: readonly OrderedStack[] = deployOrder(stage),
): OrderedStack[] {
  return deployed.filter(({ name }) => name !== `${stage}-bootstrap`).reverse();
}

/** Every stack behind those it depends on; otherwise in the given order. @throws RangeError for a circle */
export function sortStacks(stacks: readonly OrderedStack[]): OrderedStack[] {
  const left = [...stacks];
  const sorted: OrderedStack[] = [];
  while (left.length > 0) {
    const next = left.findIndex(({ dependsOn }) =>
      dependsOn.every((name) => sorted.some((stack) => stack.name === name)),
    );
    if (next === -1)
      throw new RangeError(
        `INFRA_STACK_CIRCLE: ${left.map(({ name }) => name).join(", ")} wait for one another`,
      );
    sorted.push(...left.splice(next, 1));
  }
  return sorted;
}

function guardedIn(text: string): string[] {
  const { resource = {} } = JSON.parse(text) as {
    resource?: Record<string, Record<string, { lifecycle?: { prevent_destroy?: boolean } }>>;
  };
  return Object.entries(resource)
    .flatMap(([type, named]) =>
      Object.entries(named)
        .filter(([, { lifecycle }]) => lifecycle?.prevent_destroy === true)
        .map(([name]) => `${type}.${name}`),
    )
    .sort();
}
