import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Dashboard, type PageState, startDashboard } from "../../local/dashboard";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A platform for the page alone: the real page server over a state that tests set, with a serving API of its own. */
export interface PagePlatform {
  readonly url: string;
  readonly state: Mutable<PageState>;
  /** Calls that the page has made, as `METHOD path`. */
  readonly calls: string[];
  /** What the next batch run does. */
  runBatch: () => Promise<unknown>;
  close(): Promise<void>;
}

const startMs = Date.UTC(2026, 10, 21, 10, 0);
const minuteMs = 60_000;

export async function openPagePlatform(): Promise<PagePlatform> {
  const state = sampleState();
  const calls: string[] = [];
  const functions = createServer((request, response) => answer(state, calls, request, response));
  await new Promise<void>((resolve) => functions.listen(0, "127.0.0.1", resolve));
  let dashboard: Dashboard | undefined;
  const platform: PagePlatform = {
    get url() {
      return `http://127.0.0.1:${(dashboard as Dashboard).port}/`;
    },
    state,
    calls,
    runBatch: async () => ({ generation: 4 }),
    async close() {
      await dashboard?.close();
      functions.closeAllConnections();
      await new Promise((resolve) => functions.close(resolve));
    },
  };
  dashboard = await startDashboard({
    port: 0,
    pageDir: join(__dirname, "../../local/dashboard/page"),
    state: () => state,
    functionsPort: () => (functions.address() as AddressInfo).port,
    runBatch: () => {
      calls.push("BATCH");
      return platform.runBatch();
    },
  });
  return platform;
}

function answer(state: PageState, calls: string[], request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  calls.push(`${request.method} ${url.pathname}`);
  const send = (status: number, body: unknown) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  const [, , kind, , key] = url.pathname.split("/").map(decodeURIComponent);
  if (kind === "quarantine" && request.method === "POST") {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      if (text !== "") calls.push(`BODY ${text}`);
      if (text.includes("still wrong")) send(422, { title: "The message would be refused again" });
      else send(202, {});
    });
  } else if (kind !== "views" || key === undefined)
    send(404, { title: "no such route", detail: url.pathname });
  else if (key === "none") send(404, { title: "no such key", detail: "device none has no windows" });
  else send(200, viewsOf(state, key, url.searchParams));
}

function viewsOf(state: PageState, key: string, parameters: URLSearchParams): unknown {
  const sizeMs = parameters.get("window") === "5m" ? 5 * minuteMs : minuteMs;
  const from = Date.parse(parameters.get("from") ?? "");
  const to = Date.parse(parameters.get("to") ?? "");
  const watermark = Date.parse(state.batch.batchHighWatermarkIso ?? "");
  const windows = [];
  for (let end = (Math.floor(from / minuteMs) + 1) * minuteMs; end <= to; end += minuteMs) {
    const batch = end <= watermark;
    const count = 58 + ((end / minuteMs) % 5) + (batch ? 1 : 0);
    windows.push({
      start: new Date(end - sizeMs).toISOString(),
      end: new Date(end).toISOString(),
      values: {
        count,
        temperatureSum: count * (64 + 6 * Math.sin(end / minuteMs / 5) + (batch ? 0.4 : 0)),
        temperatureMin: 55,
        temperatureMax: 78,
        vibrationSum: count * 2.1,
        vibrationMax: 4.4,
        pressureSum: count * 101,
        powerKwSum: count * 12,
        unitsSum: count,
        defectsSum: 1,
      },
      source: batch ? "batch" : "realtime",
      version: "v1",
      asOf: new Date(end + 11_000).toISOString(),
    });
  }
  return {
    job: "factory-aggregates",
    version: "v1",
    key,
    grain: parameters.get("grain"),
    window: parameters.get("window"),
    windows,
  };
}

const iso = (minutes: number, seconds = 0) =>
  new Date(startMs + minutes * minuteMs + seconds * 1000).toISOString();

function sampleState(): Mutable<PageState> {
  const hop = (
    from: string,
    to: string,
    label: string,
    rate: number,
    backlog: number | null,
    p50: number | null,
    errors = 0,
    note: string | null = null,
  ) => ({
    from,
    to,
    label,
    eventsPerSecond: rate,
    total: rate * 600,
    backlog,
    waiting: note === null && (backlog ?? 0) >= 1000,
    note,
    errorsPerSecond: errors,
    latencyMs: p50 === null ? null : { p50, p99: p50 * 3.4 },
  });
  const devices = Array.from({ length: 24 }, (_, n) => ({
    deviceId: `device-${n + 1}`,
    factoryId: `factory-${(n % 3) + 1}`,
    lineId: `line-${(n % 4) + 1}`,
    eventTime: iso(41, 58 - n),
    temperature: 61.2 + n * 0.61,
    vibration: 1.9 + n * 0.07,
    status: n % 6 === 5 ? "alert" : "ok",
  }));
  return {
    clock: { nowIso: iso(42, 7), speed: 10, paused: false, reason: null },
    run: { mode: "live", seed: 42, startedIso: iso(0), dataDir: ".data" },
    processes: [
      "event-hubs",
      "iot-hub",
      "storage",
      "cosmos",
      "functions",
      "stream-analytics",
      "capture",
      "batch",
      "simulator",
    ].map((name, index) => ({
      name,
      status: name === "batch" ? "starting" : "running",
      restarts: name === "functions" ? 1 : 0,
      pid: 4100 + index,
      endpoints:
        name === "cosmos"
          ? {
              port: 8081,
              endpoint: "http://127.0.0.1:8081/",
              connectionString:
                "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==;",
            }
          : name === "event-hubs"
            ? {
                port: 5672,
                connectionString:
                  "Endpoint=sb://localhost:5672;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;",
              }
            : ({} as Record<string, string | number>),
    })),
    hops: [
      hop("devices", "iot-hub", "MQTT", 812, null, 4),
      hop("devices", "event-hubs", "AMQP", 1204, null, 3),
      hop("iot-hub", "event-hubs", "route", 812, null, 2.4),
      hop("event-hubs", "stream-analytics", "analytics", 2010, 42, 14),
      hop("event-hubs", "functions", "quarantine, device-state, alerts", 6030, 18_400, 22, 0.4),
      hop("event-hubs", "capture", "Capture", 2010, 31_000, null, 0, "files every 30 s"),
      hop("capture", "lake", "Avro files", 0.2, null, null, 0, "files every 30 s"),
      hop("stream-analytics", "cosmos", "real-time views", 31, 0, null),
      hop("functions", "cosmos", "device state, alerts, quarantine", 88, null, null),
      hop("cosmos", "functions", "change feed", 30, null, 35),
      hop("lake", "spark", "bronze, silver, gold", 0, null, null, 0, "in batch runs"),
      hop("spark", "cosmos", "batch views", 0, null, null, 0, "in batch runs"),
      hop("cosmos", "serving", "merge", 1.4, null, 6),
    ],
    windows: Array.from({ length: 50 }, (_, n) => ({
      grain: n % 5 === 0 ? "factory" : n % 5 === 1 ? "line" : "device",
      key:
        n % 5 === 0 ? `factory-${(n % 3) + 1}` : n % 5 === 1 ? "factory-1~line-2" : `device-${(n % 24) + 1}`,
      window: "1m",
      start: iso(40 - Math.floor(n / 25)),
      end: iso(41 - Math.floor(n / 25)),
      count: 57 + (n % 7),
      temperatureAvg: 63.1 + n * 0.13,
      source: "realtime" as const,
    })),
    devices,
    alerts: Array.from({ length: 8 }, (_, n) => ({
      id: `alert-${n}`,
      deviceId: `device-${n * 3 + 1}`,
      rule: n % 2 === 0 ? "temperature above 90 °C" : "vibration above 8 mm/s",
      severity: n % 3 === 0 ? "critical" : "warning",
      value: 91.4 + n,
      eventTime: iso(41 - n, 12),
    })),
    quarantine: {
      total: 128,
      items: Array.from({ length: 6 }, (_, n) => ({
        id: `telemetry~${n}~1`,
        reason: n % 2 === 0 ? "malformed" : "temperature-range",
        detail: n % 2 === 0 ? "The body is no JSON object." : "temperature must lie between -50 and 200 °C.",
        body:
          n === 0
            ? '{"eventId":"<img src=x onerror=alert(1)>","deviceId":'
            : `{"eventId":"e-${n}","temperature":9999}`,
        enqueuedIso: iso(40, n),
        replayed: n === 3,
      })),
    },
    late: {
      total: 17,
      items: Array.from({ length: 4 }, (_, n) => ({
        eventId: `0e1f-${n}`,
        eventTime: iso(38, n * 7),
        kind: "late",
        enqueuedIso: iso(38, 40 + n),
      })),
    },
    batch: {
      status: "idle",
      step: null,
      generation: 3,
      batchHighWatermarkIso: iso(28),
      lastRunIso: iso(30),
      durationSeconds: 21.4,
    },
    notices: [
      { wallIso: iso(39), text: "functions ended and was started again", level: "warn" },
      { wallIso: iso(0), text: "the platform is up", level: "info" },
    ],
  };
}
