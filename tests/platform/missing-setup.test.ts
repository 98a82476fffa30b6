import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./run-platform";

jest.setTimeout(60_000);

describe("a checkout without a part of its set-up", () => {
  const folder = mkdtempSync(join(tmpdir(), "missing-setup-"));
  const path = (...names: string[]) => join(folder, ...names);
  const data = path("data");

  /** A checkout that is this one but for `.setup/`; links are kept, so that modules see it as their home. */
  beforeAll(() => {
    for (const name of ["dist", "node_modules", "notebooks", "stream-jobs", "contracts", "functions"])
      symlinkSync(join(root, name), path(name));
    for (const name of ["package.json", "package-lock.json"]) symlinkSync(join(root, name), path(name));
    mkdirSync(path(".setup"));
    mkdirSync(path("java", "bin"), { recursive: true });
    for (const file of ["python", "a.jar", join("java", "bin", "java")]) writeFileSync(path(file), "");
  });

  beforeEach(() => rmSync(path(".setup", "batch.json"), { force: true }));

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const up = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        ...["--preserve-symlinks", "--preserve-symlinks-main", path("dist", "local", "cli.js"), "up"],
        ...["--data", data, "--port-base", "0", ...args],
      ],
      { cwd: folder, encoding: "utf8" },
    );
    return { status, stdout, stderr };
  };

  const whole = { python: path("python"), javaHome: path("java"), jars: [path("a.jar")] };

  it.each([
    [
      "nothing at all",
      undefined,
      "LOCAL_SETUP_INCOMPLETE: the batch layer is not set up\n  hint: npm run setup\n",
    ],
    [
      "the virtual environment",
      { ...whole, python: path("gone", "python") },
      `LOCAL_PYTHON_MISSING: the Python of the virtual environment is gone\n  ${path("gone", "python")}\n  hint: install Python 3.10 to 3.14 and run npm run setup\n`,
    ],
    [
      "the Java runtime",
      { ...whole, javaHome: path("gone") },
      `LOCAL_JAVA_MISSING: the Java runtime found at set-up is gone\n  ${path("gone")}\n  hint: install Java 17 or 21, or let the set-up fetch one: npm run setup\n`,
    ],
    [
      "a jar",
      { ...whole, jars: [path("a.jar"), path("b.jar")] },
      `LOCAL_SETUP_INCOMPLETE: jars of Spark are missing\n  ${path("b.jar")}\n  hint: npm run setup\n`,
    ],
  ])("says so without %s, and starts and makes nothing", (_, record, error) => {
    if (record !== undefined) writeFileSync(path(".setup", "batch.json"), JSON.stringify(record));
    for (const args of [["--for", "10s"], []]) {
      expect(up(...args)).toEqual({ status: 3, stdout: "", stderr: error });
      expect(existsSync(data)).toBe(false);
    }
  });
});
