import { type Clock, type ClockState, FollowingClock } from "./clock";
import { LocalError } from "./errors";

/** A figure that a process reports for the page and the run's report; counters only ever grow. */
export interface ProcessStats {
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges?: Readonly<Record<string, number>>;
  /** Latency samples since the last report, in wall milliseconds, by path. */
  readonly latenciesMs?: Readonly<Record<string, readonly number[]>>;
}

/** Something worth showing to the user: an alert, a late event, a refused connection. */
export interface ProcessEvent {
  readonly kind: string;
  readonly data: unknown;
}

/** What a process of the platform gets from its supervisor. */
export interface ChildContext<Config> {
  readonly config: Config;
  readonly clock: Clock;
  emit(event: ProcessEvent): void;
  log(level: "error" | "warn" | "info", text: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What a process of the platform offers once it is ready. */
export interface ChildServer {
  /** Ports and addresses that others need, by name; kept over restarts. */
  readonly endpoints: Readonly<Record<string, string | number>>;
  stats?(): ProcessStats;
  /** Answers a request of the supervisor; rejects for an unknown verb. */
  call?(verb: string, argument: unknown): Promise<unknown>;
  /** Stops taking work, writes what is held in memory, closes. */
  close(): Promise<void>;
}

/** Messages from the supervisor to a process. */
export type ToChild =
  | { readonly type: "start"; readonly config: unknown; readonly clock: ClockState }
  | { readonly type: "clock"; readonly clock: ClockState }
  | { readonly type: "call"; readonly id: number; readonly verb: string; readonly argument: unknown }
  | { readonly type: "stop" };

/** Messages from a process to the supervisor. */
export type FromChild =
  | { readonly type: "ready"; readonly endpoints: ChildServer["endpoints"] }
  | { readonly type: "stats"; readonly stats: ProcessStats }
  | { readonly type: "event"; readonly event: ProcessEvent }
  | { readonly type: "log"; readonly level: string; readonly text: string; readonly fields?: unknown }
  | { readonly type: "answer"; readonly id: number; readonly value?: unknown; readonly error?: string }
  | { readonly type: "failed"; readonly code: string; readonly message: string; readonly hint?: string };

const statsIntervalMs = 250;
const closeTimeoutMs = 10_000;

/**
 * Runs one process of the platform: waits for `start`, builds the server, follows the clock, reports figures, and ends
 * with the supervisor. Each room's main.ts is one call of this.
 */
export function runChild<Config>(start: (context: ChildContext<Config>) => Promise<ChildServer>): void {
  let server: ChildServer | undefined;
  let clock: FollowingClock | undefined;
  let closing = false;
  const send = (message: FromChild) => {
    if (process.connected) process.send?.(message);
  };

  const stop = async (exitCode: number) => {
    if (closing) return;
    closing = true;
    // A server that waits for a peer that is gone must not outlive its supervisor.
    setTimeout(() => process.exit(1), closeTimeoutMs).unref();
    try {
      await server?.close();
    } finally {
      process.exit(exitCode);
    }
  };

  const begin = async (config: Config, state: ClockState) => {
    clock = new FollowingClock(state);
    try {
      server = await start({
        config,
        clock,
        emit: (event) => send({ type: "event", event }),
        log: (level, text, fields) => send({ type: "log", level, text, ...(fields && { fields }) }),
      });
      send({ type: "ready", endpoints: server.endpoints });
      if (server.stats !== undefined) {
        setInterval(() => {
          const stats = server?.stats?.();
          if (stats !== undefined) send({ type: "stats", stats });
        }, statsIntervalMs).unref();
      }
    } catch (error) {
      const known = error instanceof LocalError ? error : undefined;
      send({
        type: "failed",
        code: known?.code ?? "LOCAL_CHILD_FAILED",
        message: error instanceof Error ? (known?.message ?? error.stack ?? error.message) : String(error),
        ...(known?.hint !== undefined && { hint: known.hint }),
      });
      setImmediate(() => process.exit(1));
    }
  };

  const answer = async (id: number, verb: string, argument: unknown) => {
    try {
      if (server?.call === undefined) throw new Error(`no verb "${verb}"`);
      send({ type: "answer", id, value: await server.call(verb, argument) });
    } catch (error) {
      send({ type: "answer", id, error: error instanceof Error ? error.message : String(error) });
    }
  };

  process.on("message", (message: ToChild) => {
    switch (message.type) {
      case "start":
        void begin(message.config as Config, message.clock);
        break;
      case "clock":
        clock?.follow(message.clock);
        break;
      case "call":
        void answer(message.id, message.verb, message.argument);
        break;
      case "stop":
        void stop(0);
        break;
    }
  });
  process.on("disconnect", () => void stop(0));
  // These come to the whole group; the supervisor decides the order in which processes stop.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
}
