import type { Dialect } from "../../dialect";
import type { LogicalPlan, TimeBound } from "../../plan/logical-plan";
import { floorDiv } from "../../values/ticks";
import { endOfTime, type Row } from "../row";

/** What a join's time bounds say of one left row. */
export interface LeftReach {
  /** Last moment at which a right row can match. */
  readonly until: bigint;
  /** Time of the row when nothing matches. */
  readonly stamp: bigint;
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const earlier = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** How far the time of a row can lie after the time of one of its slots. */
function slotLag(plan: LogicalPlan, id: number): bigint {
  const relation = plan.relations[id]!;
  switch (relation.kind) {
    case "filter":
    case "analytic":
    case "apply":
      return slotLag(plan, relation.source);
    case "reference-join":
      return slotLag(plan, relation.left);
    case "join": {
      const reach = relation.bounds.map(({ lower, upper, unitTicks }) => {
        const units = later(
          lower === null ? 0n : lower < 0n ? -lower : lower,
          upper === null ? 0n : upper < 0n ? -upper : upper,
        );
        return (units + 2n) * unitTicks;
      });
      return slotLag(plan, relation.left) + slotLag(plan, relation.right) + reach.reduce(later, 0n);
    }
    default:
      return 0n;
  }
}

/** Works out how long rows of a stream join must be kept. */
export class JoinBounds {
  private readonly bounds: readonly TimeBound[];
  private readonly plain: boolean;
  /** Left rows can match right rows up to this much after their own time; right rows left rows. */
  readonly leftKeepTicks: bigint;
  readonly rightKeepTicks: bigint;

  constructor(plan: LogicalPlan, left: number, bounds: readonly TimeBound[], dialect: Dialect) {
    this.bounds = bounds;
    this.plain = dialect.joinDistance === "plain";
    const uppers = bounds.filter(({ upper }) => upper !== null);
    const lowers = bounds.filter(({ lower }) => lower !== null);
    const lag = slotLag(plan, left);
    this.leftKeepTicks = later(
      0n,
      uppers.map(({ upper, unitTicks }) => (upper! + 1n) * unitTicks).reduce(earlier, endOfTime),
    );
    // A later left row may carry a slot from as long ago as an earlier join kept it.
    this.rightKeepTicks = later(
      0n,
      lowers.map(({ lower, unitTicks }) => (1n - lower!) * unitTicks + lag).reduce(earlier, endOfTime),
    );
  }

  /** Null when the bounds name a slot that an outer join left empty: then nothing can match. */
  reach(row: Row): LeftReach {
    let until = endOfTime;
    let stamp = endOfTime;
    for (const { leftSlot, upper, unitTicks } of this.bounds) {
      if (upper === null) continue;
      const slot = row.slots[leftSlot] ?? null;
      if (slot === null) return { until: row.time, stamp: row.time };
      const end = this.plain
        ? slot.time + upper * unitTicks
        : (floorDiv(slot.time, unitTicks) + upper + 1n) * unitTicks - 1n;
      until = earlier(until, end);
      stamp = earlier(stamp, slot.time + upper * unitTicks);
    }
    return { until: later(until, row.time), stamp: later(stamp, row.time) };
  }
}
