import {
  type QuarantinedMessage,
  quarantineId,
  quarantineRefused,
  refusalOf,
} from "../../../functions/src/domain/quarantine";
import { message, reading, validityTable } from "../support";

describe("quarantineRefused", () => {
  it.each(validityTable)("decides like the contract on $name", async ({ body, reason }) => {
    const kept: QuarantinedMessage[] = [];
    const refused = await quarantineRefused({ keep: async (messages) => void kept.push(...messages) })([
      message(body),
    ]);
    expect(refused).toBe(reason === null ? 0 : 1);
    expect(kept.map((document) => document.reason)).toEqual(reason === null ? [] : [reason]);
    expect(kept.map((document) => document.body)).toEqual(reason === null ? [] : [body]);
  });

  it("does not ask the store when every message is valid", async () => {
    const keep = jest.fn();
    await quarantineRefused({ keep })([message(reading())]);
    expect(keep).not.toHaveBeenCalled();
  });

  it("fails when the store fails, so that the batch is repeated", async () => {
    const keep = () => Promise.reject(new Error("no database"));
    await expect(quarantineRefused({ keep })([message("{")])).rejects.toThrow("no database");
  });
});

describe("refusalOf", () => {
  it("keeps the place, the reason, the field and the text as sent", () => {
    const body = JSON.stringify(reading()).replace("61.5", "1e9");
    expect(refusalOf(message(body, { partition: "3", sequence: 12, messageId: "m-1" }))).toEqual({
      id: "m-1",
      source: "telemetry",
      reason: "RANGE",
      field: "temperature",
      detail: "temperature is outside -60 to 400",
      body,
      bodyEncoding: "utf8",
      hub: "telemetry",
      partition: "3",
      sequence: 12,
      enqueuedTime: "2026-01-05T08:00:01.000Z",
      messageId: "m-1",
    });
  });

  it.each([
    ["bytes that are not UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d)],
    ["a surrogate in UTF-8", Uint8Array.of(0xed, 0xa0, 0x80)],
  ])("writes %s in base64", (_, bytes) => {
    const refusal = refusalOf(message(bytes));
    expect(refusal).toMatchObject({ reason: "MALFORMED", bodyEncoding: "base64" });
    expect(Buffer.from(refusal?.body ?? "", "base64")).toEqual(Buffer.from(bytes));
  });

  it("writes a text in base64 when its escapes would make the document too large", () => {
    const refusal = refusalOf(message(new Uint8Array(1_000_000)));
    expect(refusal?.bodyEncoding).toBe("base64");
    expect(JSON.stringify(refusal).length).toBeLessThan(2_000_000);
    expect(refusalOf(message("x".repeat(1_000_000)))?.bodyEncoding).toBe("utf8");
  });

  it("keeps a byte order mark, which makes a message malformed", () => {
    const refusal = refusalOf(message(`\uFEFF${JSON.stringify(reading())}`));
    expect(refusal).toMatchObject({ reason: "MALFORMED", bodyEncoding: "utf8" });
    expect(refusal?.body.startsWith("\uFEFF")).toBe(true);
  });
});

describe("quarantineId", () => {
  const place = { partition: "2", sequence: 41 };

  it("is the message id, else the position", () => {
    expect(quarantineId({ ...place, messageId: "5d2f" })).toBe("5d2f");
    expect(quarantineId({ ...place, messageId: null })).toBe("2-41");
    expect(quarantineId({ ...place, messageId: "" })).toBe("2-41");
  });

  it.each(["a/b", "a\\b", "a?b", "a#b", "é", "x".repeat(300), "2-41"])(
    "gives %p an id that the database takes and no position has",
    (messageId) => {
      expect(quarantineId({ ...place, messageId })).toMatch(/^x[0-9a-f]{1,1000}$/);
    },
  );
});
