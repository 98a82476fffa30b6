import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { SetupFailure } from "./failure.mjs";
import { root } from "./paths.mjs";
import { showStep } from "./progress.mjs";

const oldestNode = [20, 9];

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new SetupFailure(
    "LOCAL_SETUP_INCOMPLETE",
    `Node.js ${process.versions.node} is too old`,
    `install Node.js ${oldestNode.join(".")} or newer; .nvmrc names the version the project is tested with`,
  );
}

/** Whether node_modules holds what package-lock.json names, read from npm's own record of the last install. */
export function packagesMatchLockfile() {
  try {
    const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
    const found = JSON.parse(readFileSync(join(root, "node_modules/.package-lock.json"), "utf8")).packages;
    return Object.entries(wanted).every(([path, entry]) => {
      if (path === "" || !path.includes("node_modules/")) return true;
      const installed = found[path];
      if (installed === undefined) return entry.optional === true;
      return (
        installed.version === entry.version && (!entry.integrity || installed.integrity === entry.integrity)
      );
    });
  } catch {
    return false;
  }
}

/** Installs the npm packages of the lockfile when node_modules differs from it. */
export async function ensurePackages() {
  checkNode();
  if (packagesMatchLockfile()) return;
  if (!existsSync(join(root, "package-lock.json"))) {
    throw new SetupFailure(
      "LOCAL_SETUP_INCOMPLETE",
      "package-lock.json is missing",
      "clone the project again",
    );
  }
  await showStep("npm packages", async (onLine) => {
    // Not `npm ci`: it refuses a lockfile without the optional binaries of platforms that a registry does not carry.
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const { code, output } = await run(npm, ["install", "--no-save", "--no-audit", "--no-fund"], { onLine });
    if (code !== 0) {
      throw new SetupFailure(
        "LOCAL_SETUP_INCOMPLETE",
        "the npm packages were not installed",
        diskHint(output) ??
          "check that npm works and reaches its registry (`npm ping`), then start again; finished steps are kept",
        output,
      );
    }
  });
}

/** What to do when a program's output says that the disk is full, else undefined. */
export function diskHint(output) {
  return /ENOSPC|No space left on device/i.test(output)
    ? "the disk is full: free 3 GB and start again; finished steps are kept"
    : undefined;
}
