import type { Alert } from "./alerts";

/** Something that people must hear of. */
export interface Finding {
  /** The same for every repetition of the finding. */
  readonly id: string;
  readonly code: "critical-alert" | "anomaly";
  readonly message: string;
}

/** Who is told of findings; a repeated finding carries the same id. */
export interface FindingChannel {
  tell(finding: Finding): Promise<void>;
}

/** A minute of a line in which its power leaves trend and season. */
export interface Anomaly {
  readonly factoryId: string;
  readonly lineId: string;
  /** ISO 8601 UTC */
  readonly windowEnd: string;
  readonly meanPowerKw: number;
  readonly baseline: number;
  readonly direction: string;
}

/** Where anomalies are looked for. */
export interface AnomalySource {
  /** Anomalies of the minutes after < windowEnd <= upTo, both ISO 8601 UTC. */
  between(after: string, upTo: string): Promise<readonly Anomaly[]>;
}

/** Tells of every critical alert of a batch; the others are for whoever looks. */
export function tellOfAlerts(channel: FindingChannel): (alerts: readonly Alert[]) => Promise<number> {
  return async (alerts) => {
    const critical = new Map(
      alerts.filter(({ severity }) => severity === "critical").map((alert) => [alert.id, alert]),
    );
    for (const { id, title, deviceId } of critical.values()) {
      await channel.tell({ id, code: "critical-alert", message: `${title}: ${deviceId}` });
    }
    return critical.size;
  };
}

const minute = 60_000;
/** How far back a watch looks that does not know when it last looked, or has not looked for long. */
const usualSpan = 5 * minute;
const longestSpan = 120 * minute;
/** Minutes end before their last readings arrive. */
const settling = 2 * minute;

/** Tells of the anomalies that came since the last look; `lastLook` is null at the first one. */
export function watchAnomalies(
  source: AnomalySource,
  channel: FindingChannel,
): (lastLook: Date | null, now: Date) => Promise<number> {
  return async (lastLook, now) => {
    const upTo = now.getTime() - settling;
    const earliest = upTo - longestSpan;
    const after = lastLook === null ? upTo - usualSpan : Math.max(earliest, lastLook.getTime() - settling);
    if (after >= upTo) return 0;
    const found = await source.between(new Date(after).toISOString(), new Date(upTo).toISOString());
    for (const { factoryId, lineId, windowEnd, meanPowerKw, baseline, direction } of found) {
      await channel.tell({
        id: `power~${factoryId}~${lineId}~${windowEnd}`,
        code: "anomaly",
        message: `${direction} of power, line ${lineId} of ${factoryId} at ${windowEnd}: ${meanPowerKw} kW instead of ${baseline} kW`,
      });
    }
    return found.length;
  };
}
