import { existsSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import type { StaticType } from "../../values";
import { AsaToolError } from "../errors";
import { readSettings, readTextFile } from "../settings";
import type { ProjectItemKind } from "./asaproj";
import { resolveProjectPath } from "./paths";

/** A JavaScript function of a job; its script defines `main`. */
export interface FunctionDefinition {
  readonly name: string;
  readonly kind: "scalar" | "aggregate";
  readonly outputType: StaticType;
  readonly script: string;
  /** The script's file, for error messages. */
  readonly file: string;
}

/** A function that exists in the service only; a query that calls it is refused with this reason. */
export interface ForeignFunction {
  readonly name: string;
  readonly reason: string;
  readonly file: string;
}

const types: Readonly<Record<string, StaticType>> = {
  any: "any",
  bigint: "bigint",
  float: "float",
  "nvarchar(max)": "nvarchar(max)",
  nvarchar: "nvarchar(max)",
  datetime: "datetime",
  bit: "bit",
  record: "record",
  array: "array",
};

/**
 * Reads a function definition (`X.js.json` beside `X.js`, or a bare `X.js`); undefined for an empty file.
 *
 * @throws {AsaToolError} ASA_FUNCTION_INVALID, ASA_JSON_INVALID, ASA_FILE_NOT_FOUND
 */
export function readFunction(
  file: string,
  listedAs: ProjectItemKind,
): FunctionDefinition | ForeignFunction | undefined {
  if (extname(file).toLowerCase() === ".js") {
    const definition = `${file}.json`;
    if (existsSync(definition)) return readFunction(definition, listedAs);
    return withScript(basename(file).replace(/\.js$/i, ""), undefined, "any", file);
  }
  const settings = readSettings(file, "ASA_FUNCTION_INVALID");
  if (settings === undefined) return undefined;
  const scriptType = settings.text("ScriptType")?.toLowerCase() ?? "";
  const name = settings.text("Name") ?? basename(file).replace(/(\.js)?\.json$/i, "");
  if (
    listedAs === "CSharpFunction" ||
    scriptType.startsWith("csharp") ||
    settings.text("AssemblyName") !== undefined
  )
    return { name, file, reason: "it is a C# function, and .NET code does not run here" };
  if (listedAs === "MLFunction" || scriptType.includes("ml") || scriptType.includes("machinelearning"))
    return { name, file, reason: "it calls a machine learning endpoint, which exists in the service only" };
  const typeText = settings.text("OutputType")?.toLowerCase() ?? "any";
  const outputType = types[typeText];
  if (outputType === undefined)
    throw settings.error(
      `output type "${typeText}" does not exist`,
      `Use one of ${Object.keys(types).join(", ")}.`,
    );
  return withScript(name, declaredKind(settings.text("Type"), scriptType), outputType, scriptOf(file, name));
}

function declaredKind(type: string | undefined, scriptType: string): "scalar" | "aggregate" | undefined {
  if (type?.toLowerCase().includes("aggregate") === true || scriptType.includes("aggregate"))
    return "aggregate";
  return type === undefined ? undefined : "scalar";
}

function scriptOf(definition: string, name: string): string {
  const beside = definition.replace(/\.json$/i, "");
  const candidates = extname(beside).toLowerCase() === ".js" ? [beside] : [`${beside}.js`];
  candidates.push(join(dirname(definition), `${name}.js`));
  for (const candidate of candidates) {
    const found = resolveProjectPath(dirname(definition), candidate);
    if (existsSync(found)) return found;
  }
  throw new AsaToolError(
    "ASA_FILE_NOT_FOUND",
    `function "${name}" has no script "${basename(candidates[0] as string)}"`,
    {
      place: { file: definition },
      hint: "Put the script beside its definition, as X.js and X.js.json.",
    },
  );
}

function withScript(
  name: string,
  kind: "scalar" | "aggregate" | undefined,
  outputType: StaticType,
  file: string,
): FunctionDefinition {
  const script = readTextFile(file);
  return {
    name,
    kind: kind ?? (/\bthis\s*\.\s*accumulate\b/.test(script) ? "aggregate" : "scalar"),
    outputType,
    script,
    file,
  };
}
