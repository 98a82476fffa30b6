import { refusalOf } from "../../../functions/src/domain/quarantine";
import {
  type QuarantineStore,
  replayQuarantined,
  type StoredQuarantine,
} from "../../../functions/src/domain/replay";
import { message, reading } from "../support";

class MemoryQuarantine implements QuarantineStore {
  readonly documents = new Map<string, StoredQuarantine>();
  #version = 0;

  put(document: StoredQuarantine["message"]): StoredQuarantine {
    const stored = { message: document, etag: `v${++this.#version}` };
    this.documents.set(document.id, stored);
    return stored;
  }

  async find(source: string, id: string) {
    const stored = this.documents.get(id);
    return stored?.message.source === source ? stored : undefined;
  }

  async mark(
    { message: document, etag }: StoredQuarantine,
    replay: NonNullable<StoredQuarantine["message"]["replay"]>,
  ) {
    return this.documents.get(document.id)?.etag === etag ? this.put({ ...document, replay }) : undefined;
  }
}

const good = JSON.stringify(reading({ deviceId: "press-0007" }));
const bad = JSON.stringify(reading({ temperature: 1e9 }));

describe("replayQuarantined", () => {
  const setUp = (body: string | Uint8Array = bad) => {
    const store = new MemoryQuarantine();
    const document = refusalOf(message(body, { messageId: "m-1" }));
    if (document === undefined) throw new Error("the message is valid");
    store.put(document);
    const sent: { body: string; partitionKey: string; messageId: string }[] = [];
    const sender = { send: async (event: (typeof sent)[number]) => void sent.push(event) };
    const replay = replayQuarantined(store, sender, () => "now");
    const request = (correctedBody?: string, id = "m-1") =>
      replay({ source: "telemetry", id, correctedBody });
    return { store, sent, sender, request };
  };

  it("sends the corrected message by its device and marks the document", async () => {
    const { store, sent, request } = setUp();
    expect(await request(good)).toEqual({
      id: "m-1",
      source: "telemetry",
      sentNow: true,
      replay: { state: "sent", messageId: "replay~m-1", body: good, at: "now" },
    });
    expect(sent).toEqual([{ body: good, partitionKey: "press-0007", messageId: "replay~m-1" }]);
    expect(store.documents.get("m-1")?.message).toMatchObject({ body: bad, replay: { state: "sent" } });
  });

  it("sends once, however often it is asked, with or without the body", async () => {
    const { sent, request } = setUp();
    await request(good);
    expect(await request(good)).toMatchObject({ sentNow: false, replay: { state: "sent" } });
    expect(await request()).toMatchObject({ sentNow: false });
    expect(sent).toHaveLength(1);
  });

  it("refuses another body than the one it sent", async () => {
    const { request } = setUp();
    await request(good);
    await expect(request(good.replace("press-0007", "press-0008"))).rejects.toMatchObject({
      code: "replay-conflict",
    });
  });

  it("sends the same message under the same id after it died between sending and marking", async () => {
    const { store, sent, request } = setUp();
    const mark = store.mark.bind(store);
    store.mark = (stored, replay) =>
      replay.state === "sent" ? Promise.reject(new Error("died")) : mark(stored, replay);
    await expect(request(good)).rejects.toThrow("died");
    store.mark = mark;
    await expect(request(good.replace("press-0007", "press-0008"))).rejects.toMatchObject({
      code: "replay-conflict",
    });
    expect(await request()).toMatchObject({ sentNow: true });
    expect(sent).toEqual([sent[0], sent[0]]);
  });

  it("lets one of two corrections that come at once win", async () => {
    const { sent, request } = setUp();
    const other = good.replace("press-0007", "press-0008");
    const outcomes = await Promise.allSettled([request(good), request(other)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
  });

  it.each([
    ["no correction", undefined, "RANGE"],
    ["a correction that is wrong too", "{}", "MISSING"],
  ])("sends nothing with %s", async (_, body, reason) => {
    const { store, sent, request } = setUp();
    await expect(request(body)).rejects.toMatchObject({ code: "still-invalid", extension: { reason } });
    expect(sent).toEqual([]);
    expect(store.documents.get("m-1")?.message.replay).toBeUndefined();
  });

  it("asks for a correction of a message that is no text", async () => {
    const { request } = setUp(Uint8Array.of(0xff));
    await expect(request()).rejects.toMatchObject({ code: "still-invalid" });
    expect(await request(good)).toMatchObject({ sentNow: true });
  });

  it("knows no other message", async () => {
    const { request } = setUp();
    await expect(request(good, "m-2")).rejects.toMatchObject({ code: "unknown-message" });
  });
});
