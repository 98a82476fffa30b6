import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { AsaToolError } from "../errors";
import { findProjectFile, loadNearestProject, loadProject, type Project, queryFileOf } from "../project";

/** A query and the project it belongs to. */
export interface QueryTarget {
  readonly file: string;
  readonly project: Project | undefined;
}

const skipped = new Set(["node_modules", "localrunoutputs", "deploy", "bin", "obj", "dist"]);

/**
 * Finds the queries that a path means: a query file, a project file, a project folder (its start file) or a folder of
 * projects and loose queries. Settings come from `projectPath` or the nearest project upwards.
 *
 * @throws {AsaToolError} ASA_FILE_NOT_FOUND, ASA_PROJECT_NOT_FOUND and the errors of reading a project
 */
export function findQueries(path: string, projectPath: string | undefined): QueryTarget[] {
  const target = resolve(path);
  if (!existsSync(target))
    throw new AsaToolError("ASA_FILE_NOT_FOUND", `"${path}" does not exist`, {
      place: { file: target },
      hint: "Give a .asaql file, a project file or a folder.",
    });
  const named = projectPath === undefined ? undefined : loadProject(resolve(projectPath));
  if (statSync(target).isDirectory()) {
    const found = inFolder(target, named);
    if (found.length > 0) return found;
    throw new AsaToolError("ASA_PROJECT_NOT_FOUND", `folder "${path}" holds no project and no .asaql file`, {
      place: { file: target },
      hint: 'Create a project with "asa new FOLDER".',
    });
  }
  if (/\.asaproj$|asaproj\.json$/i.test(target)) {
    const project = loadProject(target);
    return [{ file: queryFileOf(project), project }];
  }
  return [{ file: target, project: named ?? loadNearestProject(dirname(target)) }];
}

function inFolder(folder: string, named: Project | undefined): QueryTarget[] {
  const own = findProjectFile(folder);
  if (own !== undefined && dirname(own) === folder) {
    const project = named ?? loadProject(own);
    return [{ file: queryFileOf(project), project }];
  }
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const targets: QueryTarget[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name.toLowerCase()) && !entry.name.startsWith("."))
        targets.push(...inFolder(path, named));
    } else if (/\.asaql$/i.test(entry.name)) {
      targets.push({ file: path, project: named ?? loadNearestProject(folder) });
    }
  }
  return targets;
}

/** The one query a command works on. @throws {AsaToolError} ASA_PROJECT_AMBIGUOUS when the path means several */
export function findQuery(path: string, projectPath: string | undefined): QueryTarget {
  const [target, ...others] = findQueries(path, projectPath);
  if (others.length > 0)
    throw new AsaToolError("ASA_PROJECT_AMBIGUOUS", `"${path}" holds ${others.length + 1} queries`, {
      detail: `They are ${[target, ...others].map((found) => found?.file).join(", ")}.`,
      hint: "Name one of them.",
    });
  return target as QueryTarget;
}
