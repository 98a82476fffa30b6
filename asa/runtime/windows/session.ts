import { floorDiv } from "../../values/ticks";
import { MinHeap } from "../state/heap";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { Aggregates, Group, GroupedRow } from "./group";
import type { TakeResult, WindowState } from "./window";

/** How sessions end. */
export interface SessionRules {
  readonly timeoutTicks: bigint;
  readonly maxDurationTicks: bigint;
  /** `trill`: the check of the maximum duration starts as the published cloud output shows; `documented`: as the page. */
  readonly mode: "trill" | "documented";
  /** A gap of exactly the timeout ends the session instead of extending it (OPEN-17). */
  readonly closeAtTimeout: boolean;
  readonly originTicks: bigint;
}

/** The check of the maximum duration: not yet known, due with the next row, or a moment. */
type Check = bigint | "unset" | "next";

interface Session {
  readonly key: string;
  last: bigint;
  check: Check;
  groups: Map<string, Group>;
  /** Its rows have left already; the state waits for the stream to pass the same point. */
  emitted: boolean;
  version: number;
}

interface Due {
  readonly time: bigint;
  readonly key: string;
  readonly version: number;
}

const noCheck = (check: Check): check is "unset" | "next" => typeof check === "string";

/**
 * Session windows. Sessions close by the rows of the stream themselves; what a watermark lets out earlier is only handed
 * over earlier, so that the result does not depend on how rows were batched.
 */
export class SessionWindow implements WindowState {
  private readonly rules: SessionRules;
  private readonly aggregates: Aggregates;
  private readonly sessionKey: (row: GroupedRow) => string;
  private readonly sessions = new Map<string, Session>();
  private readonly due = new MinHeap<Due>((a, b) =>
    a.time < b.time ? -1 : a.time > b.time ? 1 : a.key < b.key ? -1 : a.key > b.key ? 1 : 0,
  );
  private versions = 0;
  /** What a row exactly at its timeout may still extend, and the moment of that. */
  private undecided: Due[] = [];
  private undecidedAt: bigint | null = null;

  constructor(rules: SessionRules, aggregates: Aggregates, sessionKey: (row: GroupedRow) => string) {
    this.rules = rules;
    this.aggregates = aggregates;
    this.sessionKey = sessionKey;
  }

  private nextCheck(time: bigint): bigint {
    const { maxDurationTicks, originTicks } = this.rules;
    return (floorDiv(time - originTicks, maxDurationTicks) + 1n) * maxDurationTicks + originTicks;
  }

  /** First check at which a session that the rules look at for the first time at `time` can close. */
  private firstCheck(time: bigint): bigint {
    const { maxDurationTicks, originTicks } = this.rules;
    const onGrid = (time - originTicks) % maxDurationTicks === 0n;
    return onGrid ? time + maxDurationTicks : this.nextCheck(time) + maxDurationTicks;
  }

  private threshold({ last, check }: Session): bigint {
    const timeout = last + this.rules.timeoutTicks;
    return noCheck(check) || timeout < check ? timeout : check;
  }

  /** True when a row at `time` ends the session by its gap. */
  private timedOut(session: Session, time: bigint): boolean {
    const end = session.last + this.rules.timeoutTicks;
    return this.rules.closeAtTimeout ? time >= end : time > end;
  }

  private schedule(session: Session): void {
    session.version = ++this.versions;
    this.due.push({ time: this.threshold(session), key: session.key, version: session.version });
  }

  add(row: GroupedRow, take: TakeResult): void {
    const key = this.sessionKey(row);
    const known = this.sessions.get(key);
    if (known !== undefined && this.rules.mode === "trill") {
      // The row sets the check before it closes what is due: a session it closes itself leaves none to the next.
      if (noCheck(known.check)) {
        known.check = known.check === "unset" ? this.firstCheck(row.time) : this.nextCheck(row.time);
        this.schedule(known);
      }
    }
    this.closeDue(row.time, take);
    let session = this.sessions.get(key);
    if (session === undefined) {
      session = this.begin(key, row.time, known !== undefined);
      this.sessions.set(key, session);
    }
    session.last = row.time;
    let group = session.groups.get(row.key);
    if (group === undefined) {
      group = this.aggregates.group(row);
      session.groups.set(row.key, group);
    }
    this.aggregates.accumulate(group.states, row.inputs);
    this.schedule(session);
  }

  private begin(key: string, time: bigint, closedByThisRow: boolean): Session {
    let check: Check = this.firstCheck(time);
    if (this.rules.mode === "trill" && closedByThisRow) check = "unset";
    return { key, last: time, check, groups: new Map(), emitted: false, version: 0 };
  }

  /** Closes, in order, every session that a row at `time` ends. */
  private closeDue(time: bigint, take: TakeResult): void {
    if (this.undecidedAt !== null && this.undecidedAt < time) this.decide();
    for (let next = this.due.peek(); next !== undefined && next.time <= time; next = this.due.peek()) {
      const session = this.sessions.get(next.key);
      if (session === undefined || session.version !== next.version) {
        this.due.pop();
        continue;
      }
      const timedOut = this.timedOut(session, time);
      const checked = !noCheck(session.check) && time >= session.check;
      this.due.pop();
      if (!timedOut && !checked) {
        // Exactly at the timeout the session may still be extended.
        this.undecided.push(next);
        this.undecidedAt = time;
        continue;
      }
      this.emit(session, this.threshold(session), take);
      if (timedOut || this.rules.mode === "documented") this.sessions.delete(session.key);
      else {
        session.check = "next";
        session.groups = new Map();
        session.emitted = false;
        // An empty session still ends by its gap, so that its key is forgotten.
        this.schedule(session);
      }
    }
  }

  /** Puts what was undecided back among what is due: its moment has passed, or is looked at again. */
  private decide(): void {
    for (const item of this.undecided) this.due.push(item);
    this.undecided = [];
    this.undecidedAt = null;
  }

  private emit(session: Session, time: bigint, take: TakeResult): void {
    if (session.emitted) return;
    session.emitted = true;
    for (const group of session.groups.values()) take(this.aggregates.result(group, time));
  }

  progress(time: bigint, take: TakeResult): void {
    this.decide();
    const passed: Due[] = [];
    for (let next = this.due.peek(); next !== undefined && next.time < time; next = this.due.peek()) {
      this.due.pop();
      const session = this.sessions.get(next.key);
      if (session === undefined || session.version !== next.version) continue;
      this.emit(session, this.threshold(session), take);
      passed.push(next);
    }
    for (const item of passed) this.due.push(item);
  }

  save(writer: StateWriter): void {
    writer.list(this.sessions.values(), this.sessions.size, (session) => {
      writer.text(session.key);
      writer.integer(session.last);
      writer.value(session.check);
      writer.flag(session.emitted);
      this.aggregates.saveGroups(writer, session.groups);
    });
  }

  load(reader: StateReader): void {
    this.sessions.clear();
    this.due.replace([]);
    this.undecided = [];
    this.undecidedAt = null;
    const count = reader.count();
    for (let i = 0; i < count; i++) {
      const session: Session = {
        key: reader.text(),
        last: reader.integer(),
        check: reader.value() as Check,
        emitted: reader.flag(),
        groups: this.aggregates.loadGroups(reader),
        version: 0,
      };
      this.sessions.set(session.key, session);
      this.schedule(session);
    }
  }
}
