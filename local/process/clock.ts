/**
 * The platform clock as every local server sees it. Values are milliseconds since 1970 in event time.
 * Wall time (authentication, leases, retries, timeouts) is not its business: use Date.now() there.
 */
export interface Clock {
  /** Never runs backwards. */
  now(): number;
  /** Resolves once now() >= atMs; rejects with the signal's reason when aborted. */
  until(atMs: number, signal?: AbortSignal): Promise<void>;
}

/** State of the clock as its owner publishes it; readers compute `now` from it. */
export interface ClockState {
  readonly wallAnchorMs: number;
  readonly eventAnchorMs: number;
  /** Event milliseconds per wall millisecond; 0 while paused. */
  readonly speed: number;
  /** The clock does not pass this moment; null when nothing holds it. */
  readonly limitMs: number | null;
}

interface Waiter {
  readonly atMs: number;
  readonly wake: () => void;
}

/**
 * A clock that follows published states. A late release or jump only makes it slower than its owner; a late hold lets it run on
 * meanwhile, but never past the limit, and it then waits for its owner. It never runs backwards.
 */
export class FollowingClock implements Clock {
  #state: ClockState;
  #last = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  readonly #waiters = new Set<Waiter>();
  readonly #wall: () => number;

  constructor(state: ClockState, wall: () => number = Date.now) {
    this.#state = state;
    this.#wall = wall;
  }

  now(): number {
    const { wallAnchorMs, eventAnchorMs, speed, limitMs } = this.#state;
    const free = eventAnchorMs + (this.#wall() - wallAnchorMs) * speed;
    const capped = limitMs === null ? free : Math.min(free, limitMs);
    this.#last = Math.max(this.#last, Math.floor(capped));
    return this.#last;
  }

  follow(state: ClockState): void {
    this.#state = state;
    this.#rearm();
  }

  until(atMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.now() >= atMs) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        atMs,
        wake: () => {
          this.#waiters.delete(waiter);
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      const abort = () => {
        this.#waiters.delete(waiter);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiters.add(waiter);
      this.#rearm();
    });
  }

  #rearm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.now();
    let next = Number.POSITIVE_INFINITY;
    for (const waiter of [...this.#waiters]) {
      if (waiter.atMs <= now) waiter.wake();
      else next = Math.min(next, waiter.atMs);
    }
    const { speed, limitMs } = this.#state;
    if (speed === 0 || !Number.isFinite(next) || (limitMs !== null && next > limitMs)) return;
    const delayMs = Math.min(Math.max(1, Math.ceil((next - now) / speed)), 2 ** 31 - 1);
    this.#timer = setTimeout(() => this.#rearm(), delayMs);
    this.#timer.unref();
  }
}

/** A clock that tests move by hand. */
export class ManualClock extends FollowingClock {
  #nowMs: number;

  constructor(nowMs: number) {
    super({ wallAnchorMs: 0, eventAnchorMs: nowMs, speed: 0, limitMs: null });
    this.#nowMs = nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    this.follow({ wallAnchorMs: 0, eventAnchorMs: this.#nowMs, speed: 0, limitMs: null });
  }
}

/** A clock that shows wall time. */
export function wallClock(): FollowingClock {
  const now = Date.now();
  return new FollowingClock({ wallAnchorMs: now, eventAnchorMs: now, speed: 1, limitMs: null });
}
