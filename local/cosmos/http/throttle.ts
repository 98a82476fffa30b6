import { errors } from "../cosmos-error";
import type { CosmosRequest } from "./exchange";

/** Refuses requests to a container that has used up its request units of the second. */
export class Throttle {
  readonly #limit: number | undefined;
  readonly #nowMs: () => number;
  readonly #spent = new Map<string, { second: number; units: number }>();

  constructor(limit: number | undefined, nowMs: () => number) {
    this.#limit = limit;
    this.#nowMs = nowMs;
  }

  /** @throws CosmosError 429 with the time until the next second */
  check(request: CosmosRequest): void {
    const key = containerKey(request);
    if (this.#limit === undefined || key === undefined) return;
    const now = this.#nowMs();
    const spent = this.#spent.get(key);
    if (spent?.second === Math.floor(now / 1000) && spent.units >= this.#limit) {
      throw errors.tooManyRequests(1000 - (now % 1000));
    }
  }

  spend(request: CosmosRequest, units: number): void {
    const key = containerKey(request);
    if (this.#limit === undefined || key === undefined) return;
    const second = Math.floor(this.#nowMs() / 1000);
    const spent = this.#spent.get(key);
    if (spent?.second === second) spent.units += units;
    else this.#spent.set(key, { second, units });
  }
}

function containerKey({ steps }: CosmosRequest): string | undefined {
  return steps[4] === "docs" ? `${steps[1]}/${steps[3]}` : undefined;
}
