import { join } from "node:path";
import { parseArgs } from "node:util";
import type { PageState } from "../dashboard";
import { LocalError } from "../process/errors";
import { DataFolder } from "../supervisor/data-folder";
import { findRepository } from "../supervisor/settings";

export const defaultDataDir = join(findRepository(), ".data/local");

/** Reads a verb's options. @throws {LocalError} LOCAL_USAGE */
export function readArguments<T extends Readonly<Record<string, { readonly type: "string" | "boolean" }>>>(
  args: readonly string[],
  options: T,
  allowPositionals = false,
): {
  readonly values: { readonly [K in keyof T]?: T[K]["type"] extends "string" ? string : boolean };
  readonly positionals: readonly string[];
} {
  try {
    return parseArgs({ args: [...args], options, allowPositionals }) as never;
  } catch (error) {
    throw new LocalError("LOCAL_USAGE", (error as Error).message, {
      hint: "add --help for the verb's options",
    });
  }
}

/** The platform that runs over a data folder, reached through its page's port. */
export class RunningPlatform {
  readonly origin: string;

  private constructor(port: number) {
    this.origin = `http://127.0.0.1:${port}`;
  }

  /** @throws {LocalError} LOCAL_NOT_RUNNING */
  static find(dataDir: string): RunningPlatform {
    const holder = new DataFolder(dataDir).holder();
    if (holder !== undefined && holder.dashboardPort === undefined) {
      throw new LocalError(
        "LOCAL_NOT_RUNNING",
        `the platform of process ${holder.pid} over ${dataDir} is still starting, or runs without a page`,
        { hint: "this verb asks it through the page's port: wait, or start it without --no-dashboard" },
      );
    }
    if (holder?.dashboardPort === undefined) {
      throw new LocalError("LOCAL_NOT_RUNNING", `no platform runs over ${dataDir}`, {
        hint: "start one with `npm start`, or name its folder with --data",
      });
    }
    return new RunningPlatform(holder.dashboardPort);
  }

  async state(): Promise<PageState> {
    return (await this.call("GET", "/api/state")) as PageState;
  }

  /** Calls the platform's HTTP API. @throws {LocalError} with the problem's title and detail */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, answer } = await this.ask(method, path, body);
    return status >= 400 ? this.fail(status, answer, `${method} ${path}`) : answer;
  }

  /** Calls the platform's HTTP API and returns what it says, problems too. @throws {LocalError} LOCAL_NOT_RUNNING */
  async ask(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly answer: unknown }> {
    let response: Response;
    try {
      response = await fetch(`${this.origin}${path}`, {
        method,
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { "content-type": "application/json" },
        }),
      });
    } catch (cause) {
      throw new LocalError("LOCAL_NOT_RUNNING", `the platform at ${this.origin} does not answer`, {
        hint: "it may be stopping; `npm start` starts it",
        cause,
      });
    }
    return { status: response.status, answer: await response.json().catch(() => ({})) };
  }

  /** @throws {LocalError} what a problem answer says */
  fail(status: number, answer: unknown, what: string): never {
    const { title, detail } = answer as { readonly title?: string; readonly detail?: string };
    throw new LocalError(
      status < 500 ? "LOCAL_USAGE" : "LOCAL_CHILD_FAILED",
      title ?? `${what} answered ${status}`,
      detail === undefined ? {} : { detail },
    );
  }

  /** Returns a connection string of a server by the process's name. */
  async connectionString(process: string): Promise<string> {
    const { processes } = await this.state();
    return String(processes.find(({ name }) => name === process)?.endpoints["connectionString"] ?? "");
  }
}
