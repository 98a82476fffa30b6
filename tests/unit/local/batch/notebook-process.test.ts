import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NotebookProcess, NotebookProcessEnded } from "../../../../local/batch/notebook-process";

/** A program that speaks the runner's protocol: it echoes parameters, fails or ends as the notebook's name says. */
const program = `
const lines = require("node:readline").createInterface({ input: process.stdin });
const send = (message) => process.stdout.write(JSON.stringify(message) + "\\n");
send({ type: "ready" });
lines.on("line", (line) => {
  const { id, run, parameters } = JSON.parse(line);
  send({ type: "progress", id, notebook: run, title: "begins" });
  if (run === "echo") send({ type: "result", id, value: parameters });
  else if (run === "fail") send({ type: "failed", id, error: "ValueError: no", detail: "line 3" });
  else { console.error("the last words"); process.exit(3); }
});
`;

describe("NotebookProcess", () => {
  let folder: string;
  let running: NotebookProcess;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "notebook-process-"));
    const script = join(folder, "runner.js");
    writeFileSync(script, program);
    // The interpreter is called with "-u" in front of the script, which node does not take.
    const wrapper = join(folder, "interpreter");
    writeFileSync(wrapper, `#!/bin/sh\nshift\nexec "${process.execPath}" "$@"\n`, { mode: 0o755 });
    running = new NotebookProcess(wrapper, script, process.env, () => {});
  });

  afterEach(async () => {
    await running.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("reports progress and resolves with the notebook's value", async () => {
    const steps: string[] = [];
    const value = await running.run("echo", { a: "1" }, ({ title }) => steps.push(title));
    expect({ value, steps }).toEqual({ value: { a: "1" }, steps: ["begins"] });
  });

  it("rejects with the notebook's error and stays usable", async () => {
    await expect(running.run("fail", {}, () => {})).rejects.toThrow(
      "the notebook failed: ValueError: no\nline 3",
    );
    expect(await running.run("echo", {}, () => {})).toEqual({});
  });

  it("rejects open and later runs when the process ends, with its last words", async () => {
    await expect(running.run("end", {}, () => {})).rejects.toThrow(/exit code 3(?:.|\n)*the last words/);
    expect(running.alive).toBe(false);
    await expect(running.run("echo", {}, () => {})).rejects.toBeInstanceOf(NotebookProcessEnded);
  });
});
