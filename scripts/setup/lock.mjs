import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { setupFolder } from "./paths.mjs";

const lockFile = join(setupFolder, "lock");
const pollMs = 300;

/** Runs `work` while no other set-up of this checkout runs; a lock left by a process that ended is taken over. */
export async function withSetupLock(work) {
  mkdirSync(setupFolder, { recursive: true });
  let told = false;
  while (!take()) {
    if (!told) process.stderr.write(`  waiting for another set-up (process ${holder()}) ...\n`);
    told = true;
    await wait(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function take() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (!isAlive(holder())) rmSync(lockFile, { force: true });
    return false;
  }
}

function holder() {
  try {
    return Number(readFileSync(lockFile, "utf8"));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
