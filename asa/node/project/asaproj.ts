import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { AsaToolError } from "../errors";
import { readSettings, readTextFile, type Settings } from "../settings";
import { resolveProjectPath } from "./paths";

/** What a file of a project is for. Kinds of functions that exist only elsewhere keep their own name. */
export type ProjectItemKind =
  | "Input"
  | "InputMock"
  | "Output"
  | "JobConfig"
  | "JSFunction"
  | "CSharpFunction"
  | "MLFunction"
  | "Other";

export interface ProjectItem {
  /** Absolute path; the file need not exist. */
  readonly file: string;
  readonly kind: ProjectItemKind;
}

/** A project list, as asaproj.json (VS Code) or an MSBuild *.asaproj (Visual Studio) gives it. */
export interface ProjectList {
  readonly name: string;
  /** Absolute path of the project file. */
  readonly file: string;
  readonly folder: string;
  /** Absolute path of the query; undefined when the list names none. */
  readonly startFile: string | undefined;
  readonly items: readonly ProjectItem[];
}

/**
 * Returns the project file of a folder or of the nearest folder above it; undefined when there is none up to the root.
 *
 * asaproj.json wins over *.asaproj. A folder with several *.asaproj files and no asaproj.json cannot be decided.
 *
 * @throws {AsaToolError} ASA_PROJECT_AMBIGUOUS
 */
export function findProjectFile(start: string): string | undefined {
  let folder = resolve(start);
  for (;;) {
    const found = projectFileIn(folder);
    if (found !== undefined) return found;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

function projectFileIn(folder: string): string | undefined {
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch {
    return undefined;
  }
  const json = entries.find((entry) => entry.toLowerCase() === "asaproj.json");
  if (json !== undefined) return join(folder, json);
  const old = entries.filter((entry) => extname(entry).toLowerCase() === ".asaproj").sort();
  if (old.length > 1)
    throw new AsaToolError("ASA_PROJECT_AMBIGUOUS", `folder "${folder}" holds ${old.length} project files`, {
      detail: `They are ${old.join(", ")}.`,
      hint: "Name one of them with --project.",
      place: { file: folder },
    });
  return old[0] === undefined ? undefined : join(folder, old[0]);
}

/**
 * Reads a project list of either generation; `path` is a project file or the folder that holds one.
 *
 * @throws {AsaToolError} ASA_PROJECT_NOT_FOUND, ASA_PROJECT_AMBIGUOUS, ASA_PROJECT_INVALID, ASA_JSON_INVALID
 */
export function readProjectList(path: string): ProjectList {
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const file = isFolder ? projectFileIn(path) : resolve(path);
  if (file === undefined || !existsSync(file))
    throw new AsaToolError("ASA_PROJECT_NOT_FOUND", `"${path}" has no asaproj.json and no *.asaproj`, {
      place: { file: path },
      hint: 'Create a project with "asa new FOLDER".',
    });
  return extname(file).toLowerCase() === ".json" ? readJsonProject(file) : readMsbuildProject(file);
}

function readJsonProject(file: string): ProjectList {
  const folder = dirname(file);
  const settings = readSettings(file, "ASA_PROJECT_INVALID");
  if (settings === undefined)
    throw new AsaToolError("ASA_PROJECT_INVALID", "the project file is empty", {
      place: { file },
      hint: 'It needs at least "name", "startFile" and "configurations".',
    });
  const startFile = settings.text("startFile");
  const items = (settings.list("configurations") ?? []).map((entry, index) => {
    const item = settings.of(entry, `"configurations" entry ${index + 1}`);
    return jsonItem(folder, item, index);
  });
  return {
    name: settings.text("name") ?? basename(folder),
    file,
    folder,
    startFile: startFile === undefined ? undefined : resolveProjectPath(folder, startFile),
    items,
  };
}

function jsonItem(folder: string, item: Settings, index: number): ProjectItem {
  const path = item.requiredText(`"configurations" entry ${index + 1}`, "filePath");
  return {
    file: resolveProjectPath(folder, path),
    kind: itemKind(item.text("subType") ?? "", path),
  };
}

/** MSBuild files list what Visual Studio made: `<Script>`, `<StartFile>` and `<Configure>` with a `<SubType>`. */
function readMsbuildProject(file: string): ProjectList {
  const folder = dirname(file);
  const xml = readTextFile(file).replaceAll(/<!--[\s\S]*?-->/g, "");
  if (!/<Project[\s>]/i.test(xml))
    throw new AsaToolError("ASA_PROJECT_INVALID", "the file is not an MSBuild project", {
      place: { file },
      hint: "An *.asaproj file is XML with a <Project> element; newer projects use asaproj.json.",
    });
  const startFile = element(xml, "StartFile") ?? includes(xml, "Script")[0]?.path;
  const items = includes(xml, "Configure").map(({ path, body }) => ({
    file: resolveProjectPath(folder, path),
    kind: itemKind(element(body, "SubType") ?? "", path),
  }));
  return {
    name: element(xml, "Name") ?? basename(file, extname(file)),
    file,
    folder,
    startFile: startFile === undefined ? undefined : resolveProjectPath(folder, startFile),
    items,
  };
}

function includes(xml: string, tag: string): { readonly path: string; readonly body: string }[] {
  const pattern = new RegExp(
    `<${tag}\\s[^>]*?Include\\s*=\\s*"([^"]*)"[^>]*?(?:/>|>([\\s\\S]*?)</${tag}\\s*>)`,
    "gi",
  );
  return [...xml.matchAll(pattern)].map((match) => ({
    path: unescapeXml(match[1] ?? ""),
    body: match[2] ?? "",
  }));
}

function element(xml: string, tag: string): string | undefined {
  const match = new RegExp(`<${tag}(?:\\s[^>]*)?>([\\s\\S]*?)</${tag}\\s*>`, "i").exec(xml);
  const text = unescapeXml(match?.[1] ?? "").trim();
  return text === "" ? undefined : text;
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}

const kinds: Readonly<Record<string, ProjectItemKind>> = {
  input: "Input",
  inputmock: "InputMock",
  output: "Output",
  jobconfig: "JobConfig",
  csharpfunction: "CSharpFunction",
  mlfunction: "MLFunction",
};

function itemKind(subType: string, path: string): ProjectItemKind {
  const folded = subType.toLowerCase();
  const known = kinds[folded];
  if (known !== undefined) return known;
  if (folded.startsWith("js")) return "JSFunction";
  if (folded.startsWith("ml") || folded.includes("machinelearning")) return "MLFunction";
  if (folded.startsWith("csharp") || folded.startsWith("c#")) return "CSharpFunction";
  return folded === "" && basename(path.replaceAll("\\", "/")).toLowerCase() === "jobconfig.json"
    ? "JobConfig"
    : "Other";
}
