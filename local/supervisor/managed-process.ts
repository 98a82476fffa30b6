import { type ChildProcess, fork } from "node:child_process";
import { constants, getPriority, setPriority } from "node:os";
import type { FromChild, ProcessEvent, ProcessStats, ToChild } from "../process/child";
import type { ClockState } from "../process/clock";
import { LocalError, type LocalErrorCode, localErrors } from "../process/errors";

/** `down` comes back, `failed` does not. */
export type ProcessStatus = "starting" | "running" | "down" | "stopped" | "failed";

export interface ManagedProcessOptions {
  readonly name: string;
  /** Compiled module whose only statement is runChild(...). */
  readonly module: string;
  /** Asked before each start, so that a restart sees what the others offer by then. */
  readonly config: () => unknown;
  readonly clock: () => ClockState;
  /** Above 0: the system prefers other processes to this one and to those that it starts. @default 0 */
  readonly niceness?: number;
  /** Wall milliseconds before the first, second, ... restart in a row; the last one holds for all further. */
  readonly restartDelaysMs?: readonly number[];
  readonly onStatus: (status: ProcessStatus, detail?: string) => void;
  readonly onStats: (stats: ProcessStats) => void;
  readonly onEvent: (event: ProcessEvent) => void;
  readonly onLog: (level: string, text: string, fields?: unknown) => void;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const defaultRestartDelaysMs = [0, 100, 250, 500, 1000, 2000];
const failuresBeforeGivingUp = 12;
/** A process that ran this long has recovered from whatever ended it before. */
const recoveredAfterMs = 10_000;
const stopTimeoutMs = 15_000;
const lastMessagesTimeoutMs = 500;

/** The process died while it was asked; its successor may be asked again. */
export class ProcessEndedError extends Error {}

/** One process of the platform: started, watched, restarted when it dies, stopped in order. */
export class ManagedProcess {
  readonly #options: ManagedProcessOptions;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | undefined;
  #nextCall = 1;
  #stopping = false;
  #failuresInARow = 0;
  #firstStart: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #lastFailure: LocalError | undefined;
  #readyWaiters: Pending[] = [];
  #readySinceMs = 0;
  #restart: NodeJS.Timeout | undefined;
  status: ProcessStatus = "stopped";
  restarts = 0;
  endpoints: Readonly<Record<string, string | number>> = {};

  constructor(options: ManagedProcessOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the process; resolves once it is ready. @throws {LocalError} when its first start fails. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#firstStart = { resolve, reject };
      this.#spawn();
    });
  }

  follow(clock: ClockState): void {
    this.#send({ type: "clock", clock });
  }

  /** Asks the process; waits over a restart, rejects when the process dies during the call. */
  async call(verb: string, argument?: unknown): Promise<unknown> {
    await this.#ready();
    const id = this.#nextCall++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#send({ type: "call", id, verb, argument });
    });
  }

  /** Ends the process in good order; one that does not answer is killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const stopped = new Error(`${this.name} is stopped`);
    this.#firstStart?.reject(stopped);
    this.#firstStart = undefined;
    for (const { reject } of this.#readyWaiters.splice(0)) reject(stopped);
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      await new Promise<void>((resolve) => {
        const force = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
        child.once("exit", () => {
          clearTimeout(force);
          resolve();
        });
        this.#send({ type: "stop" });
      });
    }
    if (this.status !== "failed") this.#setStatus("stopped");
  }

  #ready(): Promise<unknown> {
    if (this.status === "running") return Promise.resolve();
    if (this.#stopping) return Promise.reject(new Error(`${this.name} is stopped`));
    if (this.status === "failed") return Promise.reject(this.#givenUp());
    return new Promise((resolve, reject) => this.#readyWaiters.push({ resolve, reject }));
  }

  #send(message: ToChild): void {
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  #setStatus(status: ProcessStatus, detail?: string): void {
    this.status = status;
    this.#options.onStatus(status, detail);
  }

  #spawn(): void {
    this.#setStatus("starting");
    const child = fork(this.#options.module, [], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      execArgv: [],
    });
    this.#child = child;
    this.#stepBack(child.pid);
    child.stdout
      ?.setEncoding("utf8")
      .on("data", (text: string) => this.#options.onLog("info", text.trimEnd()));
    child.stderr
      ?.setEncoding("utf8")
      .on("data", (text: string) => this.#options.onLog("warn", text.trimEnd()));
    child.on("message", (message: FromChild) => this.#receive(message));
    child.on("error", (error) => this.#options.onLog("error", error.message));
    child.on("exit", (code, signal) => {
      const ended = () => this.#exited(signal ?? `code ${code}`);
      if (!child.connected) return ended();
      // What the process said last, why it failed for one, may still be on its way.
      const late = setTimeout(ended, lastMessagesTimeoutMs);
      child.once("disconnect", () => {
        clearTimeout(late);
        ended();
      });
    });
    child.send(
      { type: "start", config: this.#options.config(), clock: this.#options.clock() } satisfies ToChild,
      () => {},
    );
  }

  #stepBack(pid: number | undefined): void {
    const { niceness = 0, onLog } = this.#options;
    if (niceness === 0 || pid === undefined) return;
    try {
      setPriority(pid, Math.min(constants.priority.PRIORITY_LOW, getPriority() + niceness));
    } catch (error) {
      onLog("warn", `${this.name} keeps its priority: ${(error as Error).message}`);
    }
  }

  #receive(message: FromChild): void {
    switch (message.type) {
      case "ready": {
        this.endpoints = message.endpoints;
        this.#readySinceMs = Date.now();
        this.#setStatus("running");
        // The clock may have moved between the start message and now.
        this.follow(this.#options.clock());
        this.#firstStart?.resolve();
        this.#firstStart = undefined;
        for (const { resolve } of this.#readyWaiters.splice(0)) resolve(undefined);
        break;
      }
      case "stats":
        this.#options.onStats(message.stats);
        break;
      case "event":
        this.#options.onEvent(message.event);
        break;
      case "log":
        this.#options.onLog(message.level, message.text, message.fields);
        break;
      case "answer": {
        const pending = this.#pending.get(message.id);
        this.#pending.delete(message.id);
        if (message.error === undefined) pending?.resolve(message.value);
        else pending?.reject(new Error(message.error));
        break;
      }
      case "failed":
        this.#lastFailure = new LocalError(
          message.code in localErrors ? (message.code as LocalErrorCode) : "LOCAL_CHILD_FAILED",
          `${this.name}: ${message.message}`,
          message.hint === undefined ? {} : { hint: message.hint },
        );
        break;
    }
  }

  #exited(how: string): void {
    for (const pending of this.#pending.values())
      pending.reject(new ProcessEndedError(`${this.name} ended (${how}) during the call`));
    this.#pending.clear();
    if (this.#stopping) return;
    const failure = this.#lastFailure;
    if (this.status === "running" && Date.now() - this.#readySinceMs > recoveredAfterMs)
      this.#failuresInARow = 0;
    this.#failuresInARow += 1;
    if (this.#firstStart !== undefined) {
      this.#setStatus("failed", failure?.message ?? how);
      this.#firstStart.reject(
        failure ?? new LocalError("LOCAL_CHILD_FAILED", `${this.name} ended by ${how} before it was ready`),
      );
      this.#firstStart = undefined;
      return;
    }
    if (this.#failuresInARow > failuresBeforeGivingUp) {
      this.#setStatus("failed", failure?.message ?? how);
      const givenUp = this.#givenUp();
      for (const { reject } of this.#readyWaiters.splice(0)) reject(givenUp);
      return;
    }
    this.#lastFailure = undefined;
    this.#setStatus("down", failure?.message ?? how);
    this.restarts += 1;
    const { restartDelaysMs = defaultRestartDelaysMs } = this.#options;
    const delay = restartDelaysMs[Math.min(this.#failuresInARow, restartDelaysMs.length) - 1]!;
    this.#restart = setTimeout(() => this.#spawn(), delay);
  }

  #givenUp(): LocalError {
    return (
      this.#lastFailure ??
      new LocalError(
        "LOCAL_CHILD_FAILED",
        `${this.name} ended ${this.#failuresInARow} times in a row and is not started again`,
      )
    );
  }
}
