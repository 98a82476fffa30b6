import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataFolder } from "../../../../local/supervisor/data-folder";

describe("DataFolder", () => {
  let path: string;
  let folder: DataFolder;

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "data-folder-"));
    folder = new DataFolder(path);
  });

  afterEach(() => rmSync(path, { recursive: true, force: true }));

  const lockFile = (lock: object) => writeFileSync(join(path, "platform.lock"), JSON.stringify(lock));

  it("is held by the process that locked it, until it is unlocked", () => {
    expect(folder.holder()).toBeUndefined();
    folder.lock();
    expect(folder.holder()?.pid).toBe(process.pid);
    folder.announce(7400);
    expect(folder.holder()).toMatchObject({ pid: process.pid, dashboardPort: 7400 });
    folder.lock();
    folder.unlock();
    expect(folder.holder()).toBeUndefined();
    expect(readdirSync(path)).toEqual([]);
  });

  it("says who holds it", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    try {
      lockFile({ pid: other.pid, processStart: null, startedIso: "2026-01-05T08:00:00.000Z" });
      expect(() => folder.lock()).toThrow(
        expect.objectContaining({
          code: "LOCAL_DATA_LOCKED",
          message: `process ${other.pid} runs over ${path} since 2026-01-05T08:00:00.000Z`,
          hint: "stop it, or name another folder with --data",
        }),
      );
      folder.unlock();
      expect(existsSync(folder.lockPath)).toBe(true);
    } finally {
      other.kill("SIGKILL");
      await once(other, "exit");
    }
    folder.lock();
    expect(folder.holder()?.pid).toBe(process.pid);
  });

  it("does not take a new process for an old one of the same id", () => {
    lockFile({ pid: process.ppid, processStart: "1", startedIso: "2026-01-05T08:00:00.000Z" });
    expect(folder.holder()).toBeUndefined();
    folder.lock();
    expect(folder.holder()?.pid).toBe(process.pid);
  });

  it.each([
    ["nothing", ""],
    ["half a lock", '{"pid": 1'],
  ])("takes a lock file that holds %s for a dead one", (_, text) => {
    writeFileSync(join(path, "platform.lock"), text);
    folder.lock();
    expect(folder.holder()?.pid).toBe(process.pid);
  });

  it("keeps a secret, each of its own, readable by its owner only", () => {
    const secret = folder.secret("a");
    expect(folder.secret("b")).not.toBe(secret);
    expect(new DataFolder(path).secret("a")).toBe(secret);
    expect(
      spawnSync("stat", ["-c", "%a", join(path, "secrets.json")])
        .stdout.toString()
        .trim(),
    ).toBe("600");
  });

  it("names a file that cannot be read", () => {
    writeFileSync(join(path, "ports.json"), "{");
    expect(() => folder.readJson("ports.json")).toThrow(
      expect.objectContaining({ code: "LOCAL_DATA_DAMAGED", message: expect.stringContaining("ports.json") }),
    );
    expect(readFileSync(join(path, "ports.json"), "utf8")).toBe("{");
  });

  it("adds up what its rooms hold", async () => {
    writeFileSync(join(folder.room("a"), "x"), "12345");
    writeFileSync(join(folder.room("b"), "y"), "123");
    expect(await folder.sizeBytes()).toBe(8);
  });
});
