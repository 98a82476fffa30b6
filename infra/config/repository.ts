import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

let root: string | undefined;

/** The repository's folder: the first above this file that holds cdktf.json, whether this runs from source or from dist. */
export function repositoryRoot(): string {
  if (root !== undefined) return root;
  let folder = __dirname;
  while (!existsSync(join(folder, "cdktf.json"))) {
    const above = dirname(folder);
    if (above === folder) throw new Error("cdktf.json is in no folder above infra/");
    folder = above;
  }
  root = folder;
  return folder;
}

/** Text of a file of the repository, by its path from the root. */
export function readRepositoryFile(path: string): string {
  return readFileSync(join(repositoryRoot(), path), "utf8");
}

/** Names of the files of a folder that end so, in order of name. */
export function listRepositoryFiles(folder: string, ending: string): string[] {
  return readdirSync(join(repositoryRoot(), folder))
    .filter((name) => name.endsWith(ending))
    .sort();
}
