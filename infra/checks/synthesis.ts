import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** One resource as synthesis wrote it. */
export interface SynthesisedResource {
  readonly stack: string;
  readonly type: string;
  readonly name: string;
  /** `<type>.<name>`, unique in its stack. */
  readonly address: string;
  /** `<stack>:<type>.<name>`, unique in its stage. */
  readonly key: string;
  /** The construct's path, as `prod-lake/account`. */
  readonly path: string;
  /** Arguments without CDKTF's metadata and without Terraform's own (lifecycle, depends_on, ...). */
  readonly args: JsonObject;
  readonly lifecycle: JsonObject;
  readonly dependsOn: readonly string[];
}

/** One stack as synthesis wrote it. */
export interface SynthesisedStack {
  readonly stage: string;
  /** Stack name without the stage. */
  readonly shortName: string;
  readonly name: string;
  readonly resources: readonly SynthesisedResource[];
  readonly data: readonly SynthesisedResource[];
  /** Value expression of each output. */
  readonly outputs: Readonly<Record<string, JsonValue>>;
  /** Remote state name in this stack to the stack it reads. */
  readonly remoteStates: ReadonlyMap<string, string>;
  readonly json: JsonObject;
}

/** All stacks of one stage, with the resources of every stack by key. */
export interface SynthesisedStage {
  readonly name: string;
  readonly stacks: readonly SynthesisedStack[];
  readonly resources: readonly SynthesisedResource[];
  readonly byKey: ReadonlyMap<string, SynthesisedResource>;
}

const terraformArguments = new Set([
  "//",
  "lifecycle",
  "depends_on",
  "provider",
  "count",
  "for_each",
  "provisioner",
  "connection",
]);
const remoteStatePrefix = "cross-stack-reference-input-";

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Blocks are written as one object or as a list of them; both read as a list here. */
export const blocksOf = (value: JsonValue | undefined): JsonObject[] =>
  value === undefined || value === null ? [] : (Array.isArray(value) ? value : [value]).filter(isObject);

/** Splits a stack's name into stage and short name; the stage is the longest known one that fits. */
export function splitStackName(name: string, stages: readonly string[]): [stage: string, shortName: string] {
  const stage = [...stages].sort((a, b) => b.length - a.length).find((known) => name.startsWith(`${known}-`));
  if (stage !== undefined) return [stage, name.slice(stage.length + 1)];
  const cut = name.indexOf("-");
  return cut < 0 ? [name, name] : [name.slice(0, cut), name.slice(cut + 1)];
}

function readResources(stack: string, section: JsonValue | undefined): SynthesisedResource[] {
  const resources: SynthesisedResource[] = [];
  if (!isObject(section)) return resources;
  for (const [type, named] of Object.entries(section)) {
    if (!isObject(named)) continue;
    for (const [name, body] of Object.entries(named)) {
      if (!isObject(body)) continue;
      const metadata = isObject(body["//"]) && isObject(body["//"]["metadata"]) ? body["//"]["metadata"] : {};
      const dependsOn = body["depends_on"];
      resources.push({
        stack,
        type,
        name,
        address: `${type}.${name}`,
        key: `${stack}:${type}.${name}`,
        path: typeof metadata["path"] === "string" ? metadata["path"] : `${stack}/${name}`,
        args: Object.fromEntries(Object.entries(body).filter(([key]) => !terraformArguments.has(key))),
        lifecycle: isObject(body["lifecycle"]) ? body["lifecycle"] : {},
        dependsOn: Array.isArray(dependsOn) ? dependsOn.filter((item) => typeof item === "string") : [],
      });
    }
  }
  return resources;
}

/** Reads one stack from its `cdk.tf.json`. */
export function readStack(name: string, json: JsonObject, stages: readonly string[]): SynthesisedStack {
  const [stage, shortName] = splitStackName(name, stages);
  const data = isObject(json["data"]) ? json["data"] : {};
  const remoteStates = new Map<string, string>();
  if (isObject(data["terraform_remote_state"])) {
    for (const id of Object.keys(data["terraform_remote_state"])) {
      remoteStates.set(id, id.startsWith(remoteStatePrefix) ? id.slice(remoteStatePrefix.length) : id);
    }
  }
  const outputs: Record<string, JsonValue> = {};
  if (isObject(json["output"])) {
    for (const [id, body] of Object.entries(json["output"])) {
      outputs[id] = isObject(body) ? (body["value"] ?? null) : null;
    }
  }
  return {
    stage,
    shortName,
    name,
    resources: readResources(name, json["resource"]),
    data: readResources(name, json["data"]).filter(({ type }) => type !== "terraform_remote_state"),
    outputs,
    remoteStates,
    json,
  };
}

/** Puts the stacks of one stage together. */
export function stageOf(name: string, stacks: readonly SynthesisedStack[]): SynthesisedStage {
  const resources = stacks.flatMap((stack) => stack.resources);
  return { name, stacks, resources, byKey: new Map(resources.map((resource) => [resource.key, resource])) };
}

/**
 * Reads what synthesis wrote into a folder, by stage, in the order in which the stages are named.
 *
 * @throws Error CHECK_SYNTH_MISSING when the folder holds no stacks
 */
export function readSynthesis(folder: string, stages: readonly string[]): SynthesisedStage[] {
  const stacksFolder = join(folder, "stacks");
  if (!existsSync(stacksFolder)) {
    throw new Error(`CHECK_SYNTH_MISSING: no stacks in "${folder}"; npm run synth writes them`);
  }
  const found = new Map<string, SynthesisedStack[]>();
  for (const name of readdirSync(stacksFolder).sort()) {
    const file = join(stacksFolder, name, "cdk.tf.json");
    if (!existsSync(file)) continue;
    const stack = readStack(name, JSON.parse(readFileSync(file, "utf8")) as JsonObject, stages);
    found.set(stack.stage, [...(found.get(stack.stage) ?? []), stack]);
  }
  const names = [
    ...stages.filter((stage) => found.has(stage)),
    ...[...found.keys()].filter((s) => !stages.includes(s)),
  ];
  return names.map((stage) => stageOf(stage, found.get(stage)!));
}
