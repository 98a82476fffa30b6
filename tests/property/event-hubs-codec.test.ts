import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { message as rheaMessage } from "rhea";
import { partitionOfKey } from "../../local/event-hubs";
import {
  AmqpReader,
  type AmqpValue,
  codes,
  Described,
  decodeValue,
  described,
  double,
  type Encodable,
  encodeValue,
  int,
  list,
  long,
  map,
  symbol,
  uint,
  ulong,
} from "../../local/event-hubs/amqp";
import { FrameCutter } from "../../local/event-hubs/amqp/frames";
import { hashPartitionKey } from "../../local/event-hubs/broker";
import { EventHubsError } from "../../local/event-hubs/errors";
import { cutMessage, decodeMessage } from "../../local/event-hubs/message";

interface Sample {
  readonly encoded: Encodable;
  readonly decoded: AmqpValue;
}

const leaf: fc.Arbitrary<Sample> = fc.oneof(
  fc.constantFrom<Sample>(
    { encoded: null, decoded: null },
    { encoded: true, decoded: true },
    { encoded: false, decoded: false },
  ),
  fc.string({ unit: "binary", maxLength: 300 }).map((value) => ({ encoded: value, decoded: value })),
  fc.string({ maxLength: 300 }).map((value) => ({ encoded: symbol(value), decoded: value })),
  fc
    .uint8Array({ maxLength: 300 })
    .map((value) => ({ encoded: Buffer.from(value), decoded: Buffer.from(value) })),
  fc.nat(0xffff_ffff).map((value) => ({ encoded: uint(value), decoded: value })),
  fc.integer().map((value) => ({ encoded: int(value), decoded: value })),
  fc.maxSafeInteger().map((value) => ({ encoded: long(value), decoded: value })),
  fc
    .bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n })
    .map((value) => ({ encoded: long(value), decoded: value })),
  fc
    .bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n })
    .map((value) => ({ encoded: ulong(value), decoded: value })),
  fc.double().map((value) => ({ encoded: double(value), decoded: value })),
  fc.date({ noInvalidDate: true }).map((value) => ({ encoded: value, decoded: value })),
);

const { value: sample } = fc.letrec<{ value: Sample }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("value"), { maxLength: 5 }).map((items) => ({
      // A list ends at its last value that is not null: encoders leave out what follows.
      encoded: list([...items.map((item) => item.encoded), true]),
      decoded: [...items.map((item) => item.decoded), true],
    })),
    fc.array(fc.tuple(fc.string(), tie("value")), { maxLength: 4 }).map((entries) => ({
      encoded: map(entries.map(([key, item]) => [key, item.encoded] as const)),
      decoded: new Map(entries.map(([key, item]) => [key, item.decoded] as const)),
    })),
    tie("value").map((item) => ({
      encoded: described(0x77, item.encoded),
      decoded: new Described(0x77, item.decoded),
    })),
  ),
}));

describe("AMQP codec", () => {
  it("reads back what it writes", () => {
    fc.assert(
      fc.property(sample, ({ encoded, decoded }) => {
        const bytes = encodeValue(encoded);
        expect(decodeValue(bytes)).toEqual(decoded);
        const reader = new AmqpReader(bytes);
        reader.skip();
        expect(reader.position).toBe(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it("reads what rhea writes, and rhea reads what it writes", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }),
          fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.double({ noNaN: true, noInteger: true })),
        ),
        fc.uint8Array({ maxLength: 500 }),
        fc.string({ minLength: 1 }),
        (properties, body, id) => {
          const bytes = rheaMessage.encode({
            message_id: id,
            application_properties: properties,
            message_annotations: { "x-opt-partition-key": id },
            body: rheaMessage.data_section(Buffer.from(body)),
          });
          const decoded = decodeMessage(bytes, 0, bytes.length);
          expect(decoded.body).toEqual(Buffer.from(body));
          expect(decoded.properties[0]).toBe(id);
          expect(Object.fromEntries(decoded.applicationProperties)).toEqual({ ...properties });
          expect(cutMessage(bytes).partitionKey).toBe(id);
        },
      ),
      { numRuns: 200 },
    );
    const written = Buffer.concat([
      encodeValue(
        described(
          codes.applicationProperties,
          map([
            ["key", long(-5)],
            ["text", "ä"],
          ]),
        ),
      ),
      encodeValue(described(codes.data, Buffer.from("body"))),
    ]);
    expect(rheaMessage.decode(written)).toMatchObject({ application_properties: { key: -5, text: "ä" } });
  });

  it("answers any bytes with a value or a decode error, never with anything else", () => {
    const attempt = (action: () => unknown) => {
      try {
        action();
      } catch (error) {
        if (!(error instanceof EventHubsError)) throw error;
      }
    };
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        sample,
        fc.nat(),
        fc.nat(255),
        (noise, { encoded }, at, value) => {
          attempt(() => decodeValue(Buffer.from(noise)));
          attempt(() => cutMessage(Buffer.from(noise)));
          attempt(() => decodeMessage(Buffer.from(noise), 0, noise.length));
          const bytes = Buffer.from(encodeValue(encoded));
          bytes[at % bytes.length] = value;
          attempt(() => decodeValue(bytes));
        },
      ),
      { numRuns: 1500 },
    );
  });

  it.each([
    ["an array of a billion nulls", [0xf0, 0, 0, 0, 5, 0x3b, 0x9a, 0xca, 0x00, 0x40]],
    ["a list that claims more than it has", [0xd0, 0, 0, 0, 5, 0x00, 0xff, 0xff, 0xff, 0x40]],
    ["a string behind the end", [0xb1, 0x7f, 0xff, 0xff, 0xff, 0x61]],
    ["descriptors without end", Array.from({ length: 5000 }, () => 0)],
  ])("refuses %s", (_, bytes) => {
    expect(() => decodeValue(Buffer.from(bytes))).toThrow(EventHubsError);
  });

  it("cuts the same frames from any split of the stream", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 40 }),
        (bodies, cuts) => {
          const stream = Buffer.concat(
            bodies.map((body) => {
              const frame = Buffer.alloc(8 + body.length);
              frame.writeUInt32BE(frame.length, 0);
              frame[4] = 2;
              frame.set(body, 8);
              return frame;
            }),
          );
          const cutter = new FrameCutter(4096);
          const got: Buffer[] = [];
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = cuts[i % cuts.length] as number;
            cutter.push(stream.subarray(at, at + size), (frame) => {
              got.push(frame.body);
              return true;
            });
            at += size;
          }
          expect(got).toEqual(bodies.map((body) => Buffer.from(body)));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("hashPartitionKey", () => {
  // The SDK computes the same hash on its own side; its file is no public entry, so it is loaded by path.
  const folder = dirname(require.resolve("@azure/event-hubs"));
  const file = join(folder, "impl", "partitionKeyToIdMapper.js");
  const exported: { exports: { mapPartitionKeyToId?: (key: string, count: number) => number } } = {
    exports: {},
  };
  new Function("module", "exports", "require", readFileSync(file, "utf8"))(
    exported,
    exported.exports,
    require,
  );
  const oracle = exported.exports.mapPartitionKeyToId as (key: string, count: number) => number;

  it("chooses the partition that the SDK chooses", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 60 }),
        fc.integer({ min: 1, max: 32 }),
        (key, count) => {
          expect(partitionOfKey(key, count)).toBe(oracle(key, count));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("is a signed 16-bit number", () => {
    for (const key of ["", "a", "device-17", "x".repeat(100)]) {
      expect(Math.abs(hashPartitionKey(key))).toBeLessThanOrEqual(32_768);
    }
  });
});
