import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");
const examples = readdirSync(join(root, "examples")).filter((file) => file.endsWith(".ts"));

/** What an example says that it prints: the comment lines after `// Prints:`. */
function promised(text: string): string {
  const [, tail = ""] = text.split("// Prints:\n");
  return tail.replaceAll(/^\/\/ ?/gm, "");
}

describe("examples", () => {
  it("exist", () => {
    expect(examples.length).toBeGreaterThan(3);
  });

  it.each(examples)("%s prints what it says", (file) => {
    const path = join(root, "examples", file);
    const out = execFileSync(process.execPath, [join(root, "node_modules/tsx/dist/cli.mjs"), path], {
      encoding: "utf8",
    });
    expect(out).toBe(promised(readFileSync(path, "utf8")));
  });
});
