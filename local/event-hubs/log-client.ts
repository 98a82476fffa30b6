import { randomBytes } from "node:crypto";
import { AmqpWriter, codes, described, double, type Encodable, list, long, map, symbol } from "./amqp";
import type { LogAppend, LogBatch, LogClient } from "./log-api";
import { LogConnection } from "./log-connection";
import { StoredRecord } from "./log-record";
import { appendHeadBytes, batchHeadBytes, frameTypes, runHeadBytes } from "./log-wire";
import { storedLength } from "./message";

/** Where the log server is and how it knows its client. */
export interface LogClientOptions {
  readonly port: number;
  /** The server's `internalToken`. */
  readonly token: string;
  /** Where reads count for backlog. @default none */
  readonly consumerGroup?: string;
}

/** The log client with what Capture and reports need besides. */
export interface PlatformLogClient extends LogClient {
  /** Says that `holder` needs no event before `beforeSequence` any more, so that retention may remove them. */
  release(hub: string, holder: string, partition: number, beforeSequence: bigint): Promise<void>;
  /** First kept sequence, and the sequence that the next event gets. */
  state(
    hub: string,
    partition: number,
  ): Promise<{ readonly beginSequence: bigint; readonly endSequence: bigint }>;
}

function encodable(value: string | number | boolean): Encodable {
  if (typeof value !== "number") return value;
  return Number.isSafeInteger(value) ? long(value) : double(value);
}

/** Encodes an event as the AMQP message that an SDK would send. */
export function encodeEvent(event: LogAppend): Buffer {
  const writer = new AmqpWriter(0, event.body.length + 256);
  const annotations: (readonly [Encodable, Encodable])[] = [];
  if (event.partitionKey !== undefined) annotations.push([symbol("x-opt-partition-key"), event.partitionKey]);
  for (const [key, value] of Object.entries(event.annotations ?? {}))
    annotations.push([symbol(key), encodable(value)]);
  if (annotations.length > 0) writer.write(described(codes.messageAnnotations, map(annotations)));
  if (event.messageId !== undefined) writer.write(described(codes.properties, list([event.messageId])));
  const properties = Object.entries(event.properties ?? {});
  if (properties.length > 0) {
    writer.write(
      described(
        codes.applicationProperties,
        map(properties.map(([key, value]) => [key, encodable(value)] as const)),
      ),
    );
  }
  writer.write(
    described(codes.data, Buffer.from(event.body.buffer, event.body.byteOffset, event.body.byteLength)),
  );
  return writer.bytes();
}

function decodeBatch(body: Buffer): LogBatch {
  const runs = body.readUInt32BE(17);
  const records: StoredRecord[] = [];
  let at = batchHeadBytes;
  for (let i = 0; i < runs; i++) {
    const first = BigInt(body.readDoubleBE(at));
    const enqueuedMs = body.readDoubleBE(at + 8);
    const appendedWallMs = body.readDoubleBE(at + 16);
    const count = body.readUInt32BE(at + 24);
    let position = at + runHeadBytes;
    at = position + body.readUInt32BE(at + 28);
    for (let n = 0; n < count; n++) {
      const end = position + storedLength(body, position);
      records.push(new StoredRecord(first + BigInt(n), enqueuedMs, appendedWallMs, body, position, end));
      position = end;
    }
  }
  return {
    records,
    nextSequence: BigInt(body.readDoubleBE(0)),
    endOfLog: body[16] === 1,
    serverClockMs: body.readDoubleBE(8),
  };
}

/**
 * Connects to a server's internal port. The connection is made anew whenever it is lost, and what was under way is asked
 * again: reads as they are, appends with the number that lets the server know a repeated one. Calls wait while the server
 * is away and reject only with the server's own errors or after `close`.
 */
export function connectLog(options: LogClientOptions): PlatformLogClient {
  const connection = new LogConnection(options.port, options.token);
  const clientId = randomBytes(8).readBigInt64BE(0);
  let sequence = 0;
  return {
    async partitionCount(hub) {
      const { count } = await connection.ask(frameTypes.partitions, { hub });
      return Number(count);
    },
    async read(request) {
      const consumerGroup = request.consumerGroup ?? options.consumerGroup;
      const body = await connection.request(frameTypes.read, [
        Buffer.from(
          JSON.stringify({
            ...request,
            fromSequence: Number(request.fromSequence),
            ...(consumerGroup !== undefined && { consumerGroup }),
          }),
        ),
      ]);
      return decodeBatch(body);
    },
    async append(hub, events, partition) {
      if (events.length === 0) return;
      const name = Buffer.from(hub);
      const head = Buffer.alloc(appendHeadBytes);
      head.writeBigInt64BE(clientId, 0);
      head.writeUInt32BE(++sequence, 8);
      head.writeInt32BE(partition ?? -1, 12);
      head.writeUInt16BE(name.length, 16);
      const parts: Buffer[] = [head, name];
      for (const event of events) {
        const bytes = encodeEvent(event);
        const length = Buffer.alloc(4);
        length.writeUInt32BE(bytes.length, 0);
        parts.push(length, bytes);
      }
      await connection.request(frameTypes.append, parts);
    },
    async release(hub, holder, partition, beforeSequence) {
      await connection.ask(frameTypes.release, {
        hub,
        holder,
        partition,
        beforeSequence: Number(beforeSequence),
      });
    },
    async state(hub, partition) {
      const { beginSequence, endSequence } = await connection.ask(frameTypes.state, { hub, partition });
      return { beginSequence: BigInt(beginSequence as number), endSequence: BigInt(endSequence as number) };
    },
    close: () => connection.close(),
  };
}
