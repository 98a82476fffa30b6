import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { externalSort, fileLines } from "../../../../../local/simulator/file/external-sort";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sort-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Item {
  readonly key: number;
  readonly text: string;
}

function sorted(items: readonly Item[], itemsPerRun: number, mergeWidth: number): readonly Item[] {
  return [
    ...externalSort(items, {
      folder: join(folder, "runs"),
      compare: (left, right) => left.key - right.key,
      encode: (item) => JSON.stringify(item),
      decode: (line) => JSON.parse(line) as Item,
      itemsPerRun,
      mergeWidth,
    }),
  ];
}

describe("externalSort", () => {
  it("equals a stable sort in memory and leaves no files", () => {
    const item = fc.record({ key: fc.integer({ min: 0, max: 20 }), text: fc.string({ unit: "binary" }) });
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 120 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 2, max: 5 }),
        (items, itemsPerRun, mergeWidth) => {
          expect(sorted(items, itemsPerRun, mergeWidth)).toEqual(
            [...items].sort((left, right) => left.key - right.key),
          );
          expect(existsSync(join(folder, "runs"))).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("fileLines", () => {
  it.each(["utf8", "latin1", "utf16le"] as const)("reads lines of any length in %s", (encoding) => {
    const lines = [
      "",
      "a",
      "\u00e4\u0a0a\u010a".slice(0, encoding === "latin1" ? 1 : 3),
      "x".repeat(200_000),
      "end",
    ];
    const path = join(folder, "file");
    writeFileSync(path, lines.join("\n"), encoding);
    expect([...fileLines(path, encoding)]).toEqual(lines);
    writeFileSync(path, `${lines.join("\n")}\n`, encoding);
    expect([...fileLines(path, encoding)]).toEqual(lines);
  });
});
