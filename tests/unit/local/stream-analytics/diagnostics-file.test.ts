import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DiagnosticsFile,
  type DroppedEvent,
  readCheckpoint,
  readDiagnostics,
  writeCheckpoint,
} from "../../../../local/stream-analytics";

const dropped = (sequence: number, kind = "late"): DroppedEvent => ({
  input: "telemetry",
  partition: 0,
  sequence: String(sequence),
  kind,
  action: "dropped",
  eventId: `ü-${sequence}`,
  eventTime: null,
  enqueuedMs: 1,
  message: "too late",
});

describe("files of a job", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "job-files-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("names an event once, over restarts too", () => {
    const path = join(folder, "diagnostics.ndjson");
    const first = new DiagnosticsFile(path);
    expect([
      first.add(dropped(1)),
      first.add(dropped(2)),
      first.add(dropped(1)),
      first.add(dropped(1, "early")),
    ]).toEqual([true, true, false, true]);
    first.close();
    const second = new DiagnosticsFile(path);
    expect(second.count).toBe(3);
    expect([second.add(dropped(2)), second.add(dropped(3))]).toEqual([false, true]);
    second.close();
    expect(readDiagnostics(path)).toEqual([dropped(1), dropped(2), dropped(1, "early"), dropped(3)]);
  });

  it("cuts off a line that a kill has torn, wherever it was torn", () => {
    const path = join(folder, "diagnostics.ndjson");
    const torn = Buffer.from(`${JSON.stringify(dropped(2))}\n`);
    for (let length = 0; length < torn.length; length++) {
      writeFileSync(path, `${JSON.stringify(dropped(1))}\n`);
      appendFileSync(path, torn.subarray(0, length));
      expect(readDiagnostics(path)).toEqual([dropped(1)]);
      const file = new DiagnosticsFile(path);
      file.add(dropped(3));
      file.close();
      expect(readDiagnostics(path)).toEqual([dropped(1), dropped(3)]);
    }
    expect(readDiagnostics(join(folder, "none"))).toEqual([]);
  });

  it("keeps positions beyond 2^53 and any state", async () => {
    const path = join(folder, "checkpoint.bin");
    expect(readCheckpoint(path)).toBeUndefined();
    const pieces = [Uint8Array.of(0, 255), Uint8Array.of(), Uint8Array.of(10)];
    const checkpoint = { positions: { "in ü": [0n, 2n ** 60n] }, pieces };
    await writeCheckpoint(path, checkpoint);
    const read = readCheckpoint(path)!;
    expect(read.positions).toEqual(checkpoint.positions);
    expect([...read.state]).toEqual([0, 255, 10]);
  });

  it("writes a state of many slices, and swaps it in whole", async () => {
    const path = join(folder, "checkpoint.bin");
    const state = Uint8Array.from({ length: (1 << 21) + 5 }, (_, n) => n * 7);
    await writeCheckpoint(path, { positions: {}, pieces: [Uint8Array.of(1)] });
    const writing = writeCheckpoint(path, { positions: { a: [3n] }, pieces: [state] });
    // Until the new one is whole the old one stands.
    expect([...readCheckpoint(path)!.state]).toEqual([1]);
    await writing;
    expect(Buffer.compare(readCheckpoint(path)!.state, state)).toBe(0);
    expect(existsSync(`${path}.new`)).toBe(false);
  });

  it("finds any single damaged or missing byte of a checkpoint", async () => {
    const path = join(folder, "checkpoint.bin");
    await writeCheckpoint(path, { positions: { a: [1n] }, pieces: [Uint8Array.of(1, 2, 3)] });
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 1;
      writeFileSync(path, damaged);
      expect(() => readCheckpoint(path)).toThrow("is damaged");
      writeFileSync(path, whole.subarray(0, at));
      expect(() => readCheckpoint(path)).toThrow("is damaged");
    }
  });
});
