import { timingSafeEqual } from "node:crypto";
import { setMaxListeners } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Hub } from "./broker";
import { EventHubsError } from "./errors";
import {
  appendHeadBytes,
  batchHeadBytes,
  decodeJson,
  encodeJson,
  encodeWire,
  frameTypes,
  runHeadBytes,
  WireCutter,
  type WireFrame,
} from "./log-wire";
import { cutMessage, type MessageParts } from "./message";
import type { LogRun, PartitionLog, Writer } from "./store";

const maxBatchBytes = 16 * 1024 * 1024;
const maxWaitMs = 60_000;

function sameToken(given: unknown, expected: string): boolean {
  if (typeof given !== "string") return false;
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

function numberOf(request: Readonly<Record<string, unknown>>, name: string, otherwise?: number): number {
  const value = request[name] ?? otherwise;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new EventHubsError("amqp:invalid-field", `the field "${name}" must be a number`);
  }
  return value;
}

/** Resolves after the next write of the log, or the time, or when the connection is gone. */
function nextWrite(log: PartitionLog, waitMs: number, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      unsubscribe();
      closed.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    const unsubscribe = log.subscribe(done);
    closed.addEventListener("abort", done);
  });
}

function encodeRun(run: LogRun): Buffer {
  const head = Buffer.allocUnsafe(runHeadBytes);
  head.writeDoubleBE(run.firstSequence, 0);
  head.writeDoubleBE(run.enqueuedMs, 8);
  head.writeDoubleBE(run.appendedWallMs, 16);
  head.writeUInt32BE(run.count, 24);
  head.writeUInt32BE(run.end - run.start, 28);
  return head;
}

/** Serves the platform's own readers and writers: the same logs, order and durability as AMQP, less work an event. */
export class LogServer {
  readonly server: Server;
  readonly #hubs = new Map<string, Hub>();
  readonly #token: string;
  readonly #sockets = new Set<Socket>();

  constructor(hubs: readonly Hub[], token: string) {
    for (const hub of hubs) this.#hubs.set(hub.options.name.toLowerCase(), hub);
    this.#token = token;
    this.server = createServer((socket) => this.#serve(socket));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    if (this.server.listening) await closed;
  }

  #serve(socket: Socket): void {
    const cutter = new WireCutter();
    const closed = new AbortController();
    // Every read that waits listens, one for each partition and reader.
    setMaxListeners(0, closed.signal);
    let admitted = false;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      closed.abort();
    });
    socket.on("data", (chunk) => {
      try {
        cutter.push(chunk, (frame) => {
          if (!admitted) {
            admitted =
              frame.type === frameTypes.hello && sameToken(decodeJson(frame.body)["token"], this.#token);
            if (!admitted)
              throw new EventHubsError("amqp:unauthorized-access", "the token is not this server's");
            socket.write(encodeJson(frameTypes.answer, frame.id, {}));
            return;
          }
          this.#answer(frame, closed.signal).then(
            (bytes) => socket.write(bytes),
            (error) => socket.write(encodeFailure(frame.id, error)),
          );
        });
      } catch (error) {
        socket.end(encodeFailure(0, error));
      }
    });
  }

  async #answer(frame: WireFrame, closed: AbortSignal): Promise<Buffer> {
    switch (frame.type) {
      case frameTypes.append:
        await this.#append(frame.body);
        return encodeJson(frameTypes.answer, frame.id, {});
      case frameTypes.read:
        return this.#read(frame.id, decodeJson(frame.body), closed);
      case frameTypes.partitions:
        return encodeJson(frameTypes.answer, frame.id, {
          count: this.#hub(decodeJson(frame.body)["hub"]).partitions.length,
        });
      case frameTypes.release: {
        const request = decodeJson(frame.body);
        this.#hub(request["hub"]).release(
          String(request["holder"]),
          numberOf(request, "partition"),
          numberOf(request, "beforeSequence"),
        );
        return encodeJson(frameTypes.answer, frame.id, {});
      }
      case frameTypes.state: {
        const request = decodeJson(frame.body);
        const log = this.#hub(request["hub"]).partition(numberOf(request, "partition"));
        return encodeJson(frameTypes.answer, frame.id, log.state);
      }
      default:
        throw new EventHubsError("amqp:not-implemented", `the request type ${frame.type} is not known`);
    }
  }

  #hub(name: unknown): Hub {
    const hub = typeof name === "string" ? this.#hubs.get(name.toLowerCase()) : undefined;
    if (hub === undefined)
      throw new EventHubsError("amqp:not-found", `hub "${String(name)}" could not be found`);
    return hub;
  }

  async #read(id: number, request: Readonly<Record<string, unknown>>, closed: AbortSignal): Promise<Buffer> {
    const hub = this.#hub(request["hub"]);
    const partition = numberOf(request, "partition");
    const log = hub.partition(partition);
    const from = numberOf(request, "fromSequence");
    const maxRecords = Math.max(1, numberOf(request, "maxRecords"));
    const maxBytes = Math.min(Math.max(1, numberOf(request, "maxBytes", maxBatchBytes)), maxBatchBytes);
    const group = request["consumerGroup"];
    const deadline = performance.now() + Math.min(numberOf(request, "waitMs"), maxWaitMs);
    if (from > log.endSequence) {
      throw new EventHubsError(
        "com.microsoft:argument-error",
        `The supplied sequence number '${from}' is invalid. The last sequence number in the system is '${log.endSequence - 1}'`,
      );
    }
    for (;;) {
      const left = deadline - performance.now();
      if (from < log.endSequence || left <= 0 || closed.aborted) break;
      await nextWrite(log, left, closed);
    }
    let next = Math.max(from, log.beginSequence);
    const runs: LogRun[] = [];
    let records = 0;
    let bytes = 0;
    while (records < maxRecords && bytes < maxBytes) {
      const run = await log.read(next, maxRecords - records, maxBytes - bytes);
      if (run === undefined) break;
      runs.push(run);
      records += run.count;
      bytes += run.end - run.start;
      next = run.firstSequence + run.count;
    }
    // No await from here on: what is said of the end and of the clock holds at one moment.
    const promisedMs = hub.promise(log);
    const ended = next === log.endSequence && log.pendingEnqueuedMs === undefined;
    if (typeof group === "string") hub.figures.delivered(group, partition, records, bytes, next);
    const head = Buffer.allocUnsafe(batchHeadBytes);
    head.writeDoubleBE(next, 0);
    head.writeDoubleBE(promisedMs, 8);
    head[16] = ended ? 1 : 0;
    head.writeUInt32BE(runs.length, 17);
    const parts: Uint8Array[] = [head];
    for (const run of runs) parts.push(encodeRun(run), run.buffer.subarray(run.start, run.end));
    return encodeWire(frameTypes.batch, id, parts);
  }

  async #append(body: Buffer): Promise<void> {
    if (body.length < appendHeadBytes) throw new EventHubsError("amqp:decode-error", "the append is cut off");
    const clientId = body.readBigInt64BE(0);
    const sequence = body.readUInt32BE(8);
    const fixed = body.readInt32BE(12);
    let at = appendHeadBytes + body.readUInt16BE(16);
    const hub = this.#hub(body.toString("utf8", appendHeadBytes, at));
    const byPartition = new Map<number, MessageParts[]>();
    // Events without a key stay together: one append takes one turn.
    let keyless: number | undefined;
    while (at < body.length) {
      if (body.length - at < 4) throw new EventHubsError("amqp:decode-error", "the append is cut off");
      const length = body.readUInt32BE(at);
      at += 4;
      if (length > body.length - at) throw new EventHubsError("amqp:decode-error", "the append is cut off");
      const parts = cutMessage(body, at, at + length);
      at += length;
      let partition = fixed;
      if (fixed < 0) {
        if (parts.partitionKey !== undefined) partition = hub.choose(parts.partitionKey);
        else {
          keyless ??= hub.chooseFor(clientId, sequence);
          partition = keyless;
        }
      }
      const messages = byPartition.get(partition) ?? [];
      messages.push(parts);
      byPartition.set(partition, messages);
    }
    const writer: Writer = { kind: "client", id: clientId, epoch: 0, sequence };
    await Promise.all(
      [...byPartition].map(([partition, messages]) => appendOnce(hub, partition, messages, writer)),
    );
  }
}

/** Appends unless the log has this request of the client already; then it waits until that is on disk. */
function appendOnce(
  hub: Hub,
  partition: number,
  messages: readonly MessageParts[],
  writer: Writer,
): Promise<unknown> {
  const log = hub.partition(partition);
  const last = log.lastWriter("client", writer.id);
  if (last !== undefined && last.sequence >= writer.sequence) return log.flushed();
  return hub.append(partition, messages, writer);
}

function encodeFailure(id: number, error: unknown): Buffer {
  const known = EventHubsError.from(error);
  return encodeJson(frameTypes.failed, id, { code: known.code, message: known.message, hint: known.hint });
}
