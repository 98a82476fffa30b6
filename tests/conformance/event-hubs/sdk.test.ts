import { randomUUID } from "node:crypto";
import {
  type EventData,
  EventHubBufferedProducerClient,
  EventHubConsumerClient,
  EventHubProducerClient,
  type EventPosition,
  earliestEventPosition,
  latestEventPosition,
  type PartitionContext,
  type ReceivedEventData,
} from "@azure/event-hubs";
import { partitionOfKey } from "../../../local/event-hubs";
import { impatient, openTarget, type Target } from "./target";

let target: Target;
let producer: EventHubProducerClient;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  target = await openTarget();
  producer = new EventHubProducerClient(target.connectionString, target.hub, impatient);
});

afterEach(async () => {
  for (const client of opened.splice(0)) await client.close();
});

afterAll(async () => {
  await producer.close();
  await target.close();
});

function consumer(group = target.group, connectionString = target.connectionString): EventHubConsumerClient {
  const client = new EventHubConsumerClient(group, connectionString, target.hub, impatient);
  opened.push(client);
  return client;
}

/** Reads a partition from a position until `enough` says so. */
async function receive(
  partition: string,
  startPosition: EventPosition,
  enough: (events: readonly ReceivedEventData[]) => boolean,
  options: { readonly ownerLevel?: number; readonly trackLastEnqueuedEventProperties?: boolean } = {},
): Promise<{ readonly events: ReceivedEventData[]; readonly context: PartitionContext }> {
  const events: ReceivedEventData[] = [];
  const client = consumer();
  const context = await new Promise<PartitionContext>((resolve, reject) => {
    client.subscribe(
      partition,
      {
        processEvents: async (batch, context) => {
          events.push(...batch);
          if (enough(events)) resolve(context);
        },
        processError: async (error) => reject(error),
      },
      { startPosition, maxBatchSize: 500, maxWaitTimeInSeconds: 1, ...options },
    );
  });
  await client.close();
  return { events, context };
}

/** The error that a reader of the partition ends with. */
function refusal(
  client: EventHubConsumerClient,
  partition: string,
  options: { readonly startPosition?: EventPosition; readonly ownerLevel?: number } = {},
): Promise<Error & { readonly code?: string }> {
  return new Promise((resolve) => {
    client.subscribe(
      partition,
      { processEvents: async () => {}, processError: async (error) => resolve(error) },
      { startPosition: latestEventPosition, maxWaitTimeInSeconds: 1, ...options },
    );
  });
}

async function endOf(partition: string): Promise<EventPosition> {
  const { lastEnqueuedSequenceNumber } = await producer.getPartitionProperties(partition);
  return { sequenceNumber: lastEnqueuedSequenceNumber, isInclusive: false } as EventPosition;
}

const withRun = (run: string, n: number): EventData => ({ body: { run, n }, messageId: `${run}-${n}` });

describe("@azure/event-hubs against the namespace", () => {
  it("describes the hub and an empty partition", async () => {
    const properties = await producer.getEventHubProperties();
    expect(properties.name).toBe(target.hub);
    expect(properties.partitionIds).toEqual(["0", "1", "2", "3"]);
    expect(properties.createdOn).toBeInstanceOf(Date);
    if (!target.remote) {
      expect(await producer.getPartitionProperties("3")).toMatchObject({
        partitionId: "3",
        beginningSequenceNumber: 0,
        lastEnqueuedSequenceNumber: -1,
        lastEnqueuedOffset: "-1",
        isEmpty: true,
      });
    }
  });

  it("keeps body, properties, ids and order of a batch to one partition", async () => {
    const run = randomUUID();
    const from = await endOf("0");
    const batch = await producer.createBatch({ partitionId: "0" });
    for (let n = 0; n < 250; n++) {
      expect(
        batch.tryAdd({
          body: { run, n },
          messageId: `${run}-${n}`,
          correlationId: "c",
          contentType: "application/json",
          properties: { text: "ä", number: 7, flag: true },
        }),
      ).toBe(true);
    }
    await producer.sendBatch(batch);
    const { events } = await receive("0", from, (got) => got.length >= 250);
    expect(events).toHaveLength(250);
    events.forEach((event, n) => {
      expect(event.body).toEqual({ run, n });
      expect(event.messageId).toBe(`${run}-${n}`);
      expect(event.correlationId).toBe("c");
      expect(event.contentType).toBe("application/json");
      expect(event.properties).toEqual({ text: "ä", number: 7, flag: true });
      expect(event.enqueuedTimeUtc).toBeInstanceOf(Date);
      expect(event.sequenceNumber).toBe((events[0] as ReceivedEventData).sequenceNumber + n);
    });
    const offsets = events.map((event) => BigInt(event.offset));
    expect(offsets).toEqual([...offsets].sort((a, b) => (a < b ? -1 : 1)));
  });

  it.each([
    ["bytes", Buffer.from([0, 1, 2, 255])],
    ["text", "plain text"],
    ["null", null],
    ["number", 12.5],
    ["list", [1, "two", { three: 3 }]],
  ])("keeps a body of kind %s", async (_, body) => {
    const from = await endOf("1");
    await producer.sendBatch([{ body }], { partitionId: "1" });
    const { events } = await receive("1", from, (got) => got.length >= 1);
    expect(events[0]?.body).toEqual(body);
  });

  it("puts events of one key into the partition that the key hashes to", async () => {
    for (const key of ["device-1", "device-2", "a", "", "a key of more than twelve bytes", "ключ"]) {
      if (key === "") continue;
      const partition = String(partitionOfKey(key, target.partitions));
      const from = await endOf(partition);
      await producer.sendBatch([{ body: key }], { partitionKey: key });
      const { events } = await receive(partition, from, (got) => got.length >= 1);
      expect(events[0]).toMatchObject({ body: key, partitionKey: key });
    }
  });

  it("spreads batches without key or partition over all partitions", async () => {
    const before = await Promise.all(["0", "1", "2", "3"].map((id) => producer.getPartitionProperties(id)));
    for (let n = 0; n < target.partitions * 2; n++) await producer.sendBatch([{ body: n }]);
    const after = await Promise.all(["0", "1", "2", "3"].map((id) => producer.getPartitionProperties(id)));
    const grown = after.map(
      (now, i) => now.lastEnqueuedSequenceNumber - (before[i]?.lastEnqueuedSequenceNumber ?? 0),
    );
    expect(grown.reduce((sum, n) => sum + n, 0)).toBe(8);
    expect(grown.filter((n) => n > 0).length).toBe(4);
  });

  it("starts a reader behind, or at, each kind of position", async () => {
    const run = randomUUID();
    const from = await endOf("2");
    await producer.sendBatch(
      [0, 1, 2].map((n) => withRun(run, n)),
      { partitionId: "2" },
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    await producer.sendBatch(
      [3, 4].map((n) => withRun(run, n)),
      { partitionId: "2" },
    );
    const { events } = await receive("2", from, (got) => got.length >= 5);
    const third = events[2] as ReceivedEventData;
    const last = (got: readonly ReceivedEventData[]) => got.at(-1)?.body.n === 4;
    const numbers = async (position: EventPosition) =>
      (await receive("2", position, last)).events
        .filter((event) => event.body.run === run)
        .map((event) => event.body.n);
    expect(await numbers({ offset: third.offset })).toEqual([3, 4]);
    expect(await numbers({ offset: third.offset, isInclusive: true })).toEqual([2, 3, 4]);
    expect(await numbers({ sequenceNumber: third.sequenceNumber })).toEqual([3, 4]);
    expect(await numbers({ sequenceNumber: third.sequenceNumber, isInclusive: true })).toEqual([2, 3, 4]);
    expect(await numbers({ enqueuedOn: third.enqueuedTimeUtc })).toEqual([3, 4]);
    expect(await numbers(earliestEventPosition)).toEqual([0, 1, 2, 3, 4]);
  });

  it("gives a reader at the latest position only what comes after it", async () => {
    await producer.sendBatch([{ body: "before" }], { partitionId: "1" });
    const client = consumer();
    const got = new Promise<ReceivedEventData>((resolve, reject) => {
      client.subscribe(
        "1",
        {
          processEvents: async ([event]) => {
            if (event !== undefined) resolve(event);
            else await producer.sendBatch([{ body: "after" }], { partitionId: "1" });
          },
          processError: async (error) => reject(error),
        },
        { startPosition: latestEventPosition, maxWaitTimeInSeconds: 1 },
      );
    });
    expect((await got).body).toBe("after");
  });

  it("refuses a sequence number or offset beyond the end", async () => {
    expect(await refusal(consumer(), "0", { startPosition: { sequenceNumber: 99_999_999 } })).toMatchObject({
      message: expect.stringContaining("The supplied sequence number '99999999' is invalid"),
    });
    expect(await refusal(consumer(), "0", { startPosition: { offset: "99999999999999" } })).toMatchObject({
      message: expect.stringContaining("The supplied offset '99999999999999' is invalid"),
    });
  });

  it("reports the end of the log with events when asked", async () => {
    const from = await endOf("3");
    await producer.sendBatch([{ body: 1 }, { body: 2 }], { partitionId: "3" });
    const { context } = await receive("3", from, (got) => got.length >= 2, {
      trackLastEnqueuedEventProperties: true,
    });
    const known = await producer.getPartitionProperties("3");
    expect(context.lastEnqueuedEventProperties).toMatchObject({
      sequenceNumber: known.lastEnqueuedSequenceNumber,
      offset: known.lastEnqueuedOffset,
      enqueuedOn: known.lastEnqueuedOnUtc,
    });
  });

  it("closes a reader when another with a higher owner level comes, and refuses a lower one", async () => {
    const first = consumer();
    const stolen = refusal(first, "0", { ownerLevel: 5 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const second = consumer();
    second.subscribe(
      "0",
      { processEvents: async () => {}, processError: async () => {} },
      { ownerLevel: 6, startPosition: latestEventPosition },
    );
    expect(await stolen).toMatchObject({
      code: "ReceiverDisconnectedError",
      message: expect.stringContaining("New receiver"),
    });
    expect(await refusal(consumer(), "0", { ownerLevel: 4 })).toMatchObject({
      code: "ReceiverDisconnectedError",
    });
    expect(await refusal(consumer(), "0")).toMatchObject({
      message: expect.stringContaining("non-epoch receiver is not allowed"),
    });
  });

  it("refuses the sixth reader without owner level of a partition", async () => {
    for (let n = 0; n < 5; n++) {
      consumer().subscribe(
        "1",
        { processEvents: async () => {}, processError: async () => {} },
        { startPosition: latestEventPosition },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await refusal(consumer(), "1")).toMatchObject({ code: "QuotaExceededError" });
  });

  it("refuses an event above the size limit and goes on with the next", async () => {
    await expect(
      producer.sendBatch([{ body: Buffer.alloc(1_200_000) }], { partitionId: "0" }),
    ).rejects.toMatchObject({
      code: "MessageTooLargeError",
    });
    await producer.sendBatch([{ body: Buffer.alloc(1_000_000, 7) }], { partitionId: "0" });
    const { lastEnqueuedSequenceNumber } = await producer.getPartitionProperties("0");
    const { events } = await receive(
      "0",
      { sequenceNumber: lastEnqueuedSequenceNumber, isInclusive: true },
      (got) => got.length >= 1,
    );
    expect(Buffer.compare(events[0]?.body, Buffer.alloc(1_000_000, 7))).toBe(0);
  });

  it("says which entity does not exist", async () => {
    const client = new EventHubProducerClient(target.connectionString, "no-such-hub", impatient);
    opened.push(client);
    await expect(client.sendBatch([{ body: 1 }])).rejects.toMatchObject({
      code: "MessagingEntityNotFoundError",
    });
    await expect(client.getEventHubProperties()).rejects.toMatchObject({
      code: "MessagingEntityNotFoundError",
    });
    expect(await refusal(consumer("no-such-group"), "0")).toMatchObject({
      code: "MessagingEntityNotFoundError",
    });
  });

  it("says which partitions exist", async () => {
    await expect(producer.sendBatch([{ body: 1 }], { partitionId: "17" })).rejects.toMatchObject({
      code: "ArgumentOutOfRangeError",
      message: expect.stringContaining("It should be between 0 and 3"),
    });
  });

  it("refuses a wrong key", async () => {
    const wrong = target.connectionString.replace(
      /SharedAccessKey=[^;]+/,
      `SharedAccessKey=${Buffer.alloc(32).toString("base64")}`,
    );
    const client = new EventHubProducerClient(wrong, target.hub, impatient);
    opened.push(client);
    await expect(client.sendBatch([{ body: 1 }])).rejects.toMatchObject({
      code: "UnauthorizedError",
      message: expect.stringContaining("InvalidSignature"),
    });
  });

  it("keeps the order and numbers of a buffered idempotent producer", async () => {
    const from = await endOf("2");
    const failures: Error[] = [];
    const buffered = new EventHubBufferedProducerClient(target.connectionString, target.hub, {
      enableIdempotentRetries: true,
      maxWaitTimeInMs: 20,
      onSendEventsErrorHandler: async ({ error }) => {
        failures.push(error);
      },
    });
    for (let n = 0; n < 300; n++) await buffered.enqueueEvent({ body: n }, { partitionId: "2" });
    await buffered.close({ flush: true });
    const { events } = await receive("2", from, (got) => got.length >= 300);
    expect(failures).toEqual([]);
    expect(events.map((event) => event.body)).toEqual(Array.from({ length: 300 }, (_, n) => n));
  });

  it("carries parallel producers and readers of all partitions without loss or copies", async () => {
    const run = randomUUID();
    const from = Object.fromEntries(
      await Promise.all(["0", "1", "2", "3"].map(async (id) => [id, await endOf(id)] as const)),
    );
    const seen: string[] = [];
    const done = new Promise<void>((resolve, reject) => {
      const client = consumer("$Default");
      client.subscribe(
        {
          processEvents: async (events) => {
            for (const event of events) if (event.body.run === run) seen.push(event.messageId as string);
            if (seen.length >= 2000) resolve();
          },
          processError: async (error) => reject(error),
        },
        { startPosition: from, maxBatchSize: 500, maxWaitTimeInSeconds: 1 },
      );
    });
    const sends = Array.from({ length: 40 }, async (_, batchNumber) => {
      const events = Array.from({ length: 50 }, (_, n) => withRun(run, batchNumber * 50 + n));
      await producer.sendBatch(events, { partitionKey: `device-${batchNumber % 13}` });
    });
    await Promise.all(sends);
    await done;
    expect(seen).toHaveLength(2000);
    expect(new Set(seen).size).toBe(2000);
  });
});
