import { listRepositoryFiles, readRepositoryFile } from "../../../infra/config/repository";

const scripts = ["sql", "synapse"].flatMap((folder) =>
  listRepositoryFiles(`infra/data-plane/${folder}`, ".sql").map(
    (name) => `infra/data-plane/${folder}/${name}`,
  ),
);
const statements = scripts.flatMap((path) =>
  readRepositoryFile(path)
    .replace(/--.*$/gm, "")
    .split(/^GO\s*$/m)
    .map((batch) => ({ path, batch: batch.trim() }))
    .filter(({ batch }) => batch !== ""),
);

// A step runs its scripts whole whenever one of them changes.
test.each(statements)("a batch of $path may be run twice: $batch", ({ batch }) => {
  if (/^CREATE OR ALTER /.test(batch)) return;
  for (const line of batch.split("\n").filter((text) => /^\S/.test(text))) {
    // What stands at the start of a line is guarded, repeatable by itself, or goes on a statement that is.
    const repeatable = /^(IF |GRANT |USE |\(|\)|WITH\b|CREATE )/.test(line);
    expect({ line, repeatable }).toEqual({ line, repeatable: true });
  }
  const lines = batch.split("\n");
  lines.forEach((line, index) => {
    if (line.startsWith("CREATE ")) expect(lines[index - 1]).toMatch(/^IF .*(IS NULL|NOT EXISTS \(.*\))$/);
  });
});

test("a credential has the key that it needs in the same database before it", () => {
  for (const path of scripts) {
    const text = readRepositoryFile(path);
    const credential = text.indexOf("CREATE DATABASE SCOPED CREDENTIAL");
    if (credential === -1) continue;
    const key = text.indexOf("CREATE MASTER KEY");
    expect(key).toBeGreaterThan(text.lastIndexOf("\nUSE ", credential));
    expect(key).toBeLessThan(credential);
  }
});

test("no script carries a password", () => {
  for (const path of scripts) expect(readRepositoryFile(path)).not.toMatch(/PASSWORD\s*=|SECRET\s*=/i);
});
