import { existsSync, readdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { LocalError } from "../process/errors";
import { DataFolder } from "../supervisor/data-folder";
import { defaultDataDir, readArguments } from "./running";

export async function resetVerb(args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, { data: { type: "string" } });
  const path = resolve(values.data ?? defaultDataDir);
  const holder = new DataFolder(path).holder();
  if (holder !== undefined) {
    throw new LocalError("LOCAL_DATA_LOCKED", `process ${holder.pid} runs over ${path}`, {
      hint: "stop it first",
    });
  }
  if (!existsSync(path)) {
    process.stdout.write(`nothing to remove at ${path}\n`);
    return 0;
  }
  // A mistyped --data must not cost anybody a folder of his own.
  if (!readdirSync(path).includes("secrets.json")) {
    throw new LocalError("LOCAL_USAGE", `${path} is not a data folder of this platform`, {
      hint: "name the folder that `up --data` was given",
    });
  }
  rmSync(path, { recursive: true });
  process.stdout.write(`removed ${path}\n`);
  return 0;
}
