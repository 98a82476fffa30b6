import { type Clock, type ClockState, FollowingClock } from "../process/clock";

export interface ClockOwnerOptions {
  readonly startMs: number;
  /** Event milliseconds per wall millisecond. */
  readonly speed: number;
  /** The clock does not pass this moment until `release` moves it; null lets it run free. */
  readonly limitMs: number | null;
  /** Called with each new state, in order. */
  readonly publish: (state: ClockState) => void;
  /** @default Date.now */
  readonly wall?: () => number;
}

/**
 * The one owner of the platform clock. It runs at a fixed speed, never backwards, stops while anything holds it, and
 * does not pass its limit. A hold is named, so that the page can say what the clock waits for.
 */
export class ClockOwner {
  readonly #publish: (state: ClockState) => void;
  readonly #wall: () => number;
  readonly #speed: number;
  readonly #holds = new Set<string>();
  readonly #follower: FollowingClock;
  #state: ClockState;

  constructor(options: ClockOwnerOptions) {
    this.#publish = options.publish;
    this.#wall = options.wall ?? Date.now;
    this.#speed = options.speed;
    this.#state = {
      wallAnchorMs: this.#wall(),
      eventAnchorMs: options.startMs,
      speed: options.speed,
      limitMs: options.limitMs,
    };
    this.#follower = new FollowingClock(this.#state, this.#wall);
  }

  get clock(): Clock {
    return this.#follower;
  }

  get state(): ClockState {
    return this.#state;
  }

  get speed(): number {
    return this.#speed;
  }

  /** What holds the clock at this moment; empty while it runs. */
  get holds(): readonly string[] {
    return [...this.#holds];
  }

  hold(reason: string): void {
    this.#holds.add(reason);
    this.#anchor(this.#state.limitMs);
  }

  unhold(reason: string): void {
    if (this.#holds.delete(reason)) this.#anchor(this.#state.limitMs);
  }

  /** Lets the clock run up to `untilMs`; an earlier limit than the one in force changes nothing. */
  release(untilMs: number): void {
    const { limitMs } = this.#state;
    if (limitMs === null || untilMs <= limitMs) return;
    if (this.#follower.now() >= limitMs) this.#anchor(untilMs);
    // While it runs below its limit the anchor stays: a new one at each release would cost a part of a millisecond.
    else this.#set({ ...this.#state, limitMs: untilMs });
  }

  /** Takes the limit away. */
  releaseAll(): void {
    this.#anchor(null);
  }

  /** Moves the clock forward to `atMs` at once and lets it stand there when `limited`; an earlier moment changes nothing. */
  jump(atMs: number): void {
    const now = this.#follower.now();
    if (atMs <= now) return;
    this.#set({
      wallAnchorMs: this.#wall(),
      eventAnchorMs: atMs,
      speed: this.#state.speed,
      limitMs: this.#state.limitMs === null ? null : Math.max(this.#state.limitMs, atMs),
    });
  }

  #anchor(limitMs: number | null): void {
    this.#set({
      wallAnchorMs: this.#wall(),
      eventAnchorMs: this.#follower.now(),
      speed: this.#holds.size === 0 ? this.#speed : 0,
      limitMs,
    });
  }

  #set(state: ClockState): void {
    this.#state = state;
    this.#follower.follow(state);
    this.#publish(state);
  }
}
