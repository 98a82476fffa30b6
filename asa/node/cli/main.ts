import { AsaError } from "../engine";
import { AsaToolError } from "../errors";
import { type Arguments, type OptionSpec, readArguments, usage } from "./arguments";
import { bench, benchOptions } from "./bench";
import { check, checkOptions } from "./check";
import type { CliContext, ExitCode } from "./context";
import { explain, explainOptions } from "./explain";
import { findingOfError, findingText } from "./findings";
import { helpText } from "./help";
import { create, newOptions } from "./new";
import { run, runOptions } from "./run";
import { test, testOptions } from "./test";

interface Command {
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly execute: (args: Arguments, context: CliContext) => Promise<ExitCode>;
}

const commands: Readonly<Record<string, Command>> = {
  check: { options: checkOptions, execute: check },
  run: { options: runOptions, execute: run },
  test: { options: testOptions, execute: test },
  explain: { options: explainOptions, execute: explain },
  new: { options: newOptions, execute: create },
  bench: { options: benchOptions, execute: bench },
};

/**
 * Runs one command line. Mistakes of the user are reported on standard error and in the exit code; an error without a
 * code is a defect of this program and is thrown.
 */
export async function runCli(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    context.out(helpText(rest[0]));
    return name === undefined ? 2 : 0;
  }
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined)
      throw usage(`command "${name}" does not exist`, `Commands are ${Object.keys(commands).join(", ")}.`);
    if (rest.includes("--help") || rest.includes("-h")) {
      context.out(helpText(name));
      return 0;
    }
    return await command.execute(readArguments(rest, command.options), context);
  } catch (error) {
    if (!(error instanceof AsaToolError || error instanceof AsaError)) throw error;
    context.err(`${findingText(findingOfError(error, context.cwd))}\n`);
    return 2;
  }
}
