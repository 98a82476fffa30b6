import type { Container } from "@azure/cosmos";
import type { AlertState, DeviceState, LateState, Notice, QuarantineState, WindowState } from "../dashboard";
import type { LogClient } from "../event-hubs";

const kept = { windows: 50, alerts: 50, late: 50, notices: 100, devices: 200, quarantine: 50 };
const sameNoticeMs = 10_000;
const readWaitMs = 500;
const queryIntervalMs = 1000;

/** Rows that the page lists, newest first; read where any other consumer would read them. */
export class PageFeed {
  readonly #stopping = new AbortController();
  windows: readonly WindowState[] = [];
  alerts: readonly AlertState[] = [];
  devices: readonly DeviceState[] = [];
  late: readonly LateState[] = [];
  notices: readonly Notice[] = [];
  quarantine: { readonly total: number; readonly items: readonly QuarantineState[] } = {
    total: 0,
    items: [],
  };

  /** Adds a notice; one that says the same as a recent one only takes its place. Returns whether it is new. */
  notice(level: Notice["level"], text: string): boolean {
    const nowMs = Date.now();
    const others = this.notices.filter(
      (notice) => notice.text !== text || nowMs - Date.parse(notice.wallIso) > sameNoticeMs,
    );
    const isNew = others.length === this.notices.length;
    this.notices = [{ wallIso: new Date(nowMs).toISOString(), text, level }, ...others].slice(
      0,
      kept.notices,
    );
    return isNew;
  }

  addLate(event: LateState): void {
    this.late = [event, ...this.late].slice(0, kept.late);
  }

  /** Starts to follow the hubs of alerts and view changes and the containers of devices and quarantine. */
  follow(log: LogClient, container: (name: string) => Container): void {
    this.#tail(log, "view-changes", "dashboards", (change) => {
      const window = windowOf(change);
      if (window !== undefined) this.windows = [window, ...this.windows].slice(0, kept.windows);
    });
    this.#tail(log, "alerts", "notifications", (alert) => {
      this.alerts = [alertOf(alert), ...this.alerts.filter(({ id }) => id !== alert["id"])].slice(
        0,
        kept.alerts,
      );
    });
    void this.#poll(async () => {
      const devices = await first<Omit<DeviceState, "status">>(
        container("device-state"),
        "SELECT c.deviceId, c.factoryId, c.lineId, c.eventTime, c.temperature, c.vibration FROM c ORDER BY c.deviceId",
        kept.devices,
      );
      const alerting = new Set(this.alerts.slice(0, 20).map(({ deviceId }) => deviceId));
      this.devices = devices.map((device) => ({
        ...device,
        status: alerting.has(device.deviceId) ? "alert" : "ok",
      }));
      const quarantine = container("quarantine");
      const [total = 0] = await first<number>(quarantine, "SELECT VALUE COUNT(1) FROM c", 1);
      if (total !== this.quarantine.total || this.quarantine.items.some(({ replayed }) => !replayed)) {
        const items = await first<QuarantinedDocument>(
          quarantine,
          "SELECT * FROM c ORDER BY c.enqueuedTime DESC",
          kept.quarantine,
        );
        this.quarantine = { total, items: items.map(quarantined) };
      }
    });
  }

  stop(): void {
    this.#stopping.abort();
  }

  #tail(
    log: LogClient,
    hub: string,
    consumerGroup: string,
    take: (value: Record<string, unknown>) => void,
  ): void {
    const run = async () => {
      const partitions = await log.partitionCount(hub);
      await Promise.all(
        Array.from({ length: partitions }, async (_, partition) => {
          let fromSequence = 0n;
          while (!this.#stopping.signal.aborted) {
            const batch = await log.read({
              hub,
              consumerGroup,
              partition,
              fromSequence,
              maxRecords: 1000,
              waitMs: readWaitMs,
            });
            fromSequence = batch.nextSequence;
            for (const record of batch.records)
              take(JSON.parse(Buffer.from(record.body).toString()) as Record<string, unknown>);
          }
        }),
      );
    };
    void this.#forever(run);
  }

  async #poll(query: () => Promise<void>): Promise<void> {
    await this.#forever(async () => {
      while (!this.#stopping.signal.aborted) {
        await query();
        await pause(queryIntervalMs);
      }
    });
  }

  /** A server may restart under the page: it looks again a little later. */
  async #forever(run: () => Promise<void>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await run();
      } catch {
        await pause(queryIntervalMs);
      }
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

async function first<T>(container: Container, query: string, count: number): Promise<T[]> {
  const page = await container.items.query<T>(query, { maxItemCount: count }).fetchNext();
  return (page.resources ?? []).slice(0, count);
}

function windowOf(change: Record<string, unknown>): WindowState | undefined {
  const { grain, key, window, windowStart, windowEnd, count, temperatureSum } = change;
  if (typeof count !== "number" || typeof temperatureSum !== "number") return undefined;
  return {
    grain: String(grain),
    key: String(key),
    window: String(window),
    start: String(windowStart),
    end: String(windowEnd),
    count,
    temperatureAvg: temperatureSum / count,
    source: "realtime",
  };
}

function alertOf(alert: Record<string, unknown>): AlertState {
  return {
    id: String(alert["id"]),
    deviceId: String(alert["deviceId"]),
    rule: String(alert["title"]),
    severity: String(alert["severity"]),
    value: Number(alert["value"]),
    eventTime: String(alert["eventTime"]),
  };
}

type QuarantinedDocument = Omit<QuarantineState, "enqueuedIso" | "replayed"> & {
  readonly enqueuedTime: string;
  readonly replay?: { readonly state: string };
};

const shownBodyLength = 2000;

function quarantined({
  id,
  reason,
  detail,
  body,
  enqueuedTime,
  replay,
}: QuarantinedDocument): QuarantineState {
  return {
    id,
    reason,
    detail,
    body: body.slice(0, shownBodyLength),
    enqueuedIso: enqueuedTime,
    replayed: replay?.state === "sent",
  };
}
