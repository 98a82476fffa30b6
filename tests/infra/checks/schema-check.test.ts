// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Terraform expressions
import type { JsonObject } from "../../../infra/checks";
import { checkSchema, hasPath } from "../../../infra/checks/schema-check";
import type { ResourceFacts } from "../../../infra/facts";
import { stageWith } from "../support/stages";

const facts: Readonly<Record<string, ResourceFacts>> = {
  azurerm_thing: {
    attrs: {
      name: { f: "rF", t: "string", lenA: [3, 8] },
      size: { f: "o", t: "int", range: { min: 1, max: 10 } },
      kind: { f: "o", t: "string", enum: ["Hot", "Cold"] },
      loose: { f: "o", t: "string", enum: ["hot"], ic: true },
      open: { f: "o", t: "string", enum: ["One"], enumAlso: true },
      enabled: { f: "o", t: "bool" },
      id_of: {
        f: "o",
        t: "string",
        idt: "/subscriptions/S/resourceGroups/G/providers/Microsoft.X/things/thing",
      },
      tags: { f: "o", t: "map", e: "string" },
      zones: { f: "o", t: "set", e: "string", max: 2, el: { enum: ["1", "2", "3"] } },
      made: { f: "c", t: "string" },
      old: { f: "oD", t: "string" },
      left: { f: "o", t: "string", cw: ["right"] },
      right: { f: "o", t: "string" },
      user: { f: "o", t: "string", rw: ["password"] },
      password: { f: "oS", t: "string" },
      a: { f: "o", t: "string", eo: ["a", "b"] },
      b: { f: "o", t: "string", eo: ["a", "b"] },
      rules: { f: "o", t: "block:list", max: 1 },
      "rules.action": { f: "r", t: "string" },
      "rules.x": { f: "o", t: "string", alo: ["rules.x", "rules.y"] },
      "rules.y": { f: "o", t: "string", alo: ["rules.x", "rules.y"] },
      list: { f: "oA", t: "block:list" },
      "list.one": { f: "r", t: "string" },
      "list.two": { f: "o", t: "string" },
    },
  },
};

const rulesOf = (args: JsonObject) => {
  const stage = stageWith([{ type: "azurerm_thing", args: { name: "valid", a: "x", ...args } }]);
  return checkSchema(stage.resources, facts).map(({ check, message }) => `${check} ${message.split(" ")[0]}`);
};

describe("checkSchema", () => {
  it("accepts what the schema allows", () => {
    const args = {
      size: 10,
      kind: "Cold",
      loose: "HOT",
      open: "Other",
      enabled: true,
      id_of: "/subscriptions/1/resourceGroups/g/providers/Microsoft.X/things/t",
      tags: { k: "v" },
      zones: ["1", "3"],
      left: "l",
      user: "u",
      password: "${var.p}",
      rules: { action: "Allow", y: "1" },
      list: [{ one: "1", two: null }],
    };
    expect(rulesOf(args)).toEqual([]);
  });

  it.each<[string, JsonObject, string]>([
    ["an unknown argument", { colour: "red" }, "schema.unknown-argument colour"],
    ["an argument that the provider sets", { made: "x" }, "schema.read-only made"],
    ["a deprecated argument", { old: "x" }, "schema.deprecated old"],
    ["a missing argument", { name: null }, "schema.required name"],
    ["a text for a number", { size: "many" }, "schema.type size"],
    ["a fraction for a whole number", { size: 1.5 }, "schema.type size"],
    ["a number below its range", { size: 0 }, "schema.range size"],
    ["a number above its range", { size: 11 }, "schema.range size"],
    ["a value outside the enum", { kind: "Warm" }, "schema.enum kind"],
    ["an enum in another case", { kind: "hot" }, "schema.enum kind"],
    ["a short name", { name: "ab" }, "schema.length name"],
    ["a long name", { name: "ninechars" }, "schema.length name"],
    ["a number for a boolean", { enabled: 1 }, "schema.type enabled"],
    [
      "another resource's id",
      { id_of: "/subscriptions/1/resourceGroups/g/providers/Microsoft.Y/things/t" },
      "schema.id id_of",
    ],
    ["a list for a map", { tags: [] }, "schema.type tags"],
    ["a text for a set", { zones: "1" }, "schema.type zones"],
    ["too many elements", { zones: ["1", "2", "3"] }, "schema.count zones"],
    ["an element outside its enum", { zones: ["4"] }, "schema.enum zones"],
    ["two arguments in conflict", { left: "l", right: "r" }, "schema.conflict left"],
    ["an argument without its companion", { user: "u" }, "schema.required-with user"],
    ["none of exactly one", { a: null }, "schema.exactly-one a"],
    ["two of exactly one", { b: "y" }, "schema.exactly-one a"],
    ["none of at least one", { rules: { action: "Allow" } }, "schema.at-least-one rules.x"],
    ["a missing argument of a block", { rules: { x: "1" } }, "schema.required rules.action"],
    [
      "too many blocks",
      {
        rules: [
          { action: "A", x: "1" },
          { action: "B", x: "1" },
        ],
      },
      "schema.count rules",
    ],
    ["a text for a block", { rules: "x" }, "schema.type rules"],
    ["an attribute block with a key left out", { list: [{ one: "1" }] }, "schema.attribute-block list.two"],
  ])("finds %s", (_, args, expected) => {
    expect(rulesOf(args)).toContain(expected);
  });

  it("leaves expressions alone", () => {
    expect(
      rulesOf({ size: "${azurerm_x.y.size}", kind: "${azurerm_x.y.kind}", zones: "${azurerm_x.y.zones}" }),
    ).toEqual([]);
  });

  it("finds a type without facts", () => {
    const stage = stageWith([{ type: "azurerm_unheard_of" }]);
    expect(checkSchema(stage.resources, facts).map(({ check }) => check)).toEqual(["schema.type"]);
  });
});

describe("hasPath", () => {
  it.each<[JsonObject, string, boolean]>([
    [{ a: { b: 1 } }, "a.b", true],
    [{ a: [{ c: 1 }, { b: 1 }] }, "a.b", true],
    [{ a: [] }, "a", false],
    [{ a: null }, "a", false],
    [{}, "a.b", false],
  ])("of %j at %s is %s", (body, path, expected) => {
    expect(hasPath(body, path.split("."))).toBe(expected);
  });
});
