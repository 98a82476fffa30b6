import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(__dirname, "../..");

/** Public doors: what other rooms may import. */
const doors = [
  "contracts/index.ts",
  "asa/index.ts",
  "asa/node/index.ts",
  "functions/src/index.ts",
  ...readdirSync(join(root, "local"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, "local", entry.name, "index.ts")))
    .map((entry) => `local/${entry.name}/index.ts`),
];

interface Declared {
  readonly file: string;
  readonly name: string;
}

function moduleFile(from: string, specifier: string): string {
  const base = join(dirname(from), specifier);
  const found = [`${base}.ts`, join(base, "index.ts")].find((file) => existsSync(join(root, file)));
  if (found === undefined) throw new Error(`${from} exports from "${specifier}", which is no module`);
  return found;
}

const declaration = (name: string) =>
  new RegExp(
    `^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\\*?|class|interface|type) ${name.replaceAll("$", "\\$")}\\b`,
    "m",
  );

/** Where the names that a door exports are declared, through any number of doors on the way. */
function exportsOf(file: string, wanted?: string): Declared[] {
  const text = readFileSync(join(root, file), "utf8");
  if (wanted !== undefined && declaration(wanted).test(text)) return [{ file, name: wanted }];
  const found: Declared[] = [];
  for (const [, list, specifier] of text.matchAll(/^export (?:type )?\{([^}]*)\} from "([^"]+)";/gm)) {
    for (const item of list!.split(",")) {
      const match = /^\s*(?:type )?([\w$]+)(?: as ([\w$]+))?\s*$/.exec(item);
      if (match === null) continue;
      const [, inside, outside = inside] = match;
      if (wanted === undefined || wanted === outside)
        found.push(...exportsOf(moduleFile(file, specifier!), inside!));
    }
  }
  for (const [, specifier] of text.matchAll(/^export (?:type )?\* from "([^"]+)";/gm)) {
    const inner = moduleFile(file, specifier!);
    const names = wanted === undefined ? ownNames(inner) : [wanted];
    for (const name of names) found.push(...exportsOf(inner, name));
  }
  if (wanted === undefined) found.push(...ownNames(file).map((name) => ({ file, name })));
  return found;
}

function ownNames(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const pattern =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type) ([\w$]+)/gm;
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1]!))];
}

/** Whether a doc comment stands right before the (first) declaration of the name. */
function documented({ file, name }: Declared): boolean {
  const text = readFileSync(join(root, file), "utf8");
  const match = declaration(name).exec(text);
  return match !== null && /\*\/\s*$/.test(text.slice(0, match.index));
}

describe.each(doors)("%s", (door) => {
  const exported = exportsOf(door);

  it("exports something", () => {
    expect(exported.length).toBeGreaterThan(0);
  });

  it("has a doc comment on everything that it exports", () => {
    const bare = exported.filter((item) => !documented(item)).map(({ file, name }) => `${name} (${file})`);
    expect([...new Set(bare)]).toEqual([]);
  });
});

describe("doors", () => {
  it("finds exports through several doors", () => {
    const names = exportsOf("asa/index.ts").map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["compile", "createJob", "AsaError", "readJson"]));
  });
});
