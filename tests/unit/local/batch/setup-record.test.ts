import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSetupRecord, repositoryFolder } from "../../../../local/batch";

describe("readSetupRecord", () => {
  let folder: string;
  const python = () => join(folder, "python");
  const jar = () => join(folder, "a.jar");

  const record = (more: object = {}) => {
    mkdirSync(join(folder, ".setup"), { recursive: true });
    const complete = { python: python(), javaHome: folder, jars: [jar()], ...more };
    writeFileSync(join(folder, ".setup", "batch.json"), JSON.stringify(complete));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "setup-record-"));
    mkdirSync(join(folder, "bin"));
    for (const file of [python(), jar(), join(folder, "bin", "java")]) writeFileSync(file, "");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("returns what the set-up recorded when all of it is there", () => {
    record();
    expect(readSetupRecord(folder)).toEqual({ python: python(), javaHome: folder, jars: [jar()] });
  });

  it.each([
    ["LOCAL_PYTHON_MISSING", { python: "/nowhere/python" }],
    ["LOCAL_JAVA_MISSING", { javaHome: "/nowhere" }],
    ["LOCAL_SETUP_INCOMPLETE", { jars: ["/nowhere/a.jar"] }],
  ])("names %s and what to do when a part is gone", (code, more) => {
    record(more);
    expect(() => readSetupRecord(folder)).toThrow(
      expect.objectContaining({ code, hint: expect.stringContaining("npm run setup") }),
    );
  });

  it("says that the set-up is incomplete without a record", () => {
    expect(() => readSetupRecord(folder)).toThrow(
      expect.objectContaining({ code: "LOCAL_SETUP_INCOMPLETE" }),
    );
  });
});

describe("repositoryFolder", () => {
  it("finds the checkout from any folder below it and refuses others", () => {
    const root = repositoryFolder();
    expect(repositoryFolder(join(root, "local", "batch"))).toBe(root);
    expect(() => repositoryFolder(tmpdir())).toThrow(
      expect.objectContaining({ code: "LOCAL_SETUP_INCOMPLETE" }),
    );
  });
});
