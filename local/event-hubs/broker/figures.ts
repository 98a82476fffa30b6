import type { MessageParts } from "../message";
import type { PartitionLog } from "../store";

const maxSamples = 512;

/** Figures of one hub: counters only grow, and backlog is the log's end less what a group was sent. */
export class HubFigures {
  readonly #name: string;
  readonly #partitions: readonly PartitionLog[];
  readonly #groups = new Map<string, { events: number; readonly next: number[] }>();
  #eventsIn = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #refused = 0;
  #appendMs: number[] = [];

  constructor(name: string, groups: readonly string[], partitions: readonly PartitionLog[]) {
    this.#name = name;
    this.#partitions = partitions;
    for (const group of groups) this.#groups.set(group.toLowerCase(), { events: 0, next: [] });
  }

  appended(messages: readonly MessageParts[], ms: number): void {
    this.#eventsIn += messages.length;
    for (const message of messages) this.#bytesIn += message.rest.length;
    if (this.#appendMs.length < maxSamples) this.#appendMs.push(ms);
  }

  refused(events: number): void {
    this.#refused += events;
  }

  /** Counts what a group was sent; `next` is the sequence behind it. A group that was never sent anything has no backlog. */
  delivered(group: string, partition: number, count: number, bytes: number, next: number): void {
    this.#bytesOut += bytes;
    const figures = this.#groups.get(group.toLowerCase());
    if (figures === undefined) return;
    figures.events += count;
    figures.next[partition] = next;
  }

  counters(): Record<string, number> {
    const counters: Record<string, number> = {
      [`in.events.${this.#name}`]: this.#eventsIn,
      [`in.bytes.${this.#name}`]: this.#bytesIn,
      [`in.refused.${this.#name}`]: this.#refused,
      [`out.bytes.${this.#name}`]: this.#bytesOut,
    };
    for (const [group, figures] of this.#groups)
      counters[`out.events.${this.#name}.${group}`] = figures.events;
    return counters;
  }

  gauges(): Record<string, number> {
    const gauges: Record<string, number> = {
      [`log.bytes.${this.#name}`]: this.#partitions.reduce((sum, log) => sum + log.bytesOnDisk, 0),
      [`log.events.${this.#name}`]: this.#partitions.reduce(
        (sum, log) => sum + log.endSequence - log.beginSequence,
        0,
      ),
    };
    for (const [group, { next }] of this.#groups) {
      let backlog = 0;
      for (const [id, log] of this.#partitions.entries()) {
        const behind = next[id];
        if (behind !== undefined) backlog += log.endSequence - behind;
      }
      gauges[`backlog.${this.#name}.${group}`] = backlog;
    }
    return gauges;
  }

  /** Append latencies since the last call, in wall milliseconds. */
  takeLatencies(): readonly number[] {
    const taken = this.#appendMs;
    this.#appendMs = [];
    return taken;
  }
}
