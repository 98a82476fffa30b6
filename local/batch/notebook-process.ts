import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A step that a run has begun. */
export interface BatchProgress {
  readonly notebook: string;
  readonly title: string;
}

/** Messages of notebooks/runner.py. */
type RunnerMessage =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly id: number; readonly notebook: string; readonly title: string }
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "failed"; readonly id: number; readonly error: string; readonly detail: string };

/** The process ended while a run was open; the run may be repeated. */
export class NotebookProcessEnded extends Error {
  constructor(how: string, lastLines: readonly string[]) {
    super([`the notebook process ended (${how})`, ...lastLines].join("\n"));
    this.name = "NotebookProcessEnded";
  }
}

interface OpenRun {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: (progress: BatchProgress) => void;
}

const keptLines = 20;
const closeTimeoutMs = 10_000;

/** One Python process with one Spark session, asked by JSON lines. */
export class NotebookProcess {
  readonly #child: ChildProcess;
  readonly #runs = new Map<number, OpenRun>();
  readonly #lastLines: string[] = [];
  readonly #exited: Promise<void>;
  #nextId = 1;
  #ended: string | undefined;

  constructor(python: string, script: string, environment: NodeJS.ProcessEnv, onLog: (line: string) => void) {
    this.#child = spawn(python, ["-u", script], {
      env: environment,
      stdio: ["pipe", "pipe", "pipe"],
      // A terminal's Ctrl-C reaches the whole group; the end of its input is what ends this process.
      detached: true,
    });
    const { stdin, stdout, stderr } = this.#child;
    if (stdout === null || stderr === null || stdin === null) throw new Error("the process has no pipes");
    stdin.on("error", () => {});
    createInterface({ input: stdout }).on("line", (line) => this.#take(line));
    createInterface({ input: stderr }).on("line", (line) => {
      this.#lastLines.push(line);
      if (this.#lastLines.length > keptLines) this.#lastLines.shift();
      onLog(line);
    });
    this.#exited = new Promise((resolve) => {
      const end = (how: string) => {
        this.#ended = how;
        for (const run of this.#runs.values()) run.reject(new NotebookProcessEnded(how, this.#lastLines));
        this.#runs.clear();
        resolve();
      };
      this.#child.once("error", (error) => end(error.message));
      this.#child.once("close", (code, signal) => end(signal ?? `exit code ${code}`));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** Runs a notebook and resolves with the value it exits with. @throws NotebookProcessEnded, or the notebook's error */
  run(
    notebook: string,
    parameters: Readonly<Record<string, string>>,
    onProgress: (progress: BatchProgress) => void,
  ): Promise<unknown> {
    if (this.#ended !== undefined) {
      return Promise.reject(new NotebookProcessEnded(this.#ended, this.#lastLines));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#runs.set(id, { resolve, reject, onProgress });
      this.#child.stdin?.write(`${JSON.stringify({ id, run: notebook, parameters })}\n`);
    });
  }

  /** Ends the process with its Spark session; an open run is rejected. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const force = setTimeout(() => this.#child.kill("SIGKILL"), closeTimeoutMs);
    await this.#exited;
    clearTimeout(force);
  }

  #take(line: string): void {
    const message = JSON.parse(line) as RunnerMessage;
    if (message.type === "ready") return;
    const run = this.#runs.get(message.id);
    if (run === undefined) return;
    if (message.type === "progress") {
      run.onProgress({ notebook: message.notebook, title: message.title });
      return;
    }
    this.#runs.delete(message.id);
    if (message.type === "result") run.resolve(message.value);
    else run.reject(new Error(`the notebook failed: ${message.error}\n${message.detail}`));
  }
}
