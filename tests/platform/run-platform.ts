import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { RunReport } from "../../local/run/report";

export const root = resolve(__dirname, "../..");

/** One run of `npm run local -- up` in a process of its own. */
export class PlatformRun {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting: { readonly pattern: RegExp; readonly resolve: (match: RegExpExecArray) => void }[] = [];
  readonly exited: Promise<number>;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [join(root, "dist/local/cli.js"), "up", ...args], {
      cwd: root,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let rest = "";
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
    });
    this.exited = new Promise((done) =>
      this.#child.once("exit", (code, signal) => done(code ?? (signal === null ? -1 : -2))),
    );
  }

  get log(): string {
    return this.#lines.join("\n");
  }

  /** Resolves with the first line, printed already or later, that matches. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (const line of this.#lines) {
      const match = pattern.exec(line);
      if (match !== null) return Promise.resolve(match);
    }
    return new Promise((done, fail) => {
      this.#waiting.push({ pattern, resolve: done });
      void this.exited.then((code) =>
        fail(new Error(`the run ended with ${code} before it printed ${pattern}:\n${this.log}`)),
      );
    });
  }

  /** Origin of the page. */
  async page(): Promise<string> {
    return (await this.printed(/^page: (\S+)/))[1]!;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #take(line: string): void {
    this.#lines.push(line);
    for (const waiter of [...this.#waiting]) {
      const match = waiter.pattern.exec(line);
      if (match === null) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      waiter.resolve(match);
    }
  }
}

/** Runs another verb of the command line to its end. */
export function runVerb(
  args: readonly string[],
  input = "",
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  const child = spawn(process.execPath, [join(root, "dist/local/cli.js"), ...args], { cwd: root });
  let [out, error] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    error += text;
  });
  child.stdin.end(input);
  return new Promise((done) => child.once("close", (code) => done({ code: code ?? -1, out, error })));
}

export function readReport(outDir: string): RunReport {
  return JSON.parse(readFileSync(join(outDir, "report.json"), "utf8")) as RunReport;
}

export function readLines<T>(path: string): T[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

/** Expects a report that closes, whatever happened on the way. */
export function expectClosed(report: RunReport): void {
  expect(report.failures).toEqual([]);
  expect(report.accounting).toMatchObject({ lost: 0, double: 0 });
  for (const comparison of [report.windows.realtime, report.windows.cut, report.windows.merged]) {
    expect(comparison.compared).toBeGreaterThan(0);
    expect(comparison.different).toBe(0);
  }
}
