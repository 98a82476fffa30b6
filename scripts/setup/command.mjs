import { spawn, spawnSync } from "node:child_process";
import { root } from "./paths.mjs";

const keptLines = 30;

/**
 * Runs a program to its end and resolves with its exit code and the last lines it printed. `onLine` sees each line.
 * A program that cannot be started resolves with code 127.
 */
export function run(program, args, { onLine, env, cwd = root } = {}) {
  return new Promise((resolve) => {
    const tail = [];
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream.setEncoding("utf8");
      const take = (line) => {
        if (line.trim() === "") return;
        tail.push(line);
        if (tail.length > keptLines) tail.shift();
        onLine?.(line);
      };
      stream.on("data", (text) => {
        const lines = (rest + text).split(/\r?\n|\r/);
        rest = lines.pop() ?? "";
        for (const line of lines) take(line);
      });
      stream.on("end", () => take(rest));
    }
    child.on("error", (error) => resolve({ code: 127, output: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 1, output: tail.join("\n") }));
  });
}

/** Runs a short program and returns its output, or undefined when it is missing or fails. */
export function ask(program, args, env) {
  const answer = spawnSync(program, args, {
    cwd: root,
    encoding: "utf8",
    timeout: 20_000,
    env: { ...process.env, ...env },
  });
  if (answer.error || answer.status !== 0) return undefined;
  return `${answer.stdout}${answer.stderr}`.trim();
}
