import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { SetupFailure } from "./failure.mjs";
import { root } from "./paths.mjs";
import { fingerprintOf, isStamped, stamp } from "./stamps.mjs";

const isCode = (name) => /\.(?:ts|json)$/.test(name);

const outputs = [
  {
    name: "build",
    folders: [
      "contracts",
      "asa",
      "infra",
      "local",
      "examples",
      "benchmarks",
      "tsconfig.json",
      "tsconfig.build.json",
    ],
    marker: "dist/.tsbuildinfo",
    program: () => [
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"],
    ],
  },
  {
    name: "functions",
    folders: ["contracts", "functions/src", "functions/package.json"],
    needs: "functions/src/main.ts",
    marker: "functions/dist/main.js",
    program: () => ["npm", ["run", "-s", "build", "--workspace", "functions"]],
  },
];

/**
 * Compiles what changed: TypeScript into dist/, the functions app into its bundle. Without changes only files are listed.
 * With `tolerant`, type errors are shown and the emitted JavaScript is used all the same; else they end the script.
 */
export async function ensureBuilt({ tolerant = false } = {}) {
  const work = outputs.map((output) => {
    if (output.needs !== undefined && !existsSync(join(root, output.needs))) return undefined;
    const fingerprint = fingerprintOf(output.folders, isCode);
    const current = isStamped(output.name, fingerprint) && existsSync(join(root, output.marker));
    return current ? undefined : build(output, fingerprint, tolerant);
  });
  await Promise.all(work);
}

async function build({ name, program }, fingerprint, tolerant) {
  const [command, args] = program();
  const { code, output } = await run(command, args);
  if (code === 0) {
    stamp(name, fingerprint);
  } else if (tolerant) {
    const errors = output.split("\n").filter((line) => /error TS|\[ERROR\]/.test(line)).length;
    process.stderr.write(`${name}: ${errors} errors, see npm run typecheck\n`);
  } else {
    throw new SetupFailure(
      "LOCAL_SETUP_INCOMPLETE",
      `the ${name} step failed`,
      "correct the sources named above",
      output,
    );
  }
}
