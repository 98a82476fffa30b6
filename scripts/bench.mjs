// npm run bench -- NAME [options]: builds, then runs benchmarks/NAME.ts, or for a folder of that name benchmarks/main.ts.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runModule } from "./run.mjs";
import { ensureBuilt } from "./setup/build.mjs";
import { runScript, SetupFailure } from "./setup/failure.mjs";
import { ensurePackages } from "./setup/npm.mjs";
import { root } from "./setup/paths.mjs";

await runScript(async () => {
  const [name, ...args] = process.argv.slice(2);
  const known = readdirSync(join(root, "benchmarks"))
    .map((entry) => entry.replace(/\.ts$/, ""))
    .filter((entry, index, all) => entry !== "main" && all.indexOf(entry) === index);
  if (name === undefined || !known.includes(name)) {
    throw new SetupFailure(
      "LOCAL_USAGE",
      name === undefined ? "no benchmark was named" : `there is no benchmark "${name}"`,
      `npm run bench -- ${known.join(" | ")}`,
    );
  }
  await ensurePackages();
  await ensureBuilt({ tolerant: true });
  const own = existsSync(join(root, "benchmarks", `${name}.ts`));
  runModule(`benchmarks/${own ? name : "main"}.js`, own ? args : [name, ...args]);
});
