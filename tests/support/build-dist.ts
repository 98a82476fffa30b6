import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

/**
 * Brings dist/ up to date and returns the path of a compiled module such as `local/cosmos/main.js`, for tests that
 * start a process of the platform. Type errors do not stop it: the type check reports them.
 */
export function builtModule(name: string): string {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    encoding: "utf8",
  });
  const path = join(root, "dist", name);
  if (!existsSync(path)) throw new Error(`dist/${name} could not be built: ${stdout}`);
  return path;
}
