import type { ProcessState } from "../dashboard";
import type { ProcessEvent, ProcessStats } from "../process/child";
import type { ClockState } from "../process/clock";
import { ManagedProcess, ProcessEndedError, type ProcessStatus } from "./managed-process";
import type { Room, RoomName } from "./rooms";

export interface ProcessGroupOptions {
  readonly rooms: readonly Room[];
  readonly clock: () => ClockState;
  readonly onStatus: (name: RoomName, status: ProcessStatus, restarts: number, detail?: string) => void;
  readonly onStats: (name: RoomName, stats: ProcessStats) => void;
  readonly onEvent: (name: RoomName, event: ProcessEvent) => void;
  readonly onLog: (name: RoomName, level: string, text: string) => void;
}

/** The processes of the platform's rooms, by name. */
export class ProcessGroup {
  readonly #options: ProcessGroupOptions;
  readonly #processes = new Map<RoomName, ManagedProcess>();
  #stopping = false;

  constructor(options: ProcessGroupOptions) {
    this.#options = options;
  }

  /** Starts a room's process; resolves once it is ready. @throws {LocalError} when its first start fails */
  async start(name: RoomName): Promise<void> {
    const { rooms, clock, onStatus, onStats, onEvent, onLog } = this.#options;
    const room = rooms.find((each) => each.name === name);
    if (room === undefined) throw new Error(`there is no room "${name}"`);
    const managed = new ManagedProcess({
      name,
      module: room.module,
      config: () => room.config,
      clock,
      niceness: room.niceness,
      onStatus: (status, detail) => onStatus(name, status, managed.restarts, detail),
      onStats: (stats) => onStats(name, stats),
      onEvent: (event) => onEvent(name, event),
      onLog: (level, text, fields) => onLog(name, level, withReason(text, fields)),
    });
    this.#processes.set(name, managed);
    await managed.start();
  }

  /** Starts the room's process unless it was started before; one that fails may be tried again. */
  async ensure(name: RoomName): Promise<void> {
    if (this.#processes.has(name)) return;
    try {
      await this.start(name);
    } catch (error) {
      this.#processes.delete(name);
      throw error;
    }
  }

  get(name: RoomName): ManagedProcess | undefined {
    return this.#processes.get(name);
  }

  /** Asks a process until it answers: it may be killed during the call, and its successor knows. */
  async ask(name: RoomName, verb: string, argument?: unknown): Promise<unknown> {
    const managed = this.#processes.get(name);
    if (managed === undefined) throw new Error(`process "${name}" is not part of this run`);
    for (;;) {
      try {
        return await managed.call(verb, argument);
      } catch (error) {
        if (this.#stopping || !(error instanceof ProcessEndedError)) throw error;
      }
    }
  }

  follow(state: ClockState): void {
    for (const managed of this.#processes.values()) managed.follow(state);
  }

  get states(): ProcessState[] {
    return [...this.#processes.values()].map((managed) => ({
      name: managed.name,
      status: managed.status,
      restarts: managed.restarts,
      pid: managed.pid ?? null,
      endpoints: publicEndpoints(managed.endpoints),
    }));
  }

  /** Stops the processes of one step after the other; those of a step together. */
  async stop(steps: readonly (readonly RoomName[])[]): Promise<void> {
    this.#stopping = true;
    for (const step of steps) await Promise.all(step.map((name) => this.#processes.get(name)?.stop()));
  }
}

/** A log line with the error it is about, in its first words. */
function withReason(text: string, fields: unknown): string {
  const { error } = (fields ?? {}) as { readonly error?: unknown };
  return typeof error === "string" ? `${text}: ${error.split("\n", 1)[0]}` : text;
}

function publicEndpoints(
  endpoints: Readonly<Record<string, string | number>>,
): Record<string, string | number> {
  const { internalToken: _token, ...rest } = endpoints;
  return rest;
}
