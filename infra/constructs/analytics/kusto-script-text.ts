import { createHash } from "node:crypto";
import { listRepositoryFiles, readRepositoryFile } from "../../config/repository";

/** The only verbs that the service runs in a script. */
const allowedVerbs = [".create", ".create-or-alter", ".create-merge", ".alter", ".alter-merge", ".add"];

/** A script as the service takes it, and a name that changes with its text. */
export interface KustoScriptText {
  readonly content: string;
  /** Hash of the content: a script whose name stays is not run again. */
  readonly hash: string;
}

/** Fills `{{name}}` places. @throws RangeError for a place without a value or a value without a place */
export function fillPlaces(text: string, values: Readonly<Record<string, string>>): string {
  const used = new Set<string>();
  const filled = text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new RangeError(`INFRA_TEMPLATE: no value for the place {{${name}}}`);
    used.add(name);
    return value;
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new RangeError(`INFRA_TEMPLATE: no place for ${unused.join(", ")}`);
  return filled;
}

/** Splits a script into its commands, without comments; a command starts with a dot at the start of a line. */
export function kustoCommands(script: string): string[] {
  const commands: string[] = [];
  for (const line of script.split("\n")) {
    if (line.startsWith("//")) continue;
    if (line.startsWith(".")) commands.push(line);
    else if (commands.length > 0) commands[commands.length - 1] += `\n${line}`;
    else if (line.trim() !== "")
      throw new RangeError(`INFRA_KUSTO_SCRIPT: text before the first command: "${line}"`);
  }
  return commands.map((command) => command.trimEnd());
}

/**
 * Reads the scripts of a folder in the order of their names and joins them to one: a database runs one script at a time.
 * @throws RangeError INFRA_KUSTO_SCRIPT when a command's verb is refused in scripts
 */
export function readKustoScripts(
  folder: string,
  values: Readonly<Record<string, string>> = {},
): KustoScriptText {
  const names = listRepositoryFiles(folder, ".kql");
  const template = names.map((name) => readRepositoryFile(`${folder}/${name}`)).join("\n");
  for (const command of kustoCommands(template)) {
    const verb = command.split(/\s/)[0]!;
    if (!allowedVerbs.includes(verb)) {
      throw new RangeError(
        `INFRA_KUSTO_SCRIPT: "${verb}" is not allowed in a script: ${allowedVerbs.join(", ")}`,
      );
    }
  }
  const content = `${kustoCommands(fillPlaces(template, values)).join("\n\n")}\n`;
  return { content, hash: createHash("sha256").update(template).digest("hex").slice(0, 12) };
}
