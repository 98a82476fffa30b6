import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AmqpWriter, codes, described, transferHeaderBytes } from "../../../../local/event-hubs/amqp";
import {
  cutMessage,
  decodeMessage,
  type MessageParts,
  storedLength,
} from "../../../../local/event-hubs/message";
import { PartitionLog, recoverLog, SegmentCache } from "../../../../local/event-hubs/store";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "log-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function message(text: string): MessageParts {
  return cutMessage(new AmqpWriter().write(described(codes.data, Buffer.from(text))).bytes());
}

async function open(segmentBytes = 4096, cacheBytes = 8192): Promise<PartitionLog> {
  const recovered = await recoverLog(folder, segmentBytes);
  return new PartitionLog({ folder, segmentBytes, cache: new SegmentCache(cacheBytes), ...recovered });
}

async function bodies(log: PartitionLog, from = 0): Promise<string[]> {
  const found: string[] = [];
  let next = from;
  for (;;) {
    const run = await log.read(next, 3, 1_000_000);
    if (run === undefined) return found;
    let sequence = Math.max(next, log.beginSequence);
    expect(run.firstSequence).toBe(sequence);
    for (let at = run.start; at < run.end; at += storedLength(run.buffer, at)) {
      const decoded = decodeMessage(run.buffer, at + transferHeaderBytes, at + storedLength(run.buffer, at));
      expect(decoded.annotations.get("x-opt-sequence-number")).toBe(sequence++);
      found.push(decoded.body.toString());
    }
    next = run.firstSequence + run.count;
  }
}

const texts = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `event ${from + i}`);

describe("PartitionLog", () => {
  it("returns events in order over many segments, also those that left the memory", async () => {
    const log = await open();
    for (let n = 0; n < 200; n += 4) await log.append(texts(n, n + 4).map(message), 1000 + n);
    expect(readdirSync(folder).length).toBeGreaterThan(3);
    expect(await bodies(log)).toEqual(texts(0, 200));
    expect(await bodies(log, 137)).toEqual(texts(137, 200));
    await log.close();
  });

  it("keeps sequence numbers, offsets and events over a restart", async () => {
    let log = await open();
    for (let n = 0; n < 50; n++) await log.append([message(`event ${n}`)], 1000 + n);
    const before = log.state;
    await log.close();
    log = await open();
    expect(log.state).toEqual(before);
    expect(log.lastEnqueuedMs).toBe(1049);
    await log.append([message("event 50")], 2000);
    expect(await bodies(log)).toEqual(texts(0, 51));
    expect(Number(log.state.last?.offset)).toBeGreaterThan(Number(before.last?.offset));
    await log.close();
  });

  it("acknowledges appends that overlap in the order of their sequence numbers", async () => {
    const log = await open();
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const { firstSequence } = await log.append([message(`event ${n}`)], 5);
        order.push(firstSequence);
      }),
    );
    expect(order).toEqual(Array.from({ length: 60 }, (_, n) => n));
    expect(await bodies(log)).toEqual(texts(0, 60));
    await log.close();
  });

  it.each([
    ["cut in the middle of a group", (bytes: Buffer) => bytes.subarray(0, bytes.length - 7)],
    ["cut in a group's header", (bytes: Buffer, end: number) => bytes.subarray(0, end + 20)],
    [
      "followed by garbage",
      (bytes: Buffer, end: number) => Buffer.concat([bytes.subarray(0, end), Buffer.alloc(300, 0xa5)]),
    ],
    [
      "damaged in the last group",
      (bytes: Buffer) => {
        const damaged = Buffer.from(bytes);
        damaged[damaged.length - 5] = (damaged[damaged.length - 5] as number) ^ 1;
        return damaged;
      },
    ],
  ])("drops a torn end that is %s and appends behind the rest", async (_, tear) => {
    let log = await open(65_536);
    await log.append(texts(0, 10).map(message), 1);
    const [file = ""] = readdirSync(folder);
    const end = statSync(join(folder, file)).size;
    await log.append(texts(10, 20).map(message), 2);
    await log.close();
    writeFileSync(join(folder, file), tear(readFileSync(join(folder, file)), end));
    const recovered = await recoverLog(folder, 65_536);
    expect(recovered.cutBytes).toBeGreaterThan(0);
    log = new PartitionLog({ folder, segmentBytes: 65_536, cache: new SegmentCache(0), ...recovered });
    expect(await bodies(log)).toEqual(texts(0, 10));
    await log.append([message("event 10")], 3);
    expect(await bodies(log)).toEqual(texts(0, 11));
    await log.close();
    log = await open(65_536);
    expect(await bodies(log)).toEqual(texts(0, 11));
    await log.close();
  });

  it("drops a segment that was only begun", async () => {
    let log = await open();
    for (let n = 0; n < 30; n++) await log.append([message(`event ${n}`)], 1);
    await log.close();
    writeFileSync(join(folder, "00000000000000000030.log"), Buffer.from("EHLOG0"));
    log = await open();
    expect(await bodies(log)).toEqual(texts(0, 30));
    await log.append([message("event 30")], 2);
    expect(await bodies(log)).toEqual(texts(0, 31));
    await log.close();
  });

  it("names a sealed segment that fails its checksum", async () => {
    let log = await open();
    for (let n = 0; n < 100; n++) await log.append([message(`event ${n}`)], 1);
    await log.close();
    const file = join(folder, readdirSync(folder).sort()[0] as string);
    const bytes = readFileSync(file);
    bytes[200] = (bytes[200] as number) ^ 0xff;
    writeFileSync(file, bytes);
    log = await open();
    await expect(bodies(log)).rejects.toMatchObject({ code: "com.microsoft:log-damaged" });
    await log.close();
  });

  it("refuses appends that the disk does not take, keeps the rest, and goes on when there is room again", async () => {
    const log = await open(65_536);
    await log.append(texts(0, 3).map(message), 1);
    const internals = await import("node:fs/promises");
    const handle = await internals.open(join(folder, "probe"), "w");
    const prototype = Object.getPrototypeOf(handle) as { write: (...args: unknown[]) => Promise<unknown> };
    const write = prototype.write;
    await handle.close();
    rmSync(join(folder, "probe"));
    prototype.write = async () => {
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    };
    const writer = { kind: "client", id: 9n, epoch: 0, sequence: 1 } as const;
    try {
      const refused = await Promise.allSettled([
        log.append([message("lost 1")], 2, writer),
        log.append([message("lost 2")], 2),
      ]);
      for (const result of refused) {
        expect(result).toMatchObject({ reason: { code: "amqp:resource-limit-exceeded" } });
      }
      expect(log.lastWriter("client", 9n)).toBeUndefined();
      expect(await bodies(log)).toEqual(texts(0, 3));
    } finally {
      prototype.write = write;
    }
    await log.append([message("event 3")], 3);
    expect(await bodies(log)).toEqual(texts(0, 4));
    await log.close();
    const again = await open(65_536);
    expect(await bodies(again)).toEqual(texts(0, 4));
    await again.close();
  });

  it("remembers its writers over segments and restarts", async () => {
    let log = await open();
    for (let n = 1; n <= 60; n++) {
      await log.append([message(`event ${n}`)], n, {
        kind: "producer",
        id: BigInt(n % 3),
        epoch: 1,
        sequence: n,
      });
    }
    await log.close();
    log = await open();
    expect(log.lastWriter("producer", 0n)).toMatchObject({ sequence: 60, epoch: 1 });
    expect(log.lastWriter("producer", 1n)).toMatchObject({ sequence: 58 });
    expect(log.lastWriter("client", 1n)).toBeUndefined();
    await log.close();
  });

  it("finds the first event behind an offset or a time, against a scan of all", async () => {
    const log = await open();
    for (let n = 0; n < 40; n++)
      await log.append(texts(n * 3, n * 3 + 3).map(message), 1000 + 10 * Math.floor(n / 2));
    const offsets: number[] = [];
    const times: number[] = [];
    for (let next = 0; ; ) {
      const run = await log.read(next, 1, 1);
      if (run === undefined) break;
      offsets.push(
        Number(
          decodeMessage(run.buffer, run.start + transferHeaderBytes, run.end).annotations.get("x-opt-offset"),
        ),
      );
      times.push(run.enqueuedMs);
      next++;
    }
    const firstIndex = (values: number[], test: (value: number) => boolean) => {
      const index = values.findIndex(test);
      return index < 0 ? values.length : index;
    };
    for (const inclusive of [true, false]) {
      for (const offset of offsets.flatMap((value) => [value - 1, value, value + 1])) {
        expect(await log.find({ kind: "offset", offset, inclusive })).toBe(
          firstIndex(offsets, (value) => (inclusive ? value >= offset : value > offset)),
        );
      }
      for (const enqueuedMs of [0, 999, 1000, 1001, 1095, 1100, 1190, 1191, 5000]) {
        expect(await log.find({ kind: "enqueuedTime", enqueuedMs, inclusive })).toBe(
          firstIndex(times, (value) => (inclusive ? value >= enqueuedMs : value > enqueuedMs)),
        );
      }
    }
    await log.close();
  });

  it("forgets whole segments from the start and reads on from the oldest kept", async () => {
    let log = await open();
    for (let n = 0; n < 100; n++) await log.append([message(`event ${n}`)], n);
    const dropped = await log.dropWhile((segment) => segment.lastEnqueuedMs < 60);
    expect(dropped).toBeGreaterThan(0);
    const begin = log.beginSequence;
    expect(begin).toBeGreaterThan(0);
    expect(begin).toBeLessThanOrEqual(60);
    expect(await bodies(log)).toEqual(texts(begin, 100));
    await log.close();
    log = await open();
    expect(log.beginSequence).toBe(begin);
    expect(await bodies(log)).toEqual(texts(begin, 100));
    await log.close();
  });

  it("takes a group larger than a segment", async () => {
    const log = await open(1024);
    await log.append([message("a".repeat(5000)), message("b")], 1);
    await log.append([message("c")], 2);
    expect((await bodies(log)).map((body) => body.length)).toEqual([5000, 1, 1]);
    await log.close();
  });
});
