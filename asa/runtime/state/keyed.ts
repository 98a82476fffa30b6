import type { StateReader } from "./reader";
import type { StateWriter } from "./writer";

/**
 * State per key that forgets keys whose state has expired, so that unbounded keys need bounded memory.
 *
 * Every `spanTicks` of stream time all keys are looked at once; `expired` says whether a state can still matter.
 */
export class KeyedState<T> {
  private readonly states = new Map<string, T>();
  private sweptAt: bigint | null = null;
  private readonly spanTicks: bigint;
  private readonly expired: (state: T, now: bigint) => boolean;

  constructor(spanTicks: bigint, expired: (state: T, now: bigint) => boolean) {
    this.spanTicks = spanTicks;
    this.expired = expired;
  }

  get size(): number {
    return this.states.size;
  }

  get(key: string, create: () => T): T {
    let state = this.states.get(key);
    if (state === undefined) {
      state = create();
      this.states.set(key, state);
    }
    return state;
  }

  /** Tells the time; must not run backwards. */
  passed(now: bigint): void {
    if (this.sweptAt === null) this.sweptAt = now;
    if (now - this.sweptAt < this.spanTicks) return;
    this.sweptAt = now;
    for (const [key, state] of this.states) if (this.expired(state, now)) this.states.delete(key);
  }

  save(writer: StateWriter, write: (state: T) => void): void {
    writer.optionalInteger(this.sweptAt);
    writer.list(this.states, this.states.size, ([key, state]) => {
      writer.text(key);
      write(state);
    });
  }

  load(reader: StateReader, read: () => T): void {
    this.sweptAt = reader.optionalInteger();
    this.states.clear();
    const count = reader.count();
    for (let i = 0; i < count; i++) this.states.set(reader.text(), read());
  }
}
