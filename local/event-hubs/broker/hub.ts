import { readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../process/clock";
import { LocalError } from "../../process/errors";
import { EventHubsError } from "../errors";
import type { MessageParts } from "../message";
import { type Appended, PartitionLog, recoverLog, type SegmentCache, type Writer } from "../store";
import { HubFigures } from "./figures";
import { PromiseFloor } from "./floor";
import { partitionOfKey } from "./partition-key";
import { ReaderTable } from "./readers";

/** A hub as the topology describes it. */
export interface HubOptions {
  readonly name: string;
  readonly partitions: number;
  /** Platform clock. */
  readonly retentionHours: number;
  /** Bytes that the hub's log may take on disk, over all partitions. @default 4 GiB */
  readonly retentionBytes?: number;
  /** `$Default` is always there. */
  readonly consumerGroups: readonly string[];
  /** Readers by name that must have said that they are done with an event before retention removes it. @default none */
  readonly retentionHolders?: readonly string[];
}

export interface HubDependencies {
  readonly folder: string;
  readonly clock: Clock;
  readonly cache: SegmentCache;
  readonly segmentBytes: number;
}

const defaultRetentionBytes = 4 * 1024 ** 3;
const hourMs = 3_600_000;

/** One event hub: its partitions' logs, the enqueued times, who reads it, and what it may forget. */
export class Hub {
  readonly options: HubOptions;
  readonly createdMs: number;
  readonly partitions: readonly PartitionLog[];
  readonly readers: ReaderTable;
  readonly figures: HubFigures;
  readonly #clock: Clock;
  readonly #floor: PromiseFloor;
  readonly #holds = new Map<string, number[]>();
  #lastEnqueuedMs: number;
  #nextRoundRobin = 0;

  private constructor(
    options: HubOptions,
    dependencies: HubDependencies,
    partitions: readonly PartitionLog[],
  ) {
    this.options = options;
    this.partitions = partitions;
    this.#clock = dependencies.clock;
    this.#floor = new PromiseFloor(join(dependencies.folder, "floor"));
    this.#lastEnqueuedMs = Math.max(this.#floor.ms, ...partitions.map((log) => log.lastEnqueuedMs));
    this.createdMs = dependencies.clock.now();
    this.readers = new ReaderTable(options.consumerGroups);
    this.figures = new HubFigures(options.name, this.readers.groupNames, partitions);
    for (const holder of options.retentionHolders ?? []) {
      this.#holds.set(
        holder,
        partitions.map(() => 0),
      );
    }
  }

  /**
   * Opens the hub's folder and recovers its logs.
   * @throws {LocalError} LOCAL_CHILD_FAILED when the folder holds more partitions than the topology says.
   */
  static async open(
    options: HubOptions,
    dependencies: HubDependencies,
  ): Promise<{ hub: Hub; cutBytes: number }> {
    await mkdir(dependencies.folder, { recursive: true });
    const stored = readdirSync(dependencies.folder).filter((name) => /^\d+$/.test(name)).length;
    if (stored > options.partitions) {
      throw new LocalError(
        "LOCAL_CHILD_FAILED",
        `hub "${options.name}" has ${options.partitions} partitions in the topology but ${stored} on disk`,
        { hint: "Partitions of a hub cannot be taken away: reset the data folder or name the hub anew." },
      );
    }
    let cutBytes = 0;
    const partitions: PartitionLog[] = [];
    for (let id = 0; id < options.partitions; id++) {
      const folder = join(dependencies.folder, String(id));
      const recovered = await recoverLog(folder, dependencies.segmentBytes);
      cutBytes += recovered.cutBytes;
      partitions.push(new PartitionLog({ ...dependencies, ...recovered, folder }));
    }
    return { hub: new Hub(options, dependencies, partitions), cutBytes };
  }

  get lastEnqueuedMs(): number {
    return this.#lastEnqueuedMs;
  }

  /**
   * The partition's log.
   * @throws {EventHubsError} com.microsoft:argument-out-of-range when there is none of that number.
   */
  partition(id: number): PartitionLog {
    const log = this.partitions[id];
    if (log === undefined) {
      throw new EventHubsError(
        "com.microsoft:argument-out-of-range",
        `The specified partition is invalid for an EventHub partition sender or receiver. It should be between 0 and ${this.partitions.length - 1}. Parameter name: PartitionId`,
      );
    }
    return log;
  }

  /** Partition for a message: of its key, or the next in turn. */
  choose(partitionKey: string | undefined): number {
    if (partitionKey !== undefined) return partitionOfKey(partitionKey, this.partitions.length);
    const id = this.#nextRoundRobin;
    this.#nextRoundRobin = (id + 1) % this.partitions.length;
    return id;
  }

  /** Partition for a request without key that may be repeated: the same for the same request. */
  chooseFor(clientId: bigint, sequence: number): number {
    return Number((BigInt.asUintN(32, clientId) + BigInt(sequence)) % BigInt(this.partitions.length));
  }

  /** Appends one group to a partition; resolves when it is on disk. */
  async append(partition: number, messages: readonly MessageParts[], writer?: Writer): Promise<Appended> {
    const log = this.partition(partition);
    this.#lastEnqueuedMs = Math.max(this.#lastEnqueuedMs, this.#clock.now());
    const started = performance.now();
    try {
      const appended = await log.append(messages, this.#lastEnqueuedMs, writer);
      this.figures.appended(messages, performance.now() - started);
      return appended;
    } catch (error) {
      this.figures.refused(messages.length);
      throw error;
    }
  }

  /**
   * Looks at the clock for a reader of the partition: no event that becomes visible later has an earlier enqueued time.
   */
  promise(partition: PartitionLog): number {
    // What is staged but not on disk becomes visible later with the time that it has already.
    const pendingMs = partition.pendingEnqueuedMs;
    if (pendingMs !== undefined) return pendingMs;
    this.#lastEnqueuedMs = Math.max(this.#lastEnqueuedMs, this.#clock.now());
    this.#floor.raise(this.#lastEnqueuedMs);
    return this.#lastEnqueuedMs;
  }

  /** Says that the holder needs no event of the partition before `sequence` any more; never goes back. */
  release(holder: string, partition: number, sequence: number): void {
    this.partition(partition);
    const released = this.#holds.get(holder) ?? this.partitions.map(() => 0);
    released[partition] = Math.max(released[partition] ?? 0, sequence);
    this.#holds.set(holder, released);
  }

  /** Removes segments that are too old, or too many, and that nobody holds. */
  async retain(): Promise<void> {
    const oldestMs = this.#clock.now() - this.options.retentionHours * hourMs;
    const bytesEach = (this.options.retentionBytes ?? defaultRetentionBytes) / this.partitions.length;
    for (const [id, log] of this.partitions.entries()) {
      const heldFrom = Math.min(...[...this.#holds.values()].map((released) => released[id] ?? 0), Infinity);
      await log.dropWhile(
        (segment) =>
          segment.endSequence <= heldFrom &&
          (segment.lastEnqueuedMs < oldestMs || log.bytesOnDisk > bytesEach),
      );
    }
  }

  async close(): Promise<void> {
    for (const log of this.partitions) await log.close();
    this.#floor.close();
  }
}
