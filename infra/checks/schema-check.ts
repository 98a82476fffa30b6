import { type ArgumentFacts, providerFacts, type ResourceFacts } from "../facts";
import { about, type Finding } from "./finding";
import { blocksOf, isObject, type JsonObject, type JsonValue, type SynthesisedResource } from "./synthesis";

type Facts = Readonly<Record<string, ResourceFacts>>;

const isExpression = (value: JsonValue): boolean => typeof value === "string" && value.includes("${");
const isBlock = (facts: ArgumentFacts): boolean => facts.t.startsWith("block:");
const quoted = (value: JsonValue): string => JSON.stringify(value);

/**
 * Holds every argument of the resources against the provider's schema: unknown and read-only arguments, types, required
 * arguments, block counts, enums, ranges, lengths, ids, conflicts and the rules over groups of arguments.
 */
export function checkSchema(
  resources: readonly SynthesisedResource[],
  facts: Facts = providerFacts,
): Finding[] {
  return resources.flatMap((resource) => {
    const known = facts[resource.type];
    if (known === undefined) {
      const hint = "npm run infra:facts extracts the schema of every synthesised type";
      return [about(resource, "schema.type", `resource type "${resource.type}" has no schema data`, hint)];
    }
    const findings: Finding[] = [];
    if (known.deprecated !== undefined) {
      findings.push(about(resource, "schema.deprecated", `resource type "${resource.type}" is deprecated`));
    }
    new ResourceCheck(resource, known, findings).body(resource.args, "");
    return findings;
  });
}

class ResourceCheck {
  readonly #resource: SynthesisedResource;
  readonly #facts: ResourceFacts;
  readonly #findings: Finding[];
  readonly #children = new Map<string, string[]>();

  constructor(resource: SynthesisedResource, facts: ResourceFacts, findings: Finding[]) {
    this.#resource = resource;
    this.#facts = facts;
    this.#findings = findings;
    for (const path of Object.keys(facts.attrs)) {
      const cut = path.lastIndexOf(".");
      const parent = cut < 0 ? "" : path.slice(0, cut);
      this.#children.set(parent, [...(this.#children.get(parent) ?? []), path]);
    }
  }

  /** Checks the arguments of the resource or of one block. */
  body(body: JsonObject, parent: string): void {
    const prefix = parent === "" ? "" : `${parent}.`;
    for (const [name, value] of Object.entries(body)) {
      const path = prefix + name;
      const facts = this.#facts.attrs[path];
      if (facts === undefined) {
        if (!(parent === "" && (name === "timeouts" || name === "id"))) {
          this.#report("unknown-argument", path, "is not an argument of this type");
        }
        continue;
      }
      if (value === null) continue;
      this.#argument(value, path, facts);
    }
    for (const path of this.#children.get(parent) ?? []) {
      const facts = this.#facts.attrs[path]!;
      const name = path.slice(prefix.length);
      const present = body[name] !== undefined && body[name] !== null;
      if (facts.f.includes("r") && !present) this.#report("required", path, "is required");
      const parentFacts = this.#facts.attrs[parent];
      if (parentFacts?.f.includes("A") && !(name in body) && facts.f !== "c") {
        this.#report(
          "attribute-block",
          path,
          "must be written, as null if need be: its block is an attribute",
        );
      }
      this.#groups(path, facts, present);
    }
  }

  #argument(value: JsonValue, path: string, facts: ArgumentFacts): void {
    if (!/[roW]/.test(facts.f)) this.#report("read-only", path, "is set by the provider and cannot be given");
    if (facts.f.includes("D")) this.#report("deprecated", path, "is deprecated");
    if (isBlock(facts)) this.#blocks(value, path, facts);
    else this.#value(value, path, facts);
  }

  #blocks(value: JsonValue, path: string, facts: ArgumentFacts): void {
    if (isExpression(value)) return;
    if (!isObject(value) && !(Array.isArray(value) && value.every((item) => isObject(item)))) {
      if (isObject(value) || !(Array.isArray(value) && value.every((item) => item === null))) {
        this.#report("type", path, `must be a block, not ${quoted(value)}`);
      }
      return;
    }
    const blocks = blocksOf(value);
    this.#count(blocks.length, path, facts, "block");
    for (const block of blocks) {
      // Dynamic blocks are expanded by Terraform; synthesis does not write them for static configuration.
      this.body(block, path);
    }
  }

  #value(value: JsonValue, path: string, facts: ArgumentFacts): void {
    if (isExpression(value) && typeof value === "string") return;
    switch (facts.t) {
      case "string":
        if (typeof value === "object") this.#report("type", path, `must be a string, not ${quoted(value)}`);
        else this.#scalar(String(value), path, facts);
        return;
      case "bool":
        if (typeof value !== "boolean" && value !== "true" && value !== "false") {
          this.#report("type", path, `must be a boolean, not ${quoted(value)}`);
        }
        return;
      case "int":
      case "float":
        if (typeof value === "object" || typeof value === "boolean" || !Number.isFinite(Number(value))) {
          this.#report("type", path, `must be a number, not ${quoted(value)}`);
        } else if (facts.t === "int" && !Number.isInteger(Number(value))) {
          this.#report("type", path, `must be a whole number, not ${quoted(value)}`);
        } else this.#number(Number(value), path, facts);
        return;
      case "list":
      case "set":
        if (!Array.isArray(value)) {
          this.#report("type", path, `must be a list, not ${quoted(value)}`);
          return;
        }
        this.#count(value.length, path, facts, "element");
        for (const item of value) {
          if (isExpression(item)) continue;
          if (facts.e === "string" && typeof item === "object") {
            this.#report("type", path, `must hold strings, not ${quoted(item)}`);
          } else if (typeof item === "string") this.#scalar(item, path, facts.el ?? {});
          else if (typeof item === "number") this.#number(item, path, facts.el ?? {});
        }
        return;
      case "map":
        if (!isObject(value)) this.#report("type", path, `must be a map, not ${quoted(value)}`);
        return;
    }
  }

  #scalar(text: string, path: string, facts: Omit<ArgumentFacts, "f" | "t">): void {
    if (facts.enum !== undefined && !facts.enumAlso) {
      const same = (known: string | number) =>
        facts.ic ? String(known).toLowerCase() === text.toLowerCase() : String(known) === text;
      if (!facts.enum.some(same)) {
        this.#report("enum", path, `"${text}" is not one of ${facts.enum.join(", ")}`);
      }
    }
    for (const bounds of [facts.len, facts.lenA]) {
      if (bounds === undefined) continue;
      const [least, most] = bounds;
      // Accepted lengths were probed up to 300: that end is no bound.
      if (
        text.length < least ||
        (most < 300 && text.length > most) ||
        (bounds === facts.len && text.length > most)
      ) {
        this.#report(
          "length",
          path,
          `"${text}" has ${text.length} characters; ${least} to ${most} are accepted`,
        );
        break;
      }
    }
    if (facts.idt !== undefined && !matchesTemplate(text, facts.idt)) {
      this.#report("id", path, `"${text}" is not an id of the form ${facts.idt}`);
    }
  }

  #number(value: number, path: string, facts: Omit<ArgumentFacts, "f" | "t">): void {
    if (facts.enum !== undefined && !facts.enumAlso && !facts.enum.some((known) => Number(known) === value)) {
      this.#report("enum", path, `${value} is not one of ${facts.enum.join(", ")}`);
    }
    const { min, max, div } = facts.range ?? {};
    if ((min !== undefined && value < min) || (max !== undefined && value > max)) {
      this.#report("range", path, `${value} is outside ${min ?? "-"} to ${max ?? "-"}`);
    }
    if (div !== undefined && value % div !== 0)
      this.#report("range", path, `${value} is no multiple of ${div}`);
  }

  #count(count: number, path: string, facts: ArgumentFacts, what: string): void {
    if (facts.max !== undefined && count > facts.max) {
      this.#report("count", path, `has ${count} ${what}s; at most ${facts.max} are accepted`);
    }
    if (facts.min !== undefined && count < facts.min) {
      this.#report("count", path, `has ${count} ${what}s; at least ${facts.min} are needed`);
    }
  }

  /** Rules over groups hold once for the group: they are reported at its first argument, or at the one present. */
  #groups(path: string, facts: ArgumentFacts, present: boolean): void {
    const has = (other: string) => hasPath(this.#resource.args, other.split("."));
    if (present) {
      for (const other of facts.cw ?? []) {
        if (other !== path && has(other)) this.#report("conflict", path, `conflicts with ${other}`);
      }
      const missing = (facts.rw ?? []).filter((other) => !has(other));
      if (missing.length > 0) this.#report("required-with", path, `needs ${missing.join(", ")}`);
    }
    if (facts.eo !== undefined && facts.eo[0] === path) {
      const given = facts.eo.filter(has);
      if (given.length !== 1) {
        this.#report(
          "exactly-one",
          path,
          `exactly one of ${facts.eo.join(", ")} is needed; given: ${given.join(", ") || "none"}`,
        );
      }
    }
    if (facts.alo !== undefined && facts.alo[0] === path && !facts.alo.some(has)) {
      this.#report("at-least-one", path, `at least one of ${facts.alo.join(", ")} is needed`);
    }
  }

  #report(rule: string, path: string, message: string): void {
    this.#findings.push(about(this.#resource, `schema.${rule}`, `${path} ${message}`));
  }
}

/** Whether an argument is given anywhere under a dotted path, through every block of a list. */
export function hasPath(body: JsonObject, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  const value = body[first!];
  if (value === undefined || value === null) return false;
  if (rest.length === 0) return !(Array.isArray(value) && value.length === 0);
  return blocksOf(value).some((block) => hasPath(block, rest));
}

/** A literal id fits a template when its fixed words stand at the same places; ids may be longer at the end of a scope. */
function matchesTemplate(id: string, template: string): boolean {
  // Scopes of any kind have a template that no other id looks like.
  if (!template.startsWith("/subscriptions/")) return id.startsWith("/");
  const given = id.split("/");
  const expected = template.split("/");
  if (given.length !== expected.length) return false;
  return expected.every((word, index) => {
    const isValue = index % 2 === 0 && index > 0 && expected[index - 1]?.toLowerCase() !== "providers";
    return isValue ? given[index] !== "" : given[index]?.toLowerCase() === word.toLowerCase();
  });
}
