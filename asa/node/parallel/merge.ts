import type { Run } from "./transfer";

/** What a merger holds back. */
export interface HeldRows {
  /** By output: the runs of each lane. */
  readonly outputs: readonly (readonly [string, readonly (readonly Run[])[]])[];
  readonly reached: readonly (bigint | null)[];
}

/**
 * Brings the rows of all lanes into one order for each output: by time, then by lane, then as the lane gave them. A row
 * leaves once no lane can give an earlier one; nothing depends on which thread was faster.
 */
export class LaneMerger {
  /** In the order of the names, so that it does not hang on which output had rows first. */
  private outputs: [string, Run[][]][] = [];
  private readonly lanes: number;
  private readonly reached: (bigint | null)[];

  constructor(lanes: number) {
    this.lanes = lanes;
    this.reached = new Array<bigint | null>(lanes).fill(null);
  }

  add(lane: number, runs: readonly Run[], watermark: bigint | null): void {
    for (const run of runs) this.queuesOf(run.output)[lane]!.push(run);
    if (watermark !== null) this.reached[lane] = watermark;
  }

  private queuesOf(output: string): Run[][] {
    const known = this.outputs.find(([name]) => name === output);
    if (known !== undefined) return known[1];
    const queues: Run[][] = Array.from({ length: this.lanes }, () => []);
    this.outputs.push([output, queues]);
    this.outputs.sort(([a], [b]) => (a < b ? -1 : 1));
    return queues;
  }

  /** Smallest watermark of all lanes; null while a lane is unknown. */
  get watermark(): bigint | null {
    let least: bigint | null = null;
    for (const reached of this.reached) {
      if (reached === null) return null;
      if (least === null || reached < least) least = reached;
    }
    return least;
  }

  /** Takes what is final; everything that is left when `all`. */
  take(all: boolean): Run[] {
    const { watermark } = this;
    if (watermark === null && !all) return [];
    return this.outputs.flatMap(([, queues]) => merged(queues, all ? null : watermark));
  }

  save(): HeldRows {
    return { outputs: this.outputs, reached: this.reached };
  }

  load({ outputs, reached }: HeldRows): void {
    this.outputs = outputs.map(([name, queues]) => [name, queues.map((queue) => [...queue])]);
    for (let lane = 0; lane < this.lanes; lane++) this.reached[lane] = reached[lane]!;
  }
}

/** Takes the runs before `limit` from the queues, by time, then queue. */
function merged(queues: readonly Run[][], limit: bigint | null): Run[] {
  const taken: Run[] = [];
  const heads = queues.map(() => 0);
  for (;;) {
    let best = -1;
    let bestTime = 0n;
    for (let lane = 0; lane < queues.length; lane++) {
      const first = queues[lane]![heads[lane]!];
      if (first === undefined || (limit !== null && first.time >= limit)) continue;
      if (best < 0 || first.time < bestTime) {
        best = lane;
        bestTime = first.time;
      }
    }
    if (best < 0) break;
    taken.push(queues[best]![heads[best]!++]!);
  }
  for (const [lane, queue] of queues.entries()) queue.splice(0, heads[lane]!);
  return taken;
}
