import { join } from "node:path";
import type { Clock } from "../../process/clock";
import { readJsonFile, replaceFile } from "../durable-file";
import type { HostLog, Invoker } from "../invoker";
import { textProperty, triggerOf } from "../settings";
import { parseSchedule, type Schedule } from "./schedule";

interface TimerState {
  readonly last: string;
  readonly next: string;
}

export interface TimerOptions {
  readonly clock: Clock;
  readonly dataFolder: string;
  readonly signal: AbortSignal;
  readonly log: HostLog;
}

/**
 * Runs one function by the platform clock. The schedule's state is kept in the data folder: a run that was missed while the host
 * was down is made up for once, flagged past due.
 */
export class TimerTrigger {
  readonly #invoker: Invoker;
  readonly #options: TimerOptions;
  readonly #bindingName: string;
  readonly #runOnStartup: boolean;
  readonly #file: string;
  readonly #schedule: Schedule;

  constructor(invoker: Invoker, options: TimerOptions) {
    const { name, binding } = triggerOf(invoker.metadata);
    this.#invoker = invoker;
    this.#options = options;
    this.#bindingName = name;
    this.#runOnStartup = binding["runOnStartup"] === true;
    this.#schedule = parseSchedule(textProperty(binding, "schedule", invoker.metadata.name));
    this.#file = join(options.dataFolder, "timers", `${invoker.metadata.name}.json`);
  }

  /** Runs until the host stops. */
  async run(): Promise<void> {
    const { clock, signal, log } = this.#options;
    try {
      let state = readJsonFile(this.#file) as TimerState | undefined;
      if (this.#runOnStartup) state = await this.#fire(state, false);
      for (;;) {
        const nextMs = state === undefined ? this.#schedule.next(clock.now()) : Date.parse(state.next);
        const pastDue = state !== undefined && nextMs < clock.now();
        await clock.until(nextMs, signal);
        state = await this.#fire(state, pastDue);
      }
    } catch (error) {
      if (!signal.aborted) {
        log("error", `the timer of ${this.#invoker.metadata.name} stopped`, { error: String(error) });
      }
    }
  }

  async #fire(state: TimerState | undefined, pastDue: boolean): Promise<TimerState> {
    const { clock, signal, log } = this.#options;
    const now = clock.now();
    const status: TimerState = {
      last: new Date(now).toISOString(),
      next: new Date(this.#schedule.next(now)).toISOString(),
    };
    const timer = {
      Schedule: { AdjustForDST: true },
      ScheduleStatus: { Last: state?.last ?? null, Next: status.next, LastUpdated: state?.last ?? null },
      IsPastDue: pastDue,
    };
    try {
      await this.#invoker.withPolicy(
        {
          inputData: [{ name: this.#bindingName, data: { json: JSON.stringify(timer) } }],
          triggerMetadata: {},
        },
        signal,
      );
      this.#invoker.figures.events++;
    } catch {
      // The invoker has logged it; a timer that failed runs again at its next moment.
      signal.throwIfAborted();
    }
    try {
      replaceFile(this.#file, JSON.stringify(status));
    } catch (error) {
      // A host that starts again before the next run makes this one up once more.
      log("warn", `the state of the timer ${this.#invoker.metadata.name} is not written`, {
        error: String(error),
      });
    }
    return status;
  }
}
