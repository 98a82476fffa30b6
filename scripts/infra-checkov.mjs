// npm run check:checkov [-- --synth FOLDER] [--stage S]: checkov over the synthesised stacks, held against the register of exceptions.
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureBuilt } from "./setup/build.mjs";
import { runScript, SetupFailure } from "./setup/failure.mjs";
import { root, setupFolder } from "./setup/paths.mjs";

const version = "3.3.30";
const venv = process.env.CHECKOV_VENV ?? join(setupFolder, "checkov");

/** checkov's own program, in an environment of its own outside the project's packages. */
function ensureCheckov() {
  if (spawnSync("checkov", ["--version"], { stdio: "ignore" }).status === 0) return "checkov";
  const program = join(venv, "bin", "checkov");
  if (existsSync(program)) return program;
  process.stdout.write(`installing checkov ${version}\n`);
  mkdirSync(setupFolder, { recursive: true });
  try {
    execFileSync("python3", ["-m", "venv", venv], { stdio: "pipe" });
    execFileSync(join(venv, "bin", "pip"), ["install", "--quiet", `checkov==${version}`], { stdio: "pipe" });
  } catch (error) {
    throw new SetupFailure(
      "CHECKOV_NOT_INSTALLED",
      `checkov ${version} cannot be installed`,
      "it needs Python 3.9 or later and the package index of Python",
      String(error.stderr ?? error.message).slice(0, 1500),
    );
  }
  return program;
}

/** Failed checks of the stacks in a folder, by rule and construct path. */
function failedChecks(program, folder) {
  const args = [
    "--directory",
    folder,
    "--framework",
    "terraform_json",
    "--output",
    "json",
    "--quiet",
    "--compact",
  ];
  const environment = {
    ...process.env,
    BC_SKIP_MAPPING: "TRUE",
    CHECKOV_RUN_SCA_PACKAGE_SCAN_V2: "false",
    LOG_LEVEL: "ERROR",
  };
  const result = spawnSync(program, [...args, "--skip-download"], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: environment,
  });
  if (result.error) throw result.error;
  const start = result.stdout.search(/[{[]/);
  if (start < 0)
    throw new SetupFailure(
      "CHECKOV_FAILED",
      `checkov said nothing about ${folder}`,
      "run it by hand",
      result.stderr.slice(0, 1500),
    );
  const parsed = JSON.parse(result.stdout.slice(start));
  const reports = Array.isArray(parsed) ? parsed : [parsed];
  const unread = reports.reduce((sum, report) => sum + (report.summary?.parsing_errors ?? 0), 0);
  const seen = reports.reduce(
    (sum, report) => sum + (report.summary?.passed ?? 0) + (report.summary?.failed ?? 0),
    0,
  );
  if (unread > 0 || seen === 0) {
    const message = `checkov made ${seen} checks and could not read ${unread} files`;
    throw new SetupFailure("CHECKOV_UNREAD", message, "nothing was checked", result.stderr.slice(-1500));
  }
  return reports.flatMap((report) =>
    (report.results?.failed_checks ?? []).map((check) => {
      const [type, name] = check.resource.split(".");
      const resources = JSON.parse(readFileSync(join(folder, check.file_path), "utf8")).resource ?? {};
      // Some of its rules name the type, others only the word "resource".
      const found =
        resources[type]?.[name] ?? Object.values(resources).find((named) => name in named)?.[name];
      const path = found?.["//"]?.metadata?.path ?? check.resource;
      return { rule: check.check_id, title: check.check_name, path };
    }),
  );
}

const matches = (pattern, path) =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  ).test(path);

await runScript(async () => {
  const { values } = parseArgs({
    options: { synth: { type: "string" }, stage: { type: "string", default: "prod" } },
  });
  const work = mkdtempSync(join(tmpdir(), "checkov-synth-"));
  if (values.synth === undefined) {
    await ensureBuilt({ tolerant: true });
    const environment = { ...process.env, STAGE: values.stage };
    execFileSync(process.execPath, [join(root, "dist", "infra", "main.js")], {
      cwd: work,
      env: environment,
      stdio: "inherit",
    });
  }
  const stacks = join(
    values.synth === undefined ? join(work, "cdktf.out") : resolve(root, values.synth),
    "stacks",
  );
  if (!existsSync(stacks))
    throw new SetupFailure("CHECKOV_SYNTH_MISSING", `no stacks in "${stacks}"`, "npm run synth writes them");
  const program = ensureCheckov();
  const read = (name) => JSON.parse(readFileSync(join(root, "infra", "policies", name), "utf8"));
  const register = [...read("exceptions.json"), ...read("checkov-exceptions.json")];
  const used = new Set();
  const left = [];
  const folder = mkdtempSync(join(tmpdir(), "checkov-"));
  try {
    for (const stack of readdirSync(stacks).filter((name) => name.startsWith(`${values.stage}-`))) {
      const json = JSON.parse(readFileSync(join(stacks, stack, "cdk.tf.json"), "utf8"));
      // checkov's reader stops at a text where it expects a block.
      delete json.terraform?.required_version;
      mkdirSync(join(folder, stack));
      writeFileSync(join(folder, stack, "cdk.tf.json"), JSON.stringify(json, null, 2));
    }
    for (const failed of failedChecks(program, folder)) {
      const short = failed.path.slice(values.stage.length + 1);
      const at = register.findIndex(
        ({ check, path, stages }) =>
          check === failed.rule && stages.includes(values.stage) && matches(path, short),
      );
      if (at < 0) left.push(failed);
      else used.add(at);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(work, { recursive: true, force: true });
  }
  // Exceptions that only checkov asks for must be needed; the others are held exactly by check:infra.
  const own = read("exceptions.json").length;
  const unused = register.filter(
    (entry, at) => at >= own && entry.stages.includes(values.stage) && !used.has(at),
  );
  for (const { rule, path, title } of left) process.stdout.write(`${rule}  ${path}\n    ${title}\n`);
  for (const { check, path } of unused) process.stdout.write(`unused exception  ${check}  ${path}\n`);
  process.stdout.write(
    `checkov ${version}, stage ${values.stage}: ${left.length} failed checks outside the register, ${used.size} exceptions used\n`,
  );
  if (left.length + unused.length > 0) process.exitCode = 1;
});
