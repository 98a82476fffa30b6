import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(__dirname, "../..");
const rooms = ["contracts", "asa", "functions/src", "infra", "local"];

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory())
      return entry.name === "node_modules" || entry.name === "dist" ? [] : filesBelow(path);
    return entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}

interface Import {
  readonly from: string;
  /** Path in the repository for relative imports, otherwise the package as written. */
  readonly to: string;
  readonly typeOnly: boolean;
}

function resolveLocal(from: string, specifier: string): string {
  const base = relative(root, resolve(root, dirname(from), specifier)).replaceAll("\\", "/");
  for (const candidate of [base, `${base}.ts`, `${base}/index.ts`]) {
    if (statSync(join(root, candidate), { throwIfNoEntry: false })?.isFile()) return candidate;
  }
  return base;
}

const files = rooms.flatMap(filesBelow);
const imports: readonly Import[] = files.flatMap((from) => {
  const text = readFileSync(join(root, from), "utf8");
  return [...text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;]*?\sfrom\s+)?"([^"]+)";/gm)].map(
    (match) => ({
      from,
      to: match[2]!.startsWith(".") ? resolveLocal(from, match[2]!) : match[2]!,
      typeOnly: match[1] !== undefined,
    }),
  );
});

function offenders(fromPrefix: RegExp, forbidden: RegExp, except?: RegExp): string[] {
  return imports
    .filter(({ from, to }) => fromPrefix.test(from) && forbidden.test(to) && !except?.test(to))
    .map(({ from, to }) => `${from} imports ${to}`);
}

describe("imports", () => {
  it("finds the imports of the rooms", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports.length).toBeGreaterThan(files.length);
  });

  it.each([
    ["contracts imports nothing but itself", /^contracts\//, /.*/, /^contracts\//],
    [
      "the asa core imports contracts and itself only",
      /^asa\/(?!node\/)/,
      /.*/,
      /^(asa\/(?!node\/)|contracts\/)/,
    ],
    [
      "asa/node imports neither Azure nor cdktf",
      /^asa\/node\//,
      /^(@azure|cdktf|@cdktf|infra|local|functions)/,
      undefined,
    ],
    [
      "functions' domain imports contracts only",
      /^functions\/src\/domain\//,
      /.*/,
      /^(functions\/src\/domain\/|contracts\/)/,
    ],
    ["functions imports neither infra, local nor asa", /^functions\//, /^(infra|local|asa)\//, undefined],
    [
      "infra imports contracts, asa's index and itself",
      /^infra\//,
      /^(local|functions|asa)\//,
      /^asa\/index\.ts$/,
    ],
    ["local imports no infra", /^local\//, /^(infra\/|cdktf|@cdktf)/, undefined],
    ["the provider packages are imported by subpath", /.*/, /^@cdktf\/provider-[a-z]+$/, undefined],
  ] as const)("%s", (_title, from, forbidden, except) => {
    expect(offenders(from, forbidden, except)).toEqual([]);
  });

  it("crosses a room's wall by its public door", () => {
    const doors =
      /^(contracts\/index\.ts|contracts\/.*\.json|asa\/index\.ts|asa\/node\/index\.ts|functions\/src\/index\.ts)$/;
    const walls = imports.filter(({ from, to }) => {
      const room = (path: string) =>
        path.startsWith("asa/node/")
          ? "asa/node"
          : rooms.find((candidate) => path.startsWith(`${candidate}/`));
      const [source, target] = [room(from), room(to)];
      if (target === undefined || source === target) return false;
      if (source === "asa/node" && target === "asa") return false;
      return !doors.test(to);
    });
    expect(walls.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it("has no cycles of values", () => {
    const graph = new Map<string, string[]>();
    for (const { from, to, typeOnly } of imports) {
      if (typeOnly || !to.endsWith(".ts")) continue;
      graph.set(from, [...(graph.get(from) ?? []), to]);
    }
    const state = new Map<string, "open" | "done">();
    const cycles: string[] = [];
    const visit = (file: string, trail: readonly string[]): void => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") {
        cycles.push([...trail.slice(trail.indexOf(file)), file].join(" -> "));
        return;
      }
      state.set(file, "open");
      for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
      state.set(file, "done");
    };
    for (const file of graph.keys()) visit(file, []);
    // A grammar's productions call one another: parsers are the one place where files may.
    const recursiveGrammar = /^asa\/language\/parser\//;
    expect(
      cycles.filter((cycle) => !cycle.split(" -> ").every((file) => recursiveGrammar.test(file))),
    ).toEqual([]);
  });

  it("keeps the asa core free of clocks, chance and output", () => {
    const impure = files
      .filter((file) => /^asa\/(?!node\/)/.test(file))
      .flatMap((file) => {
        const text = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
        const hit =
          /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|setImmediate|console\.|process\.)/.exec(
            text,
          );
        return hit === null ? [] : [`${file} uses ${hit[0]}`];
      });
    expect(impure).toEqual([]);
  });
});
