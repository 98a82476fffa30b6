import type { IsFirstCall } from "../../../plan/logical-plan";
import { unixEpochTicks } from "../../../values/ticks";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { absoluteTicks, baseTicks } from "../ticks";

const none = Number.NEGATIVE_INFINITY;

/** End of the last interval of ISFIRST in which each group had a row. */
export class FirstState {
  private readonly size: number;
  private readonly origin: number;
  private ends: Float64Array = new Float64Array(64).fill(none);

  constructor(call: IsFirstCall, fromUnixEpoch: boolean) {
    this.size = Number(call.intervalTicks);
    this.origin = Number(((fromUnixEpoch ? unixEpochTicks : 0n) - baseTicks) % call.intervalTicks);
  }

  /** 1 when the row is the first of its group in the interval (start, end] that holds its time, else 0. */
  first(group: number, time: number): number {
    if (group >= this.ends.length) this.grow(group);
    const { origin, size } = this;
    let quotient = Math.floor((origin - time) / size);
    const rest = origin - time - quotient * size;
    if (rest < 0) quotient--;
    else if (rest >= size) quotient++;
    const end = origin - quotient * size;
    if (this.ends[group] === end) return 0;
    this.ends[group] = end;
    return 1;
  }

  private grow(group: number): void {
    let size = this.ends.length;
    while (size <= group) size *= 2;
    const ends = new Float64Array(size).fill(none);
    ends.set(this.ends);
    this.ends = ends;
  }

  live(group: number, now: number): boolean {
    return (this.ends[group] ?? none) >= now;
  }

  keepGroups(groups: Int32Array): void {
    const { ends } = this;
    this.ends = new Float64Array(64).fill(none);
    if (groups.length > 0) this.grow(groups.length);
    for (let i = 0; i < groups.length; i++) this.ends[i] = ends[groups[i]!] ?? none;
  }

  saveRows(writer: StateWriter, group: number): void {
    const end = this.ends[group] ?? none;
    writer.integer(end === none ? -1n : absoluteTicks(end));
  }

  save(writer: StateWriter, groups: number): void {
    this.grow(groups);
    writer.array(this.ends.slice(0, groups));
  }

  load(reader: StateReader, groups: number): void {
    this.grow(groups);
    this.ends.set(reader.array(Float64Array));
  }
}
