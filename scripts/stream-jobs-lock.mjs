// Keeps stream-jobs/versions.lock.json: node scripts/stream-jobs-lock.mjs --check | --release JOB/VERSION.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const defaultRoot = resolve(dirname(fileURLToPath(import.meta.url)), "..", "stream-jobs");

/** Files that make a version what it is: everything but its tests, its README and the outputs of local runs. */
export function releasedFiles(folder) {
  const files = [];
  const visit = (current) => {
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      const name = relative(folder, path).replaceAll("\\", "/");
      if (/^(test|LocalRunOutputs|Deploy)$/i.test(name)) continue;
      if (entry.isDirectory()) visit(path);
      else if (!/^readme\.md$/i.test(name)) files.push(name);
    }
  };
  visit(folder);
  return files.sort();
}

/** Hash of each released file of a version; line ends do not count. */
export function hashesOf(folder) {
  return Object.fromEntries(
    releasedFiles(folder).map((name) => {
      const text = readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n");
      return [name, `sha256:${createHash("sha256").update(text).digest("hex")}`];
    }),
  );
}

/** Returns a line for each released file that was changed, added or removed, and for each unreleased version. */
export function lockProblems(root = defaultRoot) {
  const lock = readLock(root);
  const problems = [];
  for (const [version, hashes] of Object.entries(lock)) {
    const folder = join(root, version);
    if (!existsSync(folder)) {
      problems.push(`${version}: the released version was removed`);
      continue;
    }
    const found = hashesOf(folder);
    for (const name of new Set([...Object.keys(hashes), ...Object.keys(found)])) {
      if (found[name] === undefined) problems.push(`${version}/${name}: a released file was removed`);
      else if (hashes[name] === undefined)
        problems.push(`${version}/${name}: a file was added to a released version`);
      else if (hashes[name] !== found[name]) problems.push(`${version}/${name}: a released file was changed`);
    }
  }
  for (const version of versions(root))
    if (lock[version] === undefined)
      problems.push(`${version}: the version is not released; run --release ${version}`);
  return problems;
}

function versions(root) {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((job) =>
      readdirSync(join(root, job.name), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && /^v\d+$/.test(entry.name))
        .map((entry) => `${job.name}/${entry.name}`),
    )
    .sort();
}

function readLock(root) {
  const file = join(root, "versions.lock.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

/** Adds a version to the lock. A version that is there already stays as it is: a change is a new version. */
export function release(version, root = defaultRoot) {
  const lock = readLock(root);
  if (lock[version] !== undefined)
    throw new Error(`${version} is released already; a change is a new version`);
  if (!versions(root).includes(version)) throw new Error(`${version} is no folder JOB/vN below stream-jobs`);
  lock[version] = hashesOf(join(root, version));
  const sorted = Object.fromEntries(Object.entries(lock).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(join(root, "versions.lock.json"), `${JSON.stringify(sorted, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [verb, version] = process.argv.slice(2);
  if (verb === "--release" && version !== undefined) {
    try {
      release(version);
      console.log(`${version} is released`);
    } catch (error) {
      console.error(error.message);
      process.exitCode = 1;
    }
  } else if (verb === "--check") {
    const problems = lockProblems();
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) {
      console.error("hint: leave released versions alone and make a new version folder beside them");
      process.exitCode = 1;
    }
  } else {
    console.error("usage: node scripts/stream-jobs-lock.mjs --check | --release JOB/VERSION");
    process.exitCode = 2;
  }
}
