import { createHmac } from "node:crypto";
import { admitProducer } from "../../../../local/event-hubs/broker";
import { readAddress } from "../../../../local/event-hubs/broker/address";
import { readPosition } from "../../../../local/event-hubs/broker/position";
import { checkToken, Grants } from "../../../../local/event-hubs/broker/tokens";
import type { PartitionLog } from "../../../../local/event-hubs/store";

const keys = [{ name: "Root", key: "secret" }];
const nowMs = Date.UTC(2026, 0, 1);

function token(options: { resource?: string; key?: string; name?: string; expiresMs?: number } = {}): string {
  const resource = encodeURIComponent(options.resource ?? "sb://localhost:5672/hub");
  const expiry = Math.floor((options.expiresMs ?? nowMs + 3_600_000) / 1000);
  const signature = createHmac("sha256", options.key ?? "secret")
    .update(`${resource}\n${expiry}`)
    .digest("base64");
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${options.name ?? "Root"}`;
}

describe("checkToken", () => {
  it("grants the resource's path until the token expires", () => {
    expect(checkToken(token(), keys, nowMs)).toEqual({
      path: "hub",
      expiresMs: nowMs + 3_600_000,
      rights: ["Send", "Listen", "Manage"],
    });
  });

  it.each([
    ["a wrong key", token({ key: "other" }), 401, "InvalidSignature: The token has an invalid signature."],
    [
      "an unknown policy",
      token({ name: "Nobody" }),
      401,
      "InvalidSignature: The token has an invalid signature.",
    ],
    ["an expired token", token({ expiresMs: nowMs }), 401, "ExpiredToken: The token is expired."],
    ["another kind of token", "eyJhbGciOi.J9.x", 401, "InvalidToken"],
    ["a token without signature", "SharedAccessSignature sr=a&se=1", 400, "MalformedToken"],
    ["an altered resource", token().replace("hub", "other"), 401, "InvalidSignature"],
    ["an altered expiry", token().replace(/se=\d+/, "se=99999999999"), 401, "InvalidSignature"],
  ])("refuses %s", (_, text, statusCode, description) => {
    expect(checkToken(text, keys, nowMs)).toEqual({
      statusCode,
      description: expect.stringContaining(description),
    });
  });
});

describe("Grants", () => {
  it.each([
    ["hub", "hub", true],
    ["hub", "hub/ConsumerGroups/$Default/Partitions/0", true],
    ["", "anything/at/all", true],
    ["hub", "hub2", false],
    ["hub/partitions/1", "hub", false],
  ])("a token for %j covers %j: %s", (path, wanted, covered) => {
    const grants = new Grants();
    grants.add({ path, expiresMs: nowMs + 1, rights: ["Listen"] });
    expect(grants.allow(wanted, "Listen", nowMs)).toBe(covered);
    expect(grants.allow(wanted, "Send", nowMs)).toBe(false);
    expect(grants.allow(wanted, "Listen", nowMs + 1)).toBe(false);
    expect(grants.expired(wanted, nowMs + 1)).toBe(covered);
  });
});

describe("admitProducer", () => {
  const log = (last: object | undefined) => ({ lastWriter: () => last }) as unknown as PartitionLog;
  const writer = (sequence: number, epoch = 1) => ({ kind: "producer", id: 7n, epoch, sequence }) as const;
  const last = writer(10);

  it.each([
    ["a producer that is new", undefined, writer(5), 5, "append"],
    ["the batch that follows", last, writer(13), 3, "append"],
    ["the same batch again", last, writer(10), 3, "duplicate"],
    ["an older batch again", last, writer(4), 2, "duplicate"],
    ["a higher epoch that starts anew", last, writer(3, 2), 3, "append"],
  ])("decides on %s", (_, known, next, count, admission) => {
    expect(admitProducer(log(known), next, count)).toBe(admission);
  });

  it.each([
    ["a gap", writer(14), 3, "com.microsoft:out-of-order-sequence"],
    ["an overlap", writer(12), 4, "com.microsoft:out-of-order-sequence"],
    ["a lower epoch", writer(11, 0), 1, "com.microsoft:producer-epoch-stolen"],
  ])("refuses %s", (_, next, count, code) => {
    expect(() => admitProducer(log(last), next, count)).toThrow(expect.objectContaining({ code }));
  });
});

describe("readAddress", () => {
  it.each([
    ["$cbs", { kind: "cbs" }],
    ["hub/$management", { kind: "management", hub: "hub" }],
    ["sb://localhost:5672/hub/Partitions/3", { kind: "hub", hub: "hub", partition: 3 }],
    ["hub/consumergroups/g/partitions/0", { kind: "reader", hub: "hub", group: "g", partition: 0 }],
    ["hub/Partitions/x", { kind: "hub", hub: "hub", partition: Number.NaN }],
    ["", undefined],
    ["hub/else/where", undefined],
  ])("reads %j", (address, expected) => {
    expect(readAddress(address)).toEqual(expected);
  });
});

describe("readPosition", () => {
  const filter = (text: string) => new Map([["apache.org:selector-filter:string", text]]);

  it.each([
    ["amqp.annotation.x-opt-offset > '-1'", { kind: "earliest" }],
    ["amqp.annotation.x-opt-offset > '@latest'", { kind: "latest" }],
    ["amqp.annotation.x-opt-offset >= '12'", { kind: "offset", offset: 12, inclusive: true }],
    ["amqp.annotation.x-opt-sequence-number > '7'", { kind: "sequence", sequence: 7, inclusive: false }],
    [
      "amqp.annotation.x-opt-enqueued-time > '99'",
      { kind: "enqueuedTime", enqueuedMs: 99, inclusive: false },
    ],
  ])("reads %j", (text, expected) => {
    expect(readPosition(filter(text))).toEqual(expected);
  });

  it("starts at the beginning without a filter and refuses another one", () => {
    expect(readPosition(new Map())).toEqual({ kind: "earliest" });
    expect(() => readPosition(filter("x-opt-offset LIKE '1%'"))).toThrow("is not supported");
  });
});
