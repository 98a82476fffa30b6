import type { RuntimeDiagnostic, TimePolicies } from "../../api";
import { ticksPerMinute } from "../../values/ticks";

/** What the event-ordering policies say of one event. */
export type Verdict =
  | { readonly kind: "keep"; readonly time: bigint }
  | {
      readonly kind: "adjust";
      readonly time: bigint;
      readonly reason: RuntimeDiagnostic["kind"];
      readonly message: string;
    }
  | { readonly kind: "drop"; readonly reason: RuntimeDiagnostic["kind"]; readonly message: string };

const defaultEarlyTicks = 5n * ticksPerMinute;
const seconds = (ticks: bigint): string => `${Number(ticks) / 1e7} s`;

/**
 * Judges an application time against arrival and the timeline's watermark: early, then late, then out of order.
 *
 * The early check is not subject to the drop/adjust choice: such an event is always dropped.
 */
export function judge(
  policies: TimePolicies,
  time: bigint,
  arrival: bigint,
  watermark: bigint | null,
): Verdict {
  const early = policies.earlyToleranceTicks ?? defaultEarlyTicks;
  if (time > arrival + early) {
    const message = `the event's time is ${seconds(time - arrival)} after its arrival, more than ${seconds(early)}`;
    return { kind: "drop", reason: "EarlyInputEvent", message };
  }
  const late = policies.lateToleranceTicks;
  let adjusted = time;
  let reason: RuntimeDiagnostic["kind"] | null = null;
  let message = "";
  if (late !== null && arrival - time > late) {
    message = `the event arrived ${seconds(arrival - time)} after its time, more than ${seconds(late)}`;
    if (policies.policy === "drop") return { kind: "drop", reason: "LateInputEvent", message };
    adjusted = arrival - late;
    reason = "LateInputEvent";
  }
  if (watermark !== null && adjusted < watermark) {
    const text = `the event's time lies ${seconds(watermark - adjusted)} before the watermark`;
    if (policies.policy === "drop") return { kind: "drop", reason: "OutOfOrderEvent", message: text };
    adjusted = watermark;
    message = text;
    reason = "OutOfOrderEvent";
  }
  return reason === null ? { kind: "keep", time } : { kind: "adjust", time: adjusted, reason, message };
}

/** Progress of one partition on one timeline. */
export class Timeline {
  private greatest: bigint | null = null;
  watermark: bigint | null = null;

  /** Notes an accepted event; out-of-order tolerance null: only the clock or the end of input moves the watermark. */
  seen(time: bigint, tolerance: bigint | null): void {
    if (this.greatest === null || time > this.greatest) this.greatest = time;
    if (tolerance !== null) this.reach(this.greatest - tolerance);
  }

  reach(time: bigint): void {
    const bounded = time < 0n ? 0n : time;
    if (this.watermark === null || bounded > this.watermark) this.watermark = bounded;
  }

  get state(): readonly [bigint | null, bigint | null] {
    return [this.greatest, this.watermark];
  }

  restore(greatest: bigint | null, watermark: bigint | null): void {
    this.greatest = greatest;
    this.watermark = watermark;
  }
}
