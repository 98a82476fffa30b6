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
    if (holder?.dashboardPort === undefined) {
      throw new LocalError("LOCAL_NOT_RUNNING", `no platform with a page runs over ${dataDir}`, {
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
    const response = await fetch(`${this.origin}${path}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    const answer = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
    if (!response.ok) {
      throw new LocalError(
        response.status < 500 ? "LOCAL_USAGE" : "LOCAL_CHILD_FAILED",
        answer.title ?? `${method} ${path} answered ${response.status}`,
        {
          ...(answer.detail !== undefined && { detail: answer.detail }),
        },
      );
    }
    return answer;
  }

  /** Returns a connection string of a server by the process's name. */
  async connectionString(process: string): Promise<string> {
    const { processes } = await this.state();
    return String(processes.find(({ name }) => name === process)?.endpoints["connectionString"] ?? "");
  }
}
