import { parseArgs } from "node:util";
import { AsaToolError } from "../errors";

export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  readonly short?: string;
}

/** The words and options of one command. */
export class Arguments {
  readonly words: readonly string[];
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(words: readonly string[], values: Readonly<Record<string, unknown>>) {
    this.words = words;
    this.#values = values;
  }

  text(name: string): string | undefined {
    return this.#values[name] as string | undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  list(name: string): readonly string[] {
    return (this.#values[name] as string[] | undefined) ?? [];
  }

  /** The option as one of the choices; the first when it is absent. @throws {AsaToolError} ASA_USAGE */
  choice<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
    const text = this.text(name);
    if (text === undefined) return choices[0];
    const chosen = choices.find((choice) => choice === text.toLowerCase());
    if (chosen === undefined) throw usage(`--${name} has no choice "${text}"`, `Use ${choices.join(", ")}.`);
    return chosen;
  }

  /** The option as a number that is not negative. @throws {AsaToolError} ASA_USAGE */
  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value) || value < 0)
      throw usage(`--${name} is "${text}"`, "Give a number that is not negative.");
    return value;
  }

  /** The option as a whole number that is not negative. @throws {AsaToolError} ASA_USAGE */
  whole(name: string): number | undefined {
    const value = this.number(name);
    if (value !== undefined && !Number.isInteger(value))
      throw usage(`--${name} is "${this.text(name)}"`, "Give a whole number.");
    return value;
  }

  /** `name=value` options as a map. @throws {AsaToolError} ASA_USAGE when one has no equals sign */
  pairs(name: string): Record<string, string> {
    return Object.fromEntries(
      this.list(name).map((pair) => {
        const at = pair.indexOf("=");
        if (at < 1) throw usage(`--${name} is "${pair}"`, `Write it as --${name} NAME=VALUE.`);
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
    );
  }

  /** At most `count` words. @throws {AsaToolError} ASA_USAGE */
  atMost(count: number): this {
    const extra = this.words[count];
    if (extra !== undefined) throw usage(`"${extra}" is one argument too many`, "See --help.");
    return this;
  }
}

export function usage(message: string, hint: string): AsaToolError {
  return new AsaToolError("ASA_USAGE", message, { hint });
}

/** @throws {AsaToolError} ASA_USAGE for an unknown option or one without its value */
export function readArguments(
  argv: readonly string[],
  options: Readonly<Record<string, OptionSpec>>,
): Arguments {
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      options: { ...options, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
      strict: true,
    });
    return new Arguments(positionals, values);
  } catch (error) {
    throw usage(
      (error as Error).message.split(". ")[0] as string,
      "See --help for the options of the command.",
    );
  }
}
