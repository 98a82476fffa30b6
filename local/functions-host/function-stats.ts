import type { ProcessStats } from "../process/child";

const maxSamples = 2_048;

/** A uniform sample of a stream of values; the whole stream while it is short. */
export class Reservoir {
  #samples: number[] = [];
  #seen = 0;

  add(value: number): void {
    this.#seen++;
    if (this.#samples.length < maxSamples) {
      this.#samples.push(value);
      return;
    }
    const place = Math.floor(Math.random() * this.#seen);
    if (place < maxSamples) this.#samples[place] = value;
  }

  /** Returns the sample and begins a new one. */
  take(): readonly number[] {
    const samples = this.#samples;
    this.#samples = [];
    this.#seen = 0;
    return samples;
  }
}

/** Figures of one function. */
export class FunctionFigures {
  invocations = 0;
  events = 0;
  errors = 0;
  retries = 0;
  deadLetters = 0;
  readonly durationsMs = new Reservoir();
  /** From the append to the hub's log to the end of the invocation. */
  readonly latenciesMs = new Reservoir();
}

/** Figures of all functions, in the form that the supervisor reads. */
export class HostFigures {
  readonly #byFunction = new Map<string, FunctionFigures>();

  of(name: string): FunctionFigures {
    const known = this.#byFunction.get(name);
    if (known !== undefined) return known;
    const figures = new FunctionFigures();
    this.#byFunction.set(name, figures);
    return figures;
  }

  /** Counters by `<function>.<figure>`; samples since the last call by `<function>.duration` and `<function>.latency`. */
  take(): ProcessStats {
    const counters: Record<string, number> = {};
    const latenciesMs: Record<string, readonly number[]> = {};
    for (const [name, figures] of this.#byFunction) {
      counters[`${name}.invocations`] = figures.invocations;
      counters[`${name}.events`] = figures.events;
      counters[`${name}.errors`] = figures.errors;
      counters[`${name}.retries`] = figures.retries;
      counters[`${name}.deadLetters`] = figures.deadLetters;
      latenciesMs[`${name}.duration`] = figures.durationsMs.take();
      const latencies = figures.latenciesMs.take();
      if (latencies.length > 0) latenciesMs[`${name}.latency`] = latencies;
    }
    return { counters, latenciesMs };
  }
}
