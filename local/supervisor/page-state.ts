import type { BatchState, PageState, ProcessState } from "../dashboard";
import type { ClockOwner } from "./clock-owner";
import type { Meters } from "./meters";
import type { PageFeed } from "./page-feed";
import { hopsOf } from "./page-hops";

export interface PageSources {
  readonly clock: ClockOwner;
  /** Where the clock began, ms since 1970. */
  readonly sinceMs: number;
  readonly run: PageState["run"];
  readonly processes: readonly ProcessState[];
  readonly meters: Meters;
  readonly feed: PageFeed;
  readonly batch: BatchState;
}

/** What the page shows at this moment. */
export function pageStateOf({ clock, sinceMs, run, processes, meters, feed, batch }: PageSources): PageState {
  return {
    clock: clockStateOf(clock),
    run,
    processes,
    hops: hopsOf(meters, { nowMs: clock.clock.now(), sinceMs, speed: clock.speed }),
    windows: feed.windows,
    devices: feed.devices,
    alerts: feed.alerts,
    quarantine: feed.quarantine,
    late: { total: meters.gauge("stream-analytics", "dropped") ?? 0, items: feed.late },
    batch,
    notices: feed.notices,
  };
}

function clockStateOf({ clock, holds, state: { limitMs }, speed }: ClockOwner): PageState["clock"] {
  const nowMs = clock.now();
  const waiting = limitMs !== null && nowMs >= limitMs;
  return {
    nowIso: new Date(nowMs).toISOString(),
    speed,
    paused: holds.length > 0 || waiting,
    reason: holds.length > 0 ? `waiting for ${holds.join(", ")}` : waiting ? "waiting for the sender" : null,
  };
}
