import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root, setupFolder } from "./paths.mjs";

const stampFile = (name) => join(setupFolder, "stamps", name);

/** Whether step `name` was completed for exactly these inputs. */
export function isStamped(name, fingerprint) {
  try {
    return readFileSync(stampFile(name), "utf8") === fingerprint;
  } catch {
    return false;
  }
}

/** Notes that step `name` is complete for these inputs. */
export function stamp(name, fingerprint) {
  const file = stampFile(name);
  mkdirSync(join(setupFolder, "stamps"), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, fingerprint);
  renameSync(`${file}.${process.pid}`, file);
}

/** Forgets that step `name` was completed, before it is done again. */
export function unstamp(name) {
  rmSync(stampFile(name), { force: true });
}

/** SHA-256 of texts, in hex. */
export function hashOf(...texts) {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest("hex");
}

/** Fingerprint of source files by path, size and modification time; `accept` chooses by file name. */
export function fingerprintOf(paths, accept) {
  const entries = [];
  const visit = (path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return;
    if (!stats.isDirectory()) {
      entries.push(`${relative(root, path)} ${stats.size} ${stats.mtimeMs}`);
      return;
    }
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.name === "node_modules" || entry.name === "dist") continue;
      if (entry.isDirectory() || accept(entry.name)) visit(join(path, entry.name));
    }
  };
  for (const path of paths) visit(join(root, path));
  return hashOf(...entries.sort());
}
