import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InvocationRequest } from "../../../../local/functions-host/rpc";
import { fakeApp, HostFixture, hubFunction, MemoryLog, textsOf, until } from "./support";

describe("an Event Hub trigger", () => {
  let fixture: HostFixture;
  beforeEach(() => {
    fixture = new HostFixture();
  });
  afterEach(() => fixture.clean());

  const checkpoint = () => {
    const path = join(fixture.dataFolder, "checkpoints", "onEvents~hub~group.json");
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, string>) : undefined;
  };
  const deadLetters = () => {
    const path = join(fixture.dataFolder, "dead-letters.ndjson");
    return existsSync(path)
      ? readFileSync(path, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Record<string, string>)
      : [];
  };

  it("hands every event over once, each partition in order, in batches of the configured size", async () => {
    const log = new MemoryLog(2);
    await log.say(
      Array.from({ length: 25 }, (_, index) => `a${index}`),
      0,
    );
    await log.say(["b0", "b1"], 1);
    const sizes: number[] = [];
    const seen: string[] = [];
    const app = fakeApp([hubFunction()], (request) => {
      sizes.push(textsOf(request).length);
      seen.push(...textsOf(request));
      return undefined;
    });
    await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => seen.length === 27, "all events are seen");
    expect(seen.filter((text) => text.startsWith("a"))).toEqual(
      Array.from({ length: 25 }, (_, index) => `a${index}`),
    );
    expect(seen.filter((text) => text.startsWith("b"))).toEqual(["b0", "b1"]);
    expect(Math.max(...sizes)).toBe(10);
  });

  it("describes a batch as the service's host does", async () => {
    const log = new MemoryLog();
    await log.append("hub", [
      {
        body: Uint8Array.of(0x7b, 0xff),
        messageId: "m-1",
        partitionKey: "d1",
        properties: { a: 1, big: 2n as never },
        annotations: { "iothub-connection-device-id": "d1" },
      },
    ]);
    let request: InvocationRequest | undefined;
    const app = fakeApp([hubFunction({ dataType: "binary" })], (one) => {
      request = one;
      return undefined;
    });
    await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => request !== undefined, "the batch arrives");
    expect(request?.inputData).toEqual([
      { name: "messages", data: { collectionBytes: { bytes: [Uint8Array.of(0x7b, 0xff)] } } },
    ]);
    const metadata = Object.fromEntries(
      Object.entries(request?.triggerMetadata ?? {}).map(([name, { json, collectionDouble }]) => [
        name,
        json === undefined ? collectionDouble?.double : JSON.parse(json),
      ]),
    );
    expect(metadata).toEqual({
      PartitionContext: { EventHubName: "hub", ConsumerGroup: "group", PartitionId: "0" },
      SequenceNumberArray: [0],
      OffsetArray: ["0"],
      EnqueuedTimeUtcArray: ["2026-01-05T08:00:00.000Z"],
      PartitionKeyArray: ["d1"],
      PropertiesArray: [{ a: 1, big: 2 }],
      SystemPropertiesArray: [
        {
          "iothub-connection-device-id": "d1",
          "x-opt-sequence-number": 0,
          "x-opt-offset": "0",
          "x-opt-enqueued-time": "2026-01-05T08:00:00.000Z",
          "x-opt-partition-key": "d1",
          "message-id": "m-1",
        },
      ],
    });
  });

  it("invokes a function of cardinality one event by event", async () => {
    const log = new MemoryLog();
    await log.say(["a", "b"]);
    const seen: string[][] = [];
    const app = fakeApp([hubFunction({ cardinality: "one" })], (request) => {
      seen.push(textsOf(request));
      return undefined;
    });
    await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => seen.length === 2, "both are seen");
    expect(seen).toEqual([["a"], ["b"]]);
  });

  it("stores a position only after the handler succeeded", async () => {
    const log = new MemoryLog();
    await log.say(["a", "b"]);
    let finish = () => {};
    const started = jest.fn();
    const app = fakeApp([hubFunction()], async () => {
      started();
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return {};
    });
    const host = await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => started.mock.calls.length === 1, "the handler runs");
    expect(checkpoint()).toBeUndefined();
    finish();
    await until(() => checkpoint() !== undefined, "the checkpoint is written");
    expect(checkpoint()).toEqual({ 0: "2" });
    await fixture.stop(host);
  });

  it("goes on where it stopped, and repeats what was not stored", async () => {
    const log = new MemoryLog();
    await log.say(["a", "b"]);
    const seen: string[] = [];
    const app = fakeApp([hubFunction()], (request) => {
      seen.push(...textsOf(request));
      return undefined;
    });
    const first = await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => seen.length === 2, "the first two are seen");
    await fixture.stop(first);
    await log.say(["c"]);
    const second = await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => seen.length === 3, "the third is seen");
    expect(seen).toEqual(["a", "b", "c"]);
    await fixture.stop(second);

    writeFileSync(join(fixture.dataFolder, "checkpoints", "onEvents~hub~group.json"), '{"0":"1"}');
    await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => seen.length === 5, "the last two are seen again");
    expect(seen).toEqual(["a", "b", "c", "b", "c"]);
  });

  it("begins at the end when host.json says so", async () => {
    const log = new MemoryLog();
    await log.say(["old"]);
    const seen: string[] = [];
    const app = fakeApp([hubFunction()], (request) => {
      seen.push(...textsOf(request));
      return undefined;
    });
    const read = jest.spyOn(log, "read");
    await fixture.start(app, {
      reader: { kind: "log", client: log },
      config: { routePrefix: "api", eventHubs: { maxEventBatchSize: 10, initialOffset: "fromEnd" } },
    });
    await until(
      () => read.mock.calls.some(([{ fromSequence }]) => fromSequence === 1n),
      "it reads at the end",
    );
    await log.say(["new"]);
    await until(() => seen.length > 0, "an event is seen");
    expect(seen).toEqual(["new"]);
  });

  it("repeats a batch under the function's policy and tells it so", async () => {
    const log = new MemoryLog();
    await log.say(["a"]);
    const contexts: unknown[] = [];
    const app = fakeApp(
      [hubFunction({}, { retryStrategy: "fixedDelay", maxRetryCount: 3, delayInterval: { seconds: 0 } })],
      (request) => {
        contexts.push(request.retryContext);
        if (contexts.length < 3) throw new Error(`failure ${contexts.length}`);
        return undefined;
      },
    );
    const host = await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => contexts.length === 3, "the third attempt");
    expect(contexts).toEqual([
      undefined,
      {
        retryCount: 1,
        maxRetryCount: 3,
        exception: { message: "failure 1", stackTrace: expect.stringContaining("failure 1") },
      },
      { retryCount: 2, maxRetryCount: 3, exception: expect.objectContaining({ message: "failure 2" }) },
    ]);
    await fixture.stop(host);
    expect(deadLetters()).toEqual([]);
    expect(checkpoint()).toEqual({ 0: "1" });
    expect(host.stats().counters).toMatchObject({
      "onEvents.invocations": 3,
      "onEvents.events": 1,
      "onEvents.errors": 2,
      "onEvents.retries": 2,
      "onEvents.deadLetters": 0,
    });
  });

  it("lets the good events of a poisoned batch through and keeps each bad one", async () => {
    const log = new MemoryLog();
    await log.say(["a", "bad1", "b", "c", "bad2", "d"]);
    await log.append("hub", [{ body: Uint8Array.of(0xff, 0x00) }]);
    await log.say(["e"]);
    const done = new Set<string>();
    const app = fakeApp(
      [hubFunction({ dataType: "binary" }, { retryStrategy: "fixedDelay", maxRetryCount: 1 })],
      (request) => {
        const bodies = request.inputData[0]?.data.collectionBytes?.bytes ?? [];
        if (bodies.some((body) => body[0] === 0xff)) throw new Error("no text");
        const texts = textsOf(request);
        const bad = texts.find((text) => text.startsWith("bad"));
        if (bad !== undefined) throw new Error(`cannot handle ${bad}`);
        for (const text of texts) done.add(text);
        return undefined;
      },
    );
    const host = await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => checkpoint()?.["0"] === "8", "the batch is handled");
    expect([...done].toSorted()).toEqual(["a", "b", "c", "d", "e"]);
    expect(deadLetters().map(({ sequence, body, bodyEncoding }) => [sequence, body, bodyEncoding])).toEqual([
      ["1", "bad1", "utf8"],
      ["4", "bad2", "utf8"],
      ["6", "/wA=", "base64"],
    ]);
    expect(deadLetters()[0]).toMatchObject({
      function: "onEvents",
      source: "hub/0",
      error: expect.stringContaining("cannot handle bad1"),
    });
    expect(host.stats().counters["onEvents.deadLetters"]).toBe(3);
  });

  it("stops in the middle of endless retries, and gives the batch to the next start", async () => {
    const log = new MemoryLog();
    await log.say(["a"]);
    const failing = jest.fn(() => {
      throw new Error("down");
    });
    const metadata = hubFunction(
      {},
      { retryStrategy: "exponentialBackoff", maxRetryCount: -1, minimumInterval: { seconds: 60 } },
    );
    const host = await fixture.start(fakeApp([metadata], failing), { reader: { kind: "log", client: log } });
    await until(() => failing.mock.calls.length === 1, "the handler fails");
    await fixture.stop(host);
    expect(checkpoint()).toBeUndefined();
    expect(deadLetters()).toEqual([]);
    const seen: string[] = [];
    await fixture.start(
      fakeApp([metadata], (request) => {
        seen.push(...textsOf(request));
        return undefined;
      }),
      { reader: { kind: "log", client: log } },
    );
    await until(() => seen.length === 1, "the event is seen");
  });

  it("counts an output that cannot be written as a failure", async () => {
    const log = new MemoryLog();
    await log.say(["a"]);
    const metadata = hubFunction({}, { retryStrategy: "fixedDelay", maxRetryCount: 1 });
    const app = fakeApp(
      [
        {
          ...metadata,
          bindings: {
            ...metadata.bindings,
            $return: {
              type: "cosmosDB",
              direction: "out",
              connection: "Missing",
              databaseName: "d",
              containerName: "c",
            },
          },
        },
      ],
      () => ({ returnValue: { json: "{}" } }),
    );
    await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => deadLetters().length === 1, "the event is a dead letter");
    expect(deadLetters()[0]?.["error"]).toContain("the connection setting Missing is not set");
  });

  it("waits for a broker that does not answer, and stops while it waits", async () => {
    const log = new MemoryLog();
    log.failures.push(new Error("away"), new Error("away"));
    await log.say(["a"]);
    const seen: string[] = [];
    const app = fakeApp([hubFunction()], (request) => {
      seen.push(...textsOf(request));
      return undefined;
    });
    const host = await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => seen.length === 1, "the event is seen");
    expect(fixture.logs.filter((line) => line.startsWith("warn cannot read hub/0"))).toHaveLength(1);
    expect(fixture.logs.some((line) => line.includes("the broker answers again"))).toBe(true);
    log.read = () => new Promise(() => {});
    await log.say(["b"]);
    await fixture.stop(host);
  });

  it("reports latency and durations since the last report", async () => {
    const log = new MemoryLog();
    await log.say(["a", "b"]);
    const seen: string[] = [];
    const app = fakeApp([hubFunction()], (request) => {
      seen.push(...textsOf(request));
      return undefined;
    });
    const host = await fixture.start(app, { reader: { kind: "log", client: log } });
    await until(() => checkpoint() !== undefined, "the batch is handled");
    const { latenciesMs } = host.stats();
    expect(latenciesMs?.["onEvents.latency"]).toHaveLength(2);
    expect(latenciesMs?.["onEvents.duration"]?.length).toBeGreaterThan(0);
    expect(host.stats().latenciesMs?.["onEvents.latency"]).toBeUndefined();
  });
});
