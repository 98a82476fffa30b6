import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020";
import { alertRules, topology } from "../../contracts";
import { alertChannel, viewChangeChannel } from "../../functions/src/adapters/event-hubs/channels";
import type { HubEvent, HubSender } from "../../functions/src/adapters/event-hubs/hub-sender";
import { alertsOf } from "../../functions/src/domain/alerts";
import { fanOutViewChanges } from "../../functions/src/domain/view-changes";
import { message, reading } from "./support";

const schemaOf = (event: string) =>
  JSON.parse(readFileSync(`contracts/events/${event}/v1.schema.json`, "utf8")) as object;

const checkerOf = (event: string) => {
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    keywords: ["unit"],
    formats: { "utc-time": true },
  });
  const validate = ajv.compile(schemaOf(event));
  return (body: unknown) => {
    validate(body);
    return validate.errors ?? [];
  };
};

/** Keeps what would be sent. */
class Outbox implements HubSender {
  readonly events: HubEvent[] = [];
  async send(events: readonly HubEvent[]) {
    this.events.push(...events);
  }
  async close() {}
}

describe("what the functions send", () => {
  it("has a schema for the event of every hub", () => {
    for (const { event } of topology.eventHubs.hubs) expect(schemaOf(event)).toHaveProperty("required");
  });

  it("is, for every rule, an alert of the contract, keyed by device and named by its id", async () => {
    const outbox = new Outbox();
    const extreme = { temperature: 400, vibration: 200, powerKw: 10_000, units: 1e6, defects: 1e6 };
    const messages = [
      reading({ ...extreme, pressure: 5_000 }),
      reading({ pressure: 0 }),
      reading({ temperature: 400, deviceId: "oven-0001" }),
    ].map((one) => message(one));
    await alertChannel(outbox).send([...alertsOf(alertRules, messages).values()]);
    expect(outbox.events.map(({ messageId }) => messageId.split("~")[0]).toSorted()).toEqual(
      alertRules.map(({ id }) => id).toSorted(),
    );
    const errorsOf = checkerOf("factory-alert");
    for (const { body, partitionKey, messageId } of outbox.events) {
      const alert = JSON.parse(body) as { id: string; deviceId: string };
      expect(errorsOf(alert)).toEqual([]);
      expect([partitionKey, messageId]).toEqual([alert.deviceId, alert.id]);
    }
    expect(
      errorsOf({ ...(JSON.parse(outbox.events[0]?.body ?? "") as object), severity: "mild" }),
    ).toHaveLength(1);
  });

  it("is, for a changed window, a view change of the contract, keyed by the view's key", async () => {
    const outbox = new Outbox();
    const values = {
      count: 1,
      temperatureSum: 1,
      temperatureMin: 1,
      temperatureMax: 1,
      vibrationSum: 1,
      vibrationMax: 1,
      pressureSum: 1,
      powerKwSum: 1,
      unitsSum: 1,
      defectsSum: 1,
    };
    await fanOutViewChanges(viewChangeChannel(outbox))([
      {
        id: "line~fab-01~line-01~1m~1767600060",
        partitionKey: "factory-aggregates~v1~fab-01~line-01",
        job: "factory-aggregates",
        version: "v1",
        grain: "line",
        key: "fab-01~line-01",
        window: "1m",
        windowStart: "2026-01-05T08:00:00.0000000Z",
        windowEnd: "2026-01-05T08:01:00.0000000Z",
        ...values,
        _etag: '"1"',
      },
    ]);
    const [event] = outbox.events;
    expect(event?.partitionKey).toBe("fab-01~line-01");
    const errorsOf = checkerOf("view-change");
    expect(errorsOf(JSON.parse(event?.body ?? ""))).toEqual([]);
    expect(errorsOf({ ...JSON.parse(event?.body ?? ""), windowEnd: "soon" })).toHaveLength(1);
  });
});
