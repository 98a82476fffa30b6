import type { JsonValue, SynthesisedResource, SynthesisedStack, SynthesisedStage } from "./synthesis";

/** A reference inside a `${...}` expression. */
export interface Reference {
  /** Text of the reference, without the expression around it. */
  readonly text: string;
  readonly kind: "resource" | "data" | "remote-state" | "local" | "variable";
  /** `<type>.<name>`, or the remote state's name. */
  readonly target: string;
  /** Attribute path after the target; for a remote state the output's name. */
  readonly attribute: string;
}

const word = "[A-Za-z_][A-Za-z0-9_-]*";
const referencePattern = new RegExp(
  [
    `data\\.terraform_remote_state\\.(?<state>${word})\\.outputs\\.(?<output>${word})`,
    `data\\.(?<dataType>[a-z0-9]+_[a-z0-9_]+)\\.(?<dataName>${word})(?<dataPath>(?:\\.${word}|\\[[^\\]]*\\])*)`,
    `\\b(?<kind>local|var)\\.(?<simple>${word})`,
    `(?<![.\\w"/-])(?<type>(?:azurerm|azapi|databricks|random|time|null|azuread|terraform)_[a-z0-9_]+)\\.(?<name>${word})(?<path>(?:\\.${word}|\\[[^\\]]*\\])*)`,
  ].join("|"),
  "g",
);

/** The references in one text; only what stands inside `${...}` counts. */
export function referencesIn(text: string): Reference[] {
  const found: Reference[] = [];
  for (const expression of expressionsIn(text)) {
    for (const match of expression.matchAll(referencePattern)) {
      const groups = match.groups as Record<string, string | undefined>;
      if (groups["state"] !== undefined) {
        found.push({
          text: match[0],
          kind: "remote-state",
          target: groups["state"],
          attribute: groups["output"]!,
        });
      } else if (groups["dataType"] !== undefined) {
        const target = `${groups["dataType"]}.${groups["dataName"]}`;
        found.push({ text: match[0], kind: "data", target, attribute: (groups["dataPath"] ?? "").slice(1) });
      } else if (groups["kind"] !== undefined) {
        const kind = groups["kind"] === "local" ? "local" : "variable";
        found.push({ text: match[0], kind, target: groups["simple"]!, attribute: "" });
      } else {
        const target = `${groups["type"]}.${groups["name"]}`;
        found.push({
          text: match[0],
          kind: "resource",
          target,
          attribute: (groups["path"] ?? "").replace(/^\./, ""),
        });
      }
    }
  }
  return found;
}

/** The bodies of `${...}` in a text; braces inside an expression are matched, `$${` is an escape. */
export function expressionsIn(text: string): string[] {
  const bodies: string[] = [];
  for (let at = text.indexOf("${"); at >= 0; at = text.indexOf("${", at)) {
    if (text[at - 1] === "$") {
      at += 2;
      continue;
    }
    let depth = 1;
    let end = at + 2;
    for (; end < text.length && depth > 0; end++) {
      if (text[end] === "{") depth++;
      else if (text[end] === "}") depth--;
    }
    bodies.push(text.slice(at + 2, end - 1));
    at = end;
  }
  return bodies;
}

/** Calls `visit` with every text in a value and the path to it. */
export function visitTexts(value: JsonValue, visit: (text: string, path: string) => void, path = ""): void {
  if (typeof value === "string") visit(value, path);
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visitTexts(item, visit, `${path}[${index}]`);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value))
      visitTexts(item, visit, path === "" ? key : `${path}.${key}`);
  }
}

/** A resource that a reference arrives at, through the outputs of other stacks where needed. */
export interface Target {
  readonly resource: SynthesisedResource;
  readonly attribute: string;
}

/** Follows references over the stacks of a stage. */
export class ReferenceResolver {
  readonly #stacks: ReadonlyMap<string, SynthesisedStack>;
  readonly #stage: SynthesisedStage;

  constructor(stage: SynthesisedStage) {
    this.#stage = stage;
    this.#stacks = new Map(stage.stacks.map((stack) => [stack.name, stack]));
  }

  /** The resources that a text refers to, seen from a stack; unresolved references are left out. */
  targets(stack: string, text: string): Target[] {
    return referencesIn(text).flatMap((reference) => this.#follow(stack, reference, 0));
  }

  /** The one resource that a value refers to; undefined for none, or for a value that is no text. */
  target(stack: string, value: JsonValue | undefined): Target | undefined {
    return typeof value === "string" ? this.targets(stack, value)[0] : undefined;
  }

  /** The value as a literal where it is known from the configuration, following names across stacks. */
  literal(stack: string, value: JsonValue | undefined): string | undefined {
    if (typeof value !== "string") return undefined;
    if (!value.includes("${")) return value;
    let known = true;
    const text = value.replaceAll(/\$\{([^{}]*)\}/g, (whole) => {
      const found = this.target(stack, whole);
      const argument = found === undefined ? undefined : found.resource.args[found.attribute];
      const inner = found === undefined ? undefined : this.literal(found.resource.stack, argument);
      if (inner === undefined) known = false;
      return inner ?? "";
    });
    return known ? text : undefined;
  }

  /** Why a reference leads nowhere; undefined when it resolves. */
  problem(stack: string, reference: Reference): string | undefined {
    const from = this.#stacks.get(stack);
    if (from === undefined) return `stack "${stack}" is not in stage "${this.#stage.name}"`;
    switch (reference.kind) {
      case "resource":
        return this.#stage.byKey.has(`${stack}:${reference.target}`)
          ? undefined
          : `there is no ${reference.target} in stack "${stack}"`;
      case "data":
        return from.data.some(({ address }) => address === reference.target)
          ? undefined
          : `there is no data.${reference.target} in stack "${stack}"`;
      case "remote-state": {
        const upstreamName = from.remoteStates.get(reference.target);
        const upstream = upstreamName === undefined ? undefined : this.#stacks.get(upstreamName);
        if (upstream === undefined) return `there is no stack behind remote state "${reference.target}"`;
        return reference.attribute in upstream.outputs
          ? undefined
          : `stack "${upstream.name}" has no output "${reference.attribute}"`;
      }
      case "local":
        return hasKey(from.json["locals"], reference.target)
          ? undefined
          : `there is no local "${reference.target}"`;
      case "variable":
        return hasKey(from.json["variable"], reference.target)
          ? undefined
          : `there is no variable "${reference.target}"`;
    }
  }

  #follow(stack: string, reference: Reference, depth: number): Target[] {
    if (depth > 10) return [];
    if (reference.kind === "resource") {
      const resource = this.#stage.byKey.get(`${stack}:${reference.target}`);
      return resource === undefined ? [] : [{ resource, attribute: reference.attribute }];
    }
    if (reference.kind === "remote-state") {
      const upstreamName = this.#stacks.get(stack)?.remoteStates.get(reference.target);
      const upstream = upstreamName === undefined ? undefined : this.#stacks.get(upstreamName);
      const value = upstream?.outputs[reference.attribute];
      if (upstream === undefined || typeof value !== "string") return [];
      return referencesIn(value).flatMap((inner) => this.#follow(upstream.name, inner, depth + 1));
    }
    return [];
  }
}

const hasKey = (section: JsonValue | undefined, key: string): boolean =>
  typeof section === "object" && section !== null && !Array.isArray(section) && key in section;
