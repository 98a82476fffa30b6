// npm run bench -- NAME [options]: builds, then runs benchmarks/NAME.ts.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runModule } from "./run.mjs";
import { ensureBuilt } from "./setup/build.mjs";
import { runScript, SetupFailure } from "./setup/failure.mjs";
import { ensurePackages } from "./setup/npm.mjs";
import { root } from "./setup/paths.mjs";

await runScript(async () => {
  const [name, ...args] = process.argv.slice(2);
  const known = readdirSync(join(root, "benchmarks"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -3));
  if (name === undefined || !known.includes(name)) {
    throw new SetupFailure(
      "LOCAL_USAGE",
      name === undefined ? "no benchmark was named" : `there is no benchmark "${name}"`,
      `npm run bench -- ${known.join(" | ")}`,
    );
  }
  await ensurePackages();
  await ensureBuilt({ tolerant: true });
  runModule(`benchmarks/${name}.js`, args);
});
