import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BootstrapError } from "./errors";

export interface SqlTarget {
  /** Host name of the server. */
  readonly server: string;
  readonly database: string;
}

/** Runs T-SQL with `GO` between batches and gives what it prints. @throws BootstrapError */
export type SqlRunner = (target: SqlTarget, text: string) => Promise<string>;

/**
 * Runs through Microsoft's sqlcmd, signed in as the Azure CLI is: the T-SQL protocol needs a driver, and this is the
 * smallest well-kept one. The text goes in a file, because a line of standard input can be a command.
 */
export function sqlcmd(program = "sqlcmd"): SqlRunner {
  return async ({ server, database }, text) => {
    const folder = await mkdtemp(join(tmpdir(), "bootstrap-sql-"));
    const file = join(folder, "batch.sql");
    try {
      await writeFile(file, text, { mode: 0o600 });
      const { code, out, err } = await run(program, [
        ...["-S", server, "-d", database],
        ...["--authentication-method", "ActiveDirectoryAzCli"],
        // Stops at the first error, checks the certificate, prints rows alone.
        ...["-b", "-N", "true", "-h", "-1", "-W", "-x", "-i", file],
      ]);
      if (code === 0) return out;
      throw new BootstrapError(
        "BOOTSTRAP_SQL",
        `${server}/${database} refused a batch: ${(err || out).trim().slice(0, 400)}`,
        "the identity must be in the server's administrators; for FROM EXTERNAL PROVIDER the server's identity needs Directory Readers",
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

function run(program: string, args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    child.on("error", (error) =>
      reject(
        new BootstrapError(
          "BOOTSTRAP_NO_SQLCMD",
          `${program} does not start: ${error.message}`,
          "install sqlcmd (go): package sqlcmd of Microsoft's repositories, `brew install sqlcmd`, `winget install sqlcmd`",
        ),
      ),
    );
    child.on("close", (code) => resolve({ code: code ?? 1, out, err }));
  });
}
