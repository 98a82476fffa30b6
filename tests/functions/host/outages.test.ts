import type { QuarantinedMessage } from "../../../functions/src";
import { until } from "../../unit/local/functions-host/support";
import { reading } from "../support";
import { type HostProcess, LocalServices } from "./local-services";

jest.setTimeout(120_000);

describe("the functions app during an outage", () => {
  let services: LocalServices;
  let host: HostProcess;

  beforeAll(async () => {
    services = await LocalServices.start();
    host = await services.startHost();
  });
  afterAll(() => services?.close());

  const broken = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      body: Buffer.from(`{"broken": ${index}`),
      messageId: `${prefix}-${index}`,
    }));

  const kept = async (prefix: string) =>
    (await services.documents<QuarantinedMessage>("quarantine")).filter(({ id }) =>
      id.startsWith(`${prefix}-`),
    );

  const eventuallyKept = async (prefix: string, count: number) => {
    for (const deadline = Date.now() + 60_000; ; ) {
      const documents = await kept(prefix);
      if (documents.length >= count || Date.now() > deadline) return documents.length;
      await new Promise((done) => setTimeout(done, 50));
    }
  };

  it("keeps every message that came while the database was away, and says so meanwhile", async () => {
    const start = await services.stopCosmos();
    await services.send("a", broken("no-database", 30));
    await until(() => (host.counters["quarantineTelemetry.retries"] ?? 0) > 0, "a batch is repeated", 30_000);
    const health = await fetch(`${host.url}/health`);
    expect(health.status).toBe(503);
    const list = await fetch(`${host.url}/quarantine`);
    expect(list.status).toBe(503);
    expect(list.headers.get("content-type")).toBe("application/problem+json");
    await start();
    expect(await eventuallyKept("no-database", 30)).toBe(30);
    expect(host.counters["quarantineTelemetry.deadLetters"]).toBe(0);
  });

  it("goes on by itself when the broker comes back", async () => {
    const start = await services.stopEventHubs();
    await start();
    for (const event of broken("no-broker", 3)) {
      await services.log.append("telemetry", [{ ...event, partitionKey: "b" }]);
    }
    expect(await eventuallyKept("no-broker", 3)).toBe(3);
  });

  it("sends to hubs again after the broker was away", async () => {
    const raise = (eventId: string, second: number) => {
      const eventTime = new Date(Date.UTC(2026, 0, 5, 8, 0, second)).toISOString();
      const body = JSON.stringify(reading({ eventId, eventTime, deviceId: "hot-1", temperature: 99 }));
      return services.log.append("telemetry", [{ body: Buffer.from(body), partitionKey: "hot-1" }]);
    };
    const alerts = async (count: number) => {
      for (const deadline = Date.now() + 60_000; ; ) {
        const events = await services.events("alerts");
        if (events.length >= count || Date.now() > deadline) return events.map(({ messageId }) => messageId);
        await new Promise((done) => setTimeout(done, 50));
      }
    };
    await raise("a", 0);
    expect(await alerts(1)).toEqual(["temperature-high~hot-1~1767600000"]);
    const start = await services.stopEventHubs();
    await start();
    await raise("b", 60);
    expect(await alerts(2)).toEqual([
      "temperature-high~hot-1~1767600000",
      "temperature-high~hot-1~1767600060",
    ]);
  });

  it("stops cleanly while the broker is away", async () => {
    const start = await services.stopEventHubs();
    await host.stop();
    expect(host.exitCode).toBe(0);
    await start();
  });
});
