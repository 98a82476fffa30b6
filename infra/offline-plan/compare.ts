import {
  blocksOf,
  isObject,
  isStateful,
  type JsonObject,
  type JsonValue,
  ReferenceResolver,
  referencesIn,
  type SynthesisedResource,
  type SynthesisedStack,
  type SynthesisedStage,
} from "../checks";
import { visitTexts } from "../checks/references";
import { type ArgumentFacts, providerFacts } from "../facts";
import { alwaysReplacing, refusedRules, replacingRules } from "./rules";

export type ChangeKind = "create" | "change" | "replace" | "destroy";

/** What becomes of one resource. */
export interface Change {
  readonly kind: ChangeKind;
  readonly stack: string;
  readonly address: string;
  readonly path: string;
  readonly stateful: boolean;
  /** Arguments that differ, as paths. */
  readonly changed: readonly string[];
  /** Why it is replaced: the argument and the rule. */
  readonly forcedBy: readonly string[];
  /** Changes that the service refuses, and why. */
  readonly refused: readonly string[];
}

/** Compares two synths of one stage: what a deployment of the second over the first would do. */
export function compareStages(base: SynthesisedStage, head: SynthesisedStage): Change[] {
  const names = [...new Set([...base.stacks, ...head.stacks].map(({ name }) => name))];
  return names.flatMap((name) => {
    const before = base.stacks.find((stack) => stack.name === name);
    const after = head.stacks.find((stack) => stack.name === name);
    return compareStacks(before, after, base);
  });
}

/** Resources that were given a new address without being made anew. */
function movedAddresses(stack: SynthesisedStack | undefined): Map<string, string> {
  return new Map(blocksOf(stack?.json["moved"]).map(({ from, to }) => [String(to), String(from)]));
}

function compareStacks(
  base: SynthesisedStack | undefined,
  head: SynthesisedStack | undefined,
  baseStage: SynthesisedStage,
): Change[] {
  const before = new Map((base?.resources ?? []).map((resource) => [resource.address, resource]));
  const moved = movedAddresses(head);
  const changes = new Map<string, Change>();
  const kept = new Set<string>();
  const pairs: [SynthesisedResource, SynthesisedResource][] = [];
  for (const after of head?.resources ?? []) {
    const address = before.has(after.address) ? after.address : (moved.get(after.address) ?? after.address);
    const old = before.get(address);
    if (old === undefined) changes.set(after.address, plain("create", after));
    else {
      kept.add(address);
      pairs.push([old, after]);
    }
  }
  for (const old of before.values()) {
    if (!kept.has(old.address)) changes.set(old.address, plain("destroy", old));
  }
  const resolver = new ReferenceResolver(baseStage);
  for (const [old, after] of pairs) {
    const change = compareResources(old, after, resolver);
    if (change !== undefined) changes.set(after.address, change);
  }
  followReplacements(pairs, changes);
  return [...changes.values()];
}

const plain = (kind: ChangeKind, resource: SynthesisedResource): Change => ({
  kind,
  stack: resource.stack,
  address: resource.address,
  path: resource.path,
  stateful: isStateful(resource),
  changed: [],
  forcedBy: [],
  refused: [],
});

const ignoredOf = ({ lifecycle }: SynthesisedResource): string[] => {
  const ignored = lifecycle["ignore_changes"];
  if (ignored === "all") return ["*"];
  return Array.isArray(ignored) ? ignored.map(String) : [];
};

function compareResources(
  old: SynthesisedResource,
  after: SynthesisedResource,
  resolver: ReferenceResolver,
): Change | undefined {
  const facts = providerFacts[after.type];
  const attrs = facts?.attrs ?? {};
  const ignored = ignoredOf(after);
  const changed = changedPaths(old.args, after.args, attrs, "").filter(
    (path) => !ignored.some((each) => each === "*" || path === each || path.startsWith(`${each}.`)),
  );
  if (changed.length === 0) return undefined;
  const forcedBy: string[] = [];
  for (const path of changed) {
    if (facts?.noUpdate) forcedBy.push(`${path}: every change replaces this type`);
    else if (alwaysReplacing.has(`${after.type}.${path}`))
      forcedBy.push(`${path}: force-new by a rule of the provider`);
    else if (attrs[path]?.f.includes("F")) forcedBy.push(`${path}: force-new in the provider's schema`);
    else if (after.type === "azapi_resource" && azapiForceNew.includes(path))
      forcedBy.push(`${path}: identifies the resource`);
  }
  const input = {
    before: old.args,
    after: after.args,
    parent: (argument: string) => resolver.target(old.stack, old.args[argument])?.resource.args,
  };
  const touches = (argument: string) =>
    changed.some(
      (path) => path === argument || path.startsWith(`${argument}.`) || argument.startsWith(`${path}.`),
    );
  for (const rule of replacingRules) {
    if (rule.type === after.type && touches(rule.argument) && rule.applies(input))
      forcedBy.push(`${rule.argument}: ${rule.why}`);
  }
  const refused = refusedRules
    .filter((rule) => rule.type === after.type && touchesAny(changed, rule.argument) && rule.applies(input))
    .map((rule) => `${rule.argument}: ${rule.why}`);
  return { ...plain(forcedBy.length > 0 ? "replace" : "change", after), changed, forcedBy, refused };
}

const azapiForceNew = ["name", "parent_id", "type"];

/** Throughput changes show at `autoscale_settings` too. */
const touchesAny = (changed: readonly string[], argument: string): boolean =>
  changed.some(
    (path) =>
      path.split(".")[0] === argument.split(".")[0] ||
      (argument === "throughput" && path.startsWith("autoscale_settings")),
  );

/** Values that mean the same to the provider compare equal: numbers as text, a block as a list of one, defaults. */
function changedPaths(
  before: JsonObject,
  after: JsonObject,
  attrs: Readonly<Record<string, ArgumentFacts>>,
  parent: string,
): string[] {
  const changed: string[] = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const path = parent === "" ? key : `${parent}.${key}`;
    const facts = attrs[path];
    const [old, next] = [before[key] ?? null, after[key] ?? null];
    if (JSON.stringify(old) === JSON.stringify(next)) continue;
    if (facts?.t.startsWith("block:")) {
      changed.push(...changedBlocks(blocksOf(old), blocksOf(next), facts, attrs, path));
      continue;
    }
    // What the provider computes when nothing is given stays as it was.
    if (next === null && facts?.f.includes("c")) continue;
    const standard = (value: JsonValue) =>
      value === null ? ((facts?.def as JsonValue | undefined) ?? zeroOf(facts)) : value;
    if (canonical(standard(old), facts) !== canonical(standard(next), facts)) changed.push(path);
  }
  return changed;
}

/** An absent scalar without a default is stored as its zero, except where the provider distinguishes. */
const zeroOf = (facts: ArgumentFacts | undefined): JsonValue => {
  if (facts === undefined || facts.f.includes("c")) return null;
  if (facts.t === "bool") return false;
  if (facts.t === "string") return "";
  if (facts.t === "list" || facts.t === "set") return [];
  return facts.t === "map" ? {} : null;
};

function canonical(value: JsonValue, facts: ArgumentFacts | undefined): string {
  if (Array.isArray(value) && facts?.t === "set")
    return JSON.stringify(value.map((item) => canonical(item, undefined)).sort());
  if (Array.isArray(value)) return JSON.stringify(value.map((item) => canonical(item, undefined)));
  if (isObject(value)) {
    return JSON.stringify(
      Object.keys(value)
        .sort()
        .map((key) => [key, canonical(value[key]!, undefined)]),
    );
  }
  if (value === null) return "null";
  return String(value);
}

function changedBlocks(
  before: readonly JsonObject[],
  after: readonly JsonObject[],
  facts: ArgumentFacts,
  attrs: Readonly<Record<string, ArgumentFacts>>,
  path: string,
): string[] {
  if (after.length === 0 && before.length > 0 && facts.f.includes("c")) return [];
  const sorted = (blocks: readonly JsonObject[]) =>
    facts.t === "block:set"
      ? [...blocks].sort((a, b) => (canonical(a, undefined) < canonical(b, undefined) ? -1 : 1))
      : blocks;
  const [old, next] = [sorted(before), sorted(after)];
  const changed = old.length === next.length ? [] : [path];
  for (let at = 0; at < Math.max(old.length, next.length); at++) {
    changed.push(...changedPaths(old[at] ?? {}, next[at] ?? {}, attrs, path));
  }
  return [...new Set(changed)];
}

/**
 * A replaced resource has a new id, so whatever holds that id in a force-new argument is replaced too, in its stack;
 * and so is what a lifecycle ties to it.
 */
function followReplacements(
  pairs: readonly (readonly [SynthesisedResource, SynthesisedResource])[],
  changes: Map<string, Change>,
): void {
  for (let again = true; again; ) {
    again = false;
    for (const [, after] of pairs) {
      if (changes.get(after.address)?.kind === "replace") continue;
      const forcedBy = [...inheritedReplacements(after, changes), ...triggered(after, changes)];
      if (forcedBy.length === 0) continue;
      const own = changes.get(after.address) ?? plain("replace", after);
      changes.set(after.address, { ...own, kind: "replace", forcedBy: [...own.forcedBy, ...forcedBy] });
      again = true;
    }
  }
}

function inheritedReplacements(
  resource: SynthesisedResource,
  changes: ReadonlyMap<string, Change>,
): string[] {
  const facts = providerFacts[resource.type];
  const ignored = ignoredOf(resource);
  const reasons: string[] = [];
  visitTexts(resource.args, (text, path) => {
    const argument = path.replaceAll(/\[\d+\]/g, "");
    const own = facts?.attrs[argument];
    const forces =
      own?.f.includes("F") ||
      alwaysReplacing.has(`${resource.type}.${argument}`) ||
      facts?.noUpdate ||
      (resource.type === "azapi_resource" && azapiForceNew.includes(argument));
    if (!forces || ignored.includes(argument.split(".")[0]!)) return;
    for (const { kind, target, attribute } of referencesIn(text)) {
      if (kind !== "resource" || changes.get(target)?.kind !== "replace") continue;
      const type = target.split(".")[0]!;
      const isConfigured =
        providerFacts[type]?.attrs[attribute.split(/[.[]/)[0]!]?.f.match(/[ro]/) != null &&
        !isComputedOnly(type, attribute);
      if (!isConfigured) reasons.push(`${argument}: takes ${attribute} of ${target}, which is replaced`);
    }
  });
  return reasons;
}

const isComputedOnly = (type: string, attribute: string): boolean => {
  const path = attribute.replaceAll(/\[[^\]]*\]/g, "").replaceAll(/\.\d+/g, "");
  const facts = providerFacts[type]?.attrs[path];
  return facts === undefined || facts.f.includes("c");
};

function triggered(resource: SynthesisedResource, changes: ReadonlyMap<string, Change>): string[] {
  const triggers = resource.lifecycle["replace_triggered_by"];
  if (!Array.isArray(triggers)) return [];
  return triggers.flatMap((trigger) => {
    const text = String(trigger).replaceAll(/^\$\{|\}$/g, "");
    const [type, name, attribute] = text.split(".");
    const change = changes.get(`${type}.${name}`);
    if (change === undefined || change.kind === "create" || change.kind === "destroy") return [];
    const hit =
      attribute === undefined ||
      change.kind === "replace" ||
      change.changed.some((path) => path.split(".")[0] === attribute);
    return hit ? [`lifecycle.replace_triggered_by: ${text} changes`] : [];
  });
}
