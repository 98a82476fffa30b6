import { InvocationContext } from "@azure/functions";
import type { Alert } from "../../../functions/src/domain/alerts";
import type { QuarantinedMessage } from "../../../functions/src/domain/quarantine";
import { fanOutViewChangesHandler } from "../../../functions/src/triggers/fan-out-view-changes";
import { quarantineTelemetryHandler } from "../../../functions/src/triggers/quarantine-telemetry";
import { routeAlertsHandler } from "../../../functions/src/triggers/route-alerts";
import { messagesOf } from "../../../functions/src/triggers/telemetry-batch";
import { updateDeviceStateHandler } from "../../../functions/src/triggers/update-device-state";
import { reading } from "../support";

const metadata = (count: number) => ({
  partitionContext: { partitionId: "2", eventHubName: "telemetry" },
  sequenceNumberArray: Array.from({ length: count }, (_, index) => 40 + index),
  enqueuedTimeUtcArray: Array.from({ length: count }, () => "2026-01-05T08:00:01"),
  systemPropertiesArray: Array.from({ length: count }, (_, index) => ({ "message-id": `m-${index}` })),
});

const contextOf = (count: number, logs: string[] = []) =>
  new InvocationContext({
    functionName: "f",
    triggerMetadata: metadata(count),
    logHandler: (_level, ...texts) => void logs.push(texts.join(" ")),
  });

const bytes = (body: unknown) => Buffer.from(typeof body === "string" ? body : JSON.stringify(body));

describe("messagesOf", () => {
  it("joins each body with its place", () => {
    const [first, second] = messagesOf("telemetry", [bytes("a"), bytes("b")], metadata(2));
    expect(first).toEqual({
      body: bytes("a"),
      hub: "telemetry",
      partition: "2",
      sequence: 40,
      enqueuedTime: "2026-01-05T08:00:01Z",
      messageId: "m-0",
    });
    expect(second).toMatchObject({ sequence: 41, messageId: "m-1" });
  });

  it("has no message id where the host has none", () => {
    const bare = { ...metadata(1), systemPropertiesArray: undefined };
    expect(messagesOf("telemetry", [bytes("a")], bare)[0]?.messageId).toBeNull();
  });

  it.each([
    [{ ...metadata(1), partitionContext: undefined }, "did not name the partition"],
    [{ ...metadata(1), sequenceNumberArray: [] }, "gave event 0 of partition 2 no position"],
    [undefined, "did not name the partition"],
  ])("refuses a batch without places", (broken, text) => {
    expect(() => messagesOf("telemetry", [bytes("a")], broken)).toThrow(text);
  });
});

describe("quarantineTelemetryHandler", () => {
  it("keeps what is refused and says how much", async () => {
    const kept: QuarantinedMessage[] = [];
    const logs: string[] = [];
    const handler = quarantineTelemetryHandler({ keep: async (messages) => void kept.push(...messages) });
    await handler([bytes(reading()), bytes("{")], contextOf(2, logs));
    expect(kept).toEqual([expect.objectContaining({ id: "m-1", partition: "2", sequence: 41, body: "{" })]);
    expect(logs).toEqual(["refused 1 of 2 messages"]);
  });

  it("fails the invocation when nothing could be kept", async () => {
    const handler = quarantineTelemetryHandler({ keep: () => Promise.reject(new Error("down")) });
    await expect(handler([bytes("{")], contextOf(1))).rejects.toThrow("down");
  });
});

describe("updateDeviceStateHandler", () => {
  it("stores the latest reading", async () => {
    const write = jest.fn(async (writes: readonly unknown[]) => writes.map(() => "etag"));
    await updateDeviceStateHandler({ read: async () => new Map(), write })([bytes(reading())], contextOf(1));
    expect(write).toHaveBeenCalledWith([
      { etag: undefined, state: expect.objectContaining({ id: "press-0001", temperature: 61.5 }) },
    ]);
  });
});

describe("routeAlertsHandler", () => {
  it("applies the rules of the contract", async () => {
    const sent: Alert[] = [];
    const handler = routeAlertsHandler(
      { known: async () => new Set<string>(), keep: async () => {} },
      { send: async (alerts) => void sent.push(...alerts) },
    );
    await handler([bytes(reading({ temperature: 130 })), bytes(reading())], contextOf(2));
    expect(sent.map(({ ruleId }) => ruleId)).toEqual(["temperature-high", "temperature-critical"]);
  });
});

describe("fanOutViewChangesHandler", () => {
  it("passes rows on without the database's own fields, each under an id of its own version", async () => {
    const send = jest.fn(async () => {});
    const row = {
      id: "device~d1~1m~1767600060",
      partitionKey: "j~v1~d1",
      job: "j",
      version: "v1",
      grain: "device",
      key: "d1",
      window: "1m",
      windowStart: "2026-01-05T08:00:00.0000000Z",
      windowEnd: "2026-01-05T08:01:00.0000000Z",
      asOf: "2026-01-05T08:01:11.0000000Z",
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
    await fanOutViewChangesHandler({ send })(
      [{ ...row, _etag: '"e1"', _ts: 1, _rid: "r", _self: "s" } as typeof row],
      new InvocationContext(),
    );
    expect(send).toHaveBeenCalledWith([{ ...row, changeId: "j~v1~d1~device~d1~1m~1767600060~e1" }]);
  });
});
