import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultPortBase, serverPorts } from "../../local/supervisor/ports";
import { roomNames } from "../../local/supervisor/rooms";

const root = join(__dirname, "../..");
const page = readFileSync(join(root, "docs/architecture.md"), "utf8");

interface Law {
  readonly id: string;
  readonly places: readonly string[];
  readonly proofs: readonly { readonly file: string; readonly title: string }[];
}

function cellsOf(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

const laws: readonly Law[] = page
  .split("\n")
  .filter((line) => /^\| L\d+ /.test(line))
  .map((line) => {
    const [name, , upheld, proven] = cellsOf(line) as [string, string, string, string];
    return {
      id: name.split(" ")[0]!,
      places: [...upheld.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
      proofs: [...proven.matchAll(/`([^`]+)` "([^"]+)"/g)].map((match) => ({
        file: match[1]!,
        title: match[2]!,
      })),
    };
  });

/** Titles of the tests in a file: jest's or pytest's. */
function titlesOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const pattern = file.endsWith(".py")
    ? /^def (test_\w+)\(/gm
    : /\bit(?:\.each\([\s\S]*?\)|\.each\w*)?\(\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? "");
}

describe("docs/architecture.md", () => {
  it("has every law once, in order", () => {
    expect(laws.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, n) => `L${n + 1}`));
  });

  describe.each(laws)("$id", ({ places, proofs }) => {
    it("is upheld in code that exists", () => {
      expect(places.length).toBeGreaterThan(0);
      expect(places.filter((place) => !existsSync(join(root, place)))).toEqual([]);
    });

    it("is proven by tests that exist", () => {
      expect(proofs.length).toBeGreaterThan(0);
      const unknown = proofs.filter(
        ({ file, title }) =>
          !existsSync(join(root, file)) || !titlesOf(file).some((found) => found.includes(title)),
      );
      expect(unknown).toEqual([]);
    });
  });

  it("lists every process of the platform", () => {
    const rows = page.split("\n").filter((line) => line.startsWith("| "));
    for (const name of [...roomNames, "storage"]) {
      expect(rows.some((row) => cellsOf(row)[0] === name)).toBe(true);
    }
  });

  it("lists the ports in their order", () => {
    const rows = page.split("\n").filter((line) => /^\| 74\d\d \|/.test(line));
    expect(rows.map((row) => cellsOf(row).slice(0, 2))).toEqual(
      serverPorts.map((name, index) => [String(defaultPortBase + index), name]),
    );
  });

  it("names files that exist", () => {
    const named = [...page.matchAll(/`((?:[\w-]+\/)+[\w.-]+\.\w+)`/g)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});
