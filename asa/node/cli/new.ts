import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AsaToolError } from "../errors";
import { type Arguments, usage } from "./arguments";
import type { CliContext, ExitCode } from "./context";
import { shownPath } from "./findings";
import { skeleton } from "./skeleton";

export const newOptions = { name: { type: "string" } } as const;

/** `asa new`: makes a project in the official layout, with local data and a test that passes. */
export async function create(args: Arguments, context: CliContext): Promise<ExitCode> {
  const path = args.atMost(1).words[0];
  if (path === undefined) throw usage("the project's folder is missing", "Write asa new FOLDER.");
  const folder = resolve(context.cwd, path);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new AsaToolError("ASA_FILE_EXISTS", `folder "${path}" is not empty`, {
      place: { file: folder },
      hint: "Choose a folder that does not exist yet.",
    });
  const name = args.text("name") ?? basename(folder);
  for (const [file, content] of Object.entries(skeleton(name))) {
    const target = join(folder, file);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    context.out(`${shownPath(target, context.cwd)}\n`);
  }
  context.out(`\nNext: asa check ${path}\n      asa run ${path} --print\n      asa test ${path}\n`);
  return 0;
}
