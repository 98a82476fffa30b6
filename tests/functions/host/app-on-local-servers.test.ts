import type { DeviceState, QuarantinedMessage, ViewAnswer } from "../../../functions/src";
import type { Alert } from "../../../functions/src/domain/alerts";
import { until } from "../../unit/local/functions-host/support";
import { reading, validityTable } from "../support";
import { type HostProcess, LocalServices } from "./local-services";

jest.setTimeout(120_000);

const patienceMs = 30_000;

/** Asks until the answer fits; the last answer is what the caller sees. */
async function eventually<T>(ask: () => Promise<T>, fits: (answer: T) => boolean, what: string): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("the functions app on the local host, broker and database", () => {
  let services: LocalServices;
  let host: HostProcess;

  beforeAll(async () => {
    services = await LocalServices.start();
    host = await services.startHost();
  });
  afterAll(() => services.close());

  const time = (second: number) => new Date(Date.UTC(2026, 0, 5, 8, 0, second)).toISOString();
  const event = (body: string | object, messageId: string) => ({
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    messageId,
  });

  it("is healthy", async () => {
    const response = await fetch(`${host.url}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: "healthy",
      checks: [{ name: "cosmos", status: "healthy" }],
    });
  });

  it("keeps the latest state of a device and reports the latency to it", async () => {
    const events = [3, 9, 5].map((second) =>
      event(reading({ eventId: `s-${second}`, deviceId: "state-1", eventTime: time(second) }), `s-${second}`),
    );
    await services.send("state-1", events);
    const item = services.database.container("device-state").item("state-1", "state-1");
    const { resource } = await eventually(
      () => item.read<DeviceState>(),
      (answer) => answer.resource?.eventId === "s-9",
      "the state is stored",
    );
    expect(resource).toMatchObject({ id: "state-1", eventTime: time(9), temperature: 61.5 });
    await until(
      () => (host.latenciesMs["updateDeviceState.latency"]?.length ?? 0) >= 3,
      "the latencies are reported",
      patienceMs,
    );
    expect(Math.min(...(host.latenciesMs["updateDeviceState.latency"] ?? []))).toBeGreaterThanOrEqual(0);
  });

  it("quarantines what the table of cases refuses, with the text as sent", async () => {
    const cases = validityTable.map(({ body, reason }, index) => ({ body, reason, id: `case-${index}` }));
    await services.send(
      "cases",
      cases.map(({ body, id }) => event(body, id)),
    );
    const refused = cases.filter(({ reason }) => reason !== null);
    const kept = await eventually(
      async () =>
        (await services.documents<QuarantinedMessage>("quarantine")).filter(({ id }) =>
          id.startsWith("case-"),
        ),
      (documents) => documents.length >= refused.length,
      "all refused cases are kept",
    );
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    expect(kept.map(({ id, reason, body }) => ({ id, reason, body })).toSorted(byId)).toEqual(
      refused.map(({ id, reason, body }) => ({ id, reason, body })).toSorted(byId),
    );
  });

  it("lists the quarantine by page and replays a corrected message once", async () => {
    const page = async (query: string) =>
      (await (await fetch(`${host.url}/quarantine?${query}`)).json()) as {
        items: QuarantinedMessage[];
        continuation: string | null;
      };
    const ids: string[] = [];
    let continuation: string | null = null;
    do {
      const next: string = continuation === null ? "" : `&continuation=${encodeURIComponent(continuation)}`;
      const one = await page(`pageSize=7${next}`);
      expect(one.items.length).toBeLessThanOrEqual(7);
      ids.push(...one.items.map(({ id }) => id));
      continuation = one.continuation;
    } while (continuation !== null);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe((await services.documents("quarantine")).length);
    expect((await page("reason=TIME")).items.every(({ reason }) => reason === "TIME")).toBe(true);

    const id = ids[0] as string;
    const replay = (body: string) => fetch(`${host.url}/quarantine/${id}/replay`, { method: "POST", body });
    expect((await replay("")).status).toBe(422);
    const corrected = reading({ eventId: "replayed", deviceId: "replay-1" });
    expect((await replay(JSON.stringify({ body: corrected }))).status).toBe(202);
    expect((await replay("")).status).toBe(200);
    const item = services.database.container("device-state").item("replay-1", "replay-1");
    await eventually(
      () => item.read(),
      ({ resource }) => resource !== undefined,
      "the replayed event counts",
    );
    const sent = (await services.events("telemetry")).filter(({ messageId }) => messageId === `replay~${id}`);
    expect(sent).toEqual([
      { messageId: `replay~${id}`, partitionKey: "replay-1", text: JSON.stringify(corrected) },
    ]);
    expect((await page("replayed=true")).items.map((document) => document.id)).toEqual([id]);
  });

  it("raises an alert once per device, rule and minute, in database and hub", async () => {
    const hot = [1, 2, 59, 61].map((second) =>
      event(
        reading({ eventId: `a-${second}`, deviceId: "alert-1", eventTime: time(second), temperature: 99 }),
        `a-${second}`,
      ),
    );
    for (const one of hot) await services.send("alert-1", [one]);
    const expected = ["temperature-high~alert-1~1767600000", "temperature-high~alert-1~1767600060"];
    const own = await eventually(
      async () =>
        (await services.documents<Alert>("alerts")).filter(({ deviceId }) => deviceId === "alert-1"),
      (alerts) => alerts.length >= 2,
      "both alerts are stored",
    );
    expect(own.map(({ id }) => id).toSorted()).toEqual(expected);
    const told = (await services.events("alerts")).filter(({ partitionKey }) => partitionKey === "alert-1");
    expect(told.map(({ messageId }) => messageId)).toEqual(expected);
    expect(JSON.parse(told[0]?.text ?? "")).toMatchObject({
      id: expected[0],
      value: 99,
      severity: "warning",
    });
  });

  it("fans changed views out and serves them merged with batch views", async () => {
    const row = (minute: number, temperatureSum: number) => ({
      id: `device~view-1~1m~${1767600000 + minute * 60}`,
      partitionKey: "factory-aggregates~v1~view-1",
      job: "factory-aggregates",
      version: "v1",
      grain: "device",
      key: "view-1",
      window: "1m",
      windowStart: `2026-01-05T08:0${minute - 1}:00.0000000Z`,
      windowEnd: `2026-01-05T08:0${minute}:00.0000000Z`,
      asOf: `2026-01-05T08:0${minute}:11.0000000Z`,
      count: 2,
      temperatureSum,
      temperatureMin: 1,
      temperatureMax: 2,
      vibrationSum: 3,
      vibrationMax: 4,
      pressureSum: 5,
      powerKwSum: 6,
      unitsSum: 7,
      defectsSum: 8,
    });
    for (const minute of [1, 2, 3, 4]) {
      await services.database.container("realtime-views").items.upsert(row(minute, 100));
    }
    const changes = await eventually(
      () => services.events("view-changes"),
      (events) => events.length >= 4,
      "the changes are fanned out",
    );
    expect(changes.map(({ text, partitionKey }) => [partitionKey, JSON.parse(text)])).toEqual(
      [1, 2, 3, 4].map((minute) => ["view-1", row(minute, 100)]),
    );
    const views = async (query = "") => {
      const response = await fetch(`${host.url}/views/factory-aggregates/view-1${query}`);
      return { status: response.status, answer: (await response.json()) as ViewAnswer };
    };
    expect((await views()).answer.windows.map(({ source }) => source)).toEqual(Array(4).fill("realtime"));

    for (const minute of [1, 2]) {
      for (const generation of [4, 5]) {
        const one = row(minute, generation);
        await services.database
          .container("batch-views")
          .items.upsert({ ...one, id: `${one.id}~${generation}`, generation });
      }
    }
    await services.database.container("view-pointers").items.upsert({
      id: "factory-aggregates~v1",
      job: "factory-aggregates",
      version: "v1",
      batchHighWatermark: "2026-01-05T08:02:00Z",
      generation: 5,
      asOf: "2026-01-05T08:30:00Z",
    });
    const { status, answer } = await views("?from=2026-01-05T08:00:00Z&to=2026-01-05T08:03:00Z");
    expect(status).toBe(200);
    expect(
      answer.windows.map(({ end, source, values, version }) => [end, source, values.temperatureSum, version]),
    ).toEqual([
      ["2026-01-05T08:01:00.0000000Z", "batch", 5, "v1"],
      ["2026-01-05T08:02:00.0000000Z", "batch", 5, "v1"],
      ["2026-01-05T08:03:00.0000000Z", "realtime", 100, "v1"],
    ]);
    expect((await views("?grain=planet")).status).toBe(400);
  });

  it("loses nothing and repeats no effect when it is killed again and again", async () => {
    const count = 400;
    for (let start = 0; start < count; start += 20) {
      await services.send(
        `kill-${start}`,
        Array.from({ length: 20 }, (_, index) =>
          event(`{"broken": ${start + index}`, `kill-${start + index}`),
        ),
      );
      if (start % 100 === 0) {
        await host.kill();
        host = await services.startHost();
      }
    }
    await services.send("kill-d", [
      event(reading({ eventId: "k", deviceId: "kill-d", eventTime: time(30), temperature: 98 }), "k"),
    ]);
    await host.kill();
    host = await services.startHost();
    const kept = await eventually(
      async () =>
        (await services.documents<QuarantinedMessage>("quarantine")).filter(({ id }) =>
          id.startsWith("kill-"),
        ),
      (documents) => documents.length >= count,
      "all broken messages are kept",
    );
    expect(kept).toHaveLength(count);
    const alerts = await eventually(
      async () => (await services.documents<Alert>("alerts")).filter(({ deviceId }) => deviceId === "kill-d"),
      (found) => found.length > 0,
      "the alert is stored",
    );
    expect(alerts).toHaveLength(1);
  });
});
