import { JsonReadError, readJson } from "../../values";
import { AsaToolError, type AsaToolErrorCode } from "../errors";
import { placeOf } from "./place";
import { toPlain } from "./plain";
import { readTextFile } from "./text-file";

/** Members of a settings file, looked up without regard to letter case. */
export class Settings {
  readonly file: string;
  readonly #code: AsaToolErrorCode;
  readonly #members: ReadonlyMap<string, unknown>;

  constructor(file: string, code: AsaToolErrorCode, members: Readonly<Record<string, unknown>>) {
    this.file = file;
    this.#code = code;
    this.#members = new Map(Object.entries(members).map(([name, value]) => [name.toLowerCase(), value]));
  }

  /** The member's value; undefined when it is absent or null, as old tools write every key with null. */
  get(name: string): unknown {
    return this.#members.get(name.toLowerCase()) ?? undefined;
  }

  /** The member as text; numbers and booleans are taken as their text. Undefined when absent, null or blank. */
  text(...names: readonly string[]): string | undefined {
    for (const name of names) {
      const value = this.get(name);
      if (value === undefined) continue;
      if (typeof value === "object") throw this.wrong(name, "a text", value);
      const text = String(value).trim();
      if (text !== "") return text;
    }
    return undefined;
  }

  /** The member as text. @throws {AsaToolError} when it is absent. */
  requiredText(what: string, ...names: readonly string[]): string {
    const text = this.text(...names);
    if (text === undefined)
      throw this.error(`${what} has no "${names[0]}"`, `Add "${names[0]}" to ${this.file}.`);
    return text;
  }

  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^[+-]?\d+$/.test(text)) throw this.wrong(name, "an integer", this.get(name));
    return Number(text);
  }

  boolean(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (text !== "true" && text !== "false") throw this.wrong(name, "true or false", this.get(name));
    return text === "true";
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw this.wrong(name, "a list", value);
    return value;
  }

  /** The member as settings of its own. */
  section(name: string): Settings | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : this.of(value, `"${name}"`);
  }

  /** Settings over a value found inside this file. */
  of(value: unknown, what: string): Settings {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw this.error(`${what} is not an object`);
    return new Settings(this.file, this.#code, value as Record<string, unknown>);
  }

  error(message: string, hint?: string): AsaToolError {
    return new AsaToolError(this.#code, message, {
      place: { file: this.file },
      ...(hint === undefined ? {} : { hint }),
    });
  }

  private wrong(name: string, expected: string, value: unknown): AsaToolError {
    return this.error(`"${name}" is ${JSON.stringify(value)}`, `Make it ${expected}.`);
  }
}

/**
 * Reads a settings file of a project. Returns undefined when the file is empty, as some project templates leave it.
 *
 * @throws {AsaToolError} ASA_FILE_NOT_FOUND, ASA_FILE_UNREADABLE, ASA_JSON_INVALID, or `code` when it is no object
 */
export function readSettings(file: string, code: AsaToolErrorCode): Settings | undefined {
  const text = readTextFile(file);
  if (text.trim() === "") return undefined;
  let value: unknown;
  try {
    value = toPlain(readJson(text));
  } catch (cause) {
    if (!(cause instanceof JsonReadError)) throw cause;
    throw new AsaToolError("ASA_JSON_INVALID", cause.message.replace(/ at offset \d+$/, ""), {
      place: placeOf(file, text, cause.offset),
      hint: "Settings files are plain JSON: double quotes, no trailing commas.",
      cause,
    });
  }
  return new Settings(file, code, {}).of(value, "the file");
}
