/** An error of setting up: what failed and what to do about it. Codes are those of local/process/errors.ts. */
export class SetupFailure extends Error {
  constructor(code, message, hint, detail) {
    super(message);
    this.name = "SetupFailure";
    this.code = code;
    this.hint = hint;
    this.detail = detail;
  }

  describe() {
    const lines = [`${this.code}: ${this.message}`];
    if (this.detail) lines.push(...this.detail.split("\n").map((line) => `  ${line}`));
    if (this.hint) lines.push(`  hint: ${this.hint}`);
    return lines.join("\n");
  }
}

/** Runs a script's main function; shows a failure as text, everything else with its stack, and exits 1. */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof SetupFailure ? error.describe() : error.stack}\n`);
    process.exit(1);
  }
}
