import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "../../../../local/process/clock";
import { BatchRuns } from "../../../../local/supervisor/batch-runs";

const startMs = Date.parse("2026-01-05T08:00:00Z");
const answer = {
  generation: 3,
  batchHighWatermark: "2026-01-05T08:04:00.0000000Z",
  inputThrough: "2026-01-05T08:05:00.0000000Z",
  counts: { stored: 7 },
};

describe("BatchRuns", () => {
  const folder = mkdtempSync(join(tmpdir(), "batch-runs-"));
  const notices: string[] = [];
  let asked: unknown[];
  let answers: (() => unknown)[];

  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    [asked, answers, notices.length] = [[], [], 0];
  });

  const batch = () =>
    new BatchRuns({
      clock: new ManualClock(startMs),
      folder,
      ask: async (_, argument) => {
        asked.push(argument);
        return (answers.shift() ?? (() => answer))();
      },
      lakeComplete: async () => {
        asked.push("complete");
      },
      onNotice: (level, text) => notices.push(`${level}: ${text}`),
    });

  it("runs over a complete lake only, and tells where the batch layer stands", async () => {
    const runs = batch();
    const outcome = await runs.run();
    expect(asked).toEqual(["complete", { asOfMs: startMs }]);
    expect(outcome).toMatchObject({
      generation: 3,
      batchHighWatermarkMs: startMs + 4 * 60_000,
      capturedThroughMs: startMs + 5 * 60_000,
      stored: 7,
    });
    expect(runs.state).toMatchObject({ status: "idle", generation: 3 });
  });

  it("runs one after the other, after one that failed too", async () => {
    let release = () => {};
    answers.push(
      () =>
        new Promise((_, reject) => {
          release = () => reject(new Error("the lake is away"));
        }),
    );
    const runs = batch();
    const first = runs.run();
    const second = runs.run();
    await new Promise((resolve) => setImmediate(resolve));
    expect(runs.underWay).toBe(true);
    expect(asked).toHaveLength(2);
    release();
    await expect(first).rejects.toThrow("the lake is away");
    expect(await second).toMatchObject({ generation: 3 });
    expect(runs.underWay).toBe(false);
    expect(notices).toEqual([
      "error: the batch run failed: the lake is away",
      "info: batch generation 3 answers up to 2026-01-05T08:04:00.0000000Z",
    ]);
  });

  it("says that nothing is captured yet, and what to do", async () => {
    answers.push(() => ({ generation: null }));
    const runs = batch();
    await expect(runs.run()).rejects.toMatchObject({
      code: "LOCAL_RUN_INCOMPLETE",
      hint: expect.stringContaining("Capture writes its first file"),
    });
    expect(runs.state.status).toBe("failed");
  });

  it("reads the fate of each message from the file that the layer writes", async () => {
    const lines = [
      { messageId: "a", fate: "stored" },
      { messageId: "b", fate: "duplicate" },
    ];
    const outcome = await batch().run();
    answers.push(() => {
      writeFileSync(
        join(folder, "message-fates.ndjson"),
        lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
      );
      return "2";
    });
    const found = [];
    for await (const fate of outcome.fates()) found.push(fate);
    expect(found).toEqual(lines);
  });
});
