import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PageState } from "../../local/dashboard";
import { residentBytes } from "../../local/supervisor/memory";

export const command = join(__dirname, "../../local/cli.js");

/** A platform that runs live in processes of its own over a fresh data folder, without the batch layer. */
export class LivePlatform {
  readonly #child: ChildProcess;
  readonly #dataDir: string;
  readonly #exited: Promise<void>;
  readonly #sampling: NodeJS.Timeout;
  #sampled: Promise<void> = Promise.resolve();
  readonly origin: string;
  /** Largest resident memory of all processes together, in MB. */
  peakMemoryMb = 0;

  private constructor(child: ChildProcess, dataDir: string, origin: string) {
    this.#child = child;
    this.#dataDir = dataDir;
    this.origin = origin;
    this.#exited = new Promise((resolve) => child.once("exit", () => resolve()));
    this.#sampling = setInterval(() => {
      this.#sampled = this.#sampleMemory().catch(() => {});
    }, 1000);
  }

  /** Starts `up` with the options and resolves when its page answers. */
  static async start(options: readonly string[]): Promise<LivePlatform> {
    const dataDir = mkdtempSync(join(tmpdir(), "platform-bench-"));
    const args = [command, "up", ...options, "--no-batch", "--port-base", "0", "--data", dataDir];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    endWithThisProcess(child);
    let text = "";
    const origin = await new Promise<string>((resolve, reject) => {
      child.stderr?.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        const page = /^page: (\S+)/m.exec(text);
        if (page !== null) resolve(page[1] as string);
      });
      child.once("exit", (code) => reject(new Error(`the platform ended with ${code}:\n${text}`)));
    });
    return new LivePlatform(child, dataDir, origin);
  }

  async state(): Promise<PageState> {
    return (await (await fetch(`${this.origin}/api/state`)).json()) as PageState;
  }

  /** Asks for the state every 50 ms until it is as wanted; rejects after a minute and a half. */
  async until(wanted: (state: PageState) => boolean): Promise<PageState> {
    const endMs = performance.now() + 90_000;
    while (performance.now() < endMs) {
      const state = await this.state();
      if (wanted(state)) return state;
      await pause(50);
    }
    throw new Error("the platform did not come to the wanted state within 90 s");
  }

  /** A connection string or address of a process. */
  async endpoint(process: string, name: string): Promise<string> {
    const { processes } = await this.state();
    const value = processes.find((found) => found.name === process)?.endpoints[name];
    if (value === undefined) throw new Error(`process "${process}" has no endpoint "${name}"`);
    return String(value);
  }

  /** Processor seconds that each process has used so far, user and system, by name. */
  async processorSeconds(): Promise<ReadonlyMap<string, number>> {
    const { processes } = await this.state();
    const pids = new Map([
      ["supervisor", this.#child.pid],
      ...processes.map(({ name, pid }) => [name, pid]),
    ] as [string, number | null | undefined][]);
    return new Map([...pids].map(([name, pid]) => [name, pid == null ? 0 : processorSecondsOf(pid)]));
  }

  async stop(): Promise<void> {
    clearInterval(this.#sampling);
    await this.#sampled;
    this.#child.kill("SIGINT");
    await this.#exited;
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  async #sampleMemory(): Promise<void> {
    const { processes } = await this.state();
    const pids = [this.#child.pid ?? 0, ...processes.map(({ pid }) => pid ?? 0)];
    const bytes = pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
    this.peakMemoryMb = Math.max(this.peakMemoryMb, Math.round(bytes / 2 ** 20));
  }
}

/** Ticks of the kernel's process times; fixed on Linux. */
const ticksPerSecond = 100;

function processorSecondsOf(pid: number): number {
  // Behind the name, which may hold blanks, fields 12 and 13 are user and system time (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Interrupts a platform when this process ends before it. */
export function endWithThisProcess(child: ChildProcess): void {
  const end = () => child.kill("SIGINT");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
