// Runs a compiled module of this project: node scripts/run.mjs [--checked] <module below dist/> [arguments].
// With --checked, code with type errors is not run.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt } from "./setup/build.mjs";
import { runScript, SetupFailure } from "./setup/failure.mjs";
import { ensurePackages } from "./setup/npm.mjs";
import { root } from "./setup/paths.mjs";

/** Runs dist/`module` with the terminal as its own; this process ends as the module ends, by code or by signal. */
export function runModule(module, args) {
  const child = spawn(process.execPath, ["--enable-source-maps", join(root, "dist", module), ...args], {
    stdio: "inherit",
  });
  // The terminal interrupts the whole group: the module decides when it ends, and this process follows it.
  const ignore = () => {};
  const forward = (signal) => child.kill(signal);
  process.on("SIGINT", ignore);
  process.on("SIGTERM", forward);
  process.on("SIGHUP", forward);
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (process.argv[1]?.endsWith("run.mjs")) {
  await runScript(async () => {
    const words = process.argv.slice(2);
    const checked = words[0] === "--checked";
    const [module, ...args] = checked ? words.slice(1) : words;
    if (module === undefined) {
      throw new SetupFailure(
        "LOCAL_USAGE",
        "no module was named",
        "node scripts/run.mjs [--checked] <module below dist/> [arguments]",
      );
    }
    await ensurePackages();
    await ensureBuilt({ tolerant: !checked });
    if (!existsSync(join(root, "dist", module))) {
      throw new SetupFailure(
        "LOCAL_SETUP_INCOMPLETE",
        `the module "${module}" was not built`,
        "npm run typecheck shows why",
      );
    }
    runModule(module, args);
  });
}
