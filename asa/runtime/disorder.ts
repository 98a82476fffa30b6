import type { InputEvent, JobOptions } from "../api";
import type { LogicalPlan, StreamInput } from "../plan/logical-plan";
import { Admission } from "./columnar/admission";
import { makeInterner } from "./columnar/scan";

/** Finds out how far the events of files are from the order of their times, before a job reads them. */
export interface DisorderMeter {
  push(input: string, events: readonly InputEvent[]): void;
  /** JSON lines, as `Job.pushLines` takes them. */
  pushLines(input: string, lines: Uint8Array): void;
  /** The longest time by which an event lies before one that came earlier in its input; null when a time is out of reach. */
  readonly ticks: bigint | null;
  /** The latest time of an input so far; comparable between inputs. */
  reached(input: string): number;
}

const fileRun: JobOptions = {
  mode: "file",
  policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: null, policy: "adjust" },
  onRows: () => {},
};

/**
 * A meter for the stream inputs of a plan; null when a time is more than a column, or when no input has one: then nothing
 * is known before the end of the files.
 *
 * A job in mode `replay` whose out-of-order tolerance is what the meter found gives the rows of a file run, and gives them
 * as soon as their time has passed.
 */
export function disorderMeter(plan: LogicalPlan): DisorderMeter | null {
  const inputs = plan.relations.filter(
    (relation): relation is StreamInput => relation.kind === "stream-input" && relation.timestampBy !== null,
  );
  const plain = inputs.every(
    ({ timestampBy, over, declared }) =>
      timestampBy!.kind === "column" && over.length === 0 && declared === null,
  );
  // Otherwise a column is found in a way that the scanner does not know.
  const asScanned = plan.dialect.fieldCase === "exact-first" && plan.dialect.duplicateKeys === "last";
  return inputs.length > 0 && plain && asScanned ? new Meter(plan, inputs) : null;
}

class Meter implements DisorderMeter {
  private readonly admissions: readonly { readonly input: string; readonly admission: Admission }[];
  private readonly greatest = new Map<string, number>();
  private disorder = 0;
  private inReach = true;

  constructor(plan: LogicalPlan, inputs: readonly StreamInput[]) {
    const interner = makeInterner();
    this.admissions = inputs.map((relation) => {
      const input = relation.input.toLowerCase();
      let greatest = Number.NEGATIVE_INFINITY;
      const admission: Admission = new Admission({
        relation,
        uses: [],
        interner,
        dialect: plan.dialect,
        options: fileRun,
        partitions: 1,
        take: (count) => {
          const { times } = admission.batch;
          let { disorder } = this;
          for (let row = 0; row < count; row++) {
            const time = times[row]!;
            if (time > greatest) greatest = time;
            else if (greatest - time > disorder) disorder = greatest - time;
          }
          this.disorder = disorder;
          this.greatest.set(input, Math.max(greatest, this.reached(input)));
        },
        diagnose: () => {},
      });
      return { input, admission };
    });
  }

  push(input: string, events: readonly InputEvent[]): void {
    for (const { admission } of this.of(input))
      if (admission.take(events, 0, false) < events.length) this.inReach = false;
  }

  pushLines(input: string, lines: Uint8Array): void {
    for (const { admission } of this.of(input))
      if (admission.takeLines(lines, 0, 0n, false) < lines.length) this.inReach = false;
  }

  private of(input: string) {
    const folded = input.toLowerCase();
    return this.admissions.filter((known) => known.input === folded);
  }

  get ticks(): bigint | null {
    return this.inReach ? BigInt(this.disorder) : null;
  }

  reached(input: string): number {
    return this.greatest.get(input.toLowerCase()) ?? Number.NEGATIVE_INFINITY;
  }
}
