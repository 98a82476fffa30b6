import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CheckpointFile } from "../../../../local/functions-host/checkpoints";
import { type DeadLetter, DeadLetterFile } from "../../../../local/functions-host/dead-letters";

const letter: DeadLetter = {
  function: "onEvents",
  source: "telemetry/0",
  sequence: "7",
  body: "{}",
  bodyEncoding: "utf8",
  error: "no",
  at: "2026-01-05T08:00:00.000Z",
};

/** A folder where a file is to be written stands for a disk that takes nothing. */
describe("a disk that takes nothing", () => {
  let folder: string;
  const told: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "full-disk-"));
    told.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("keeps a checkpoint until it can be written, and says so", () => {
    const open = () =>
      new CheckpointFile(folder, "onEvents", "telemetry", "$Default", (error) => told.push(String(error)));
    const checkpoints = open();
    mkdirSync(dirname(checkpoints.path), { recursive: true });
    mkdirSync(`${checkpoints.path}.new`);
    checkpoints.set(2, 41n);
    checkpoints.flush();
    checkpoints.set(2, 42n);
    checkpoints.flush();
    expect(told).toHaveLength(2);
    expect(told[0]).toContain("EISDIR");
    expect(open().get(2)).toBeUndefined();
    rmdirSync(`${checkpoints.path}.new`);
    checkpoints.close();
    expect(open().get(2)).toBe(42n);
  });

  it("holds a function until its dead letter is kept", async () => {
    const letters = new DeadLetterFile(folder, (_, text) => told.push(text), new AbortController().signal);
    mkdirSync(letters.path);
    const added = letters.add(letter);
    expect(told).toEqual(["a dead letter of onEvents is not written; trying again"]);
    rmdirSync(letters.path);
    await added;
    expect(JSON.parse(readFileSync(letters.path, "utf8"))).toEqual(letter);
  });

  it("lets a host stop that waits for room", async () => {
    const stopping = new AbortController();
    const letters = new DeadLetterFile(folder, () => {}, stopping.signal);
    mkdirSync(letters.path);
    const added = letters.add(letter);
    stopping.abort();
    await expect(added).rejects.toMatchObject({ name: "AbortError" });
  });
});
