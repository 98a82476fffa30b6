// Sets up everything the project needs, once: npm packages, Python with Spark, a Java runtime, jars, the build.
import { ensureBatch } from "./setup/batch.mjs";
import { ensureBuilt } from "./setup/build.mjs";
import { run } from "./setup/command.mjs";
import { runScript, SetupFailure } from "./setup/failure.mjs";
import { withSetupLock } from "./setup/lock.mjs";
import { ensurePackages } from "./setup/npm.mjs";

/** Brings the checkout to the state that its lockfiles and sources name; finished steps are reused without the network. */
export async function setUp() {
  await withSetupLock(async () => {
    await ensurePackages();
    await ensureBatch();
    await ensureBuilt();
  });
}

/** Lets git run the checks of lefthook.yml at each commit and push. */
async function installHooks() {
  const { code, output } = await run("npx", ["--no-install", "lefthook", "install"]);
  if (code !== 0) {
    throw new SetupFailure("LOCAL_SETUP_INCOMPLETE", "the git hooks were not installed", undefined, output);
  }
}

if (process.argv[1]?.endsWith("setup.mjs")) {
  await runScript(async () => {
    const startedMs = Date.now();
    await setUp();
    if (process.argv.includes("--hooks")) await installHooks();
    process.stderr.write(`ready in ${((Date.now() - startedMs) / 1000).toFixed(1)} s\n`);
  });
}
