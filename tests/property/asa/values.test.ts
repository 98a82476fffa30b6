import fc from "fast-check";
import {
  AsaRecord,
  DateTime,
  formatDateTime,
  parseDateTime,
  readJson,
  ticksFromUnixMillis,
  type Value,
  writeJson,
} from "../../../asa";
import { MinHeap } from "../../../asa/runtime/state/heap";
import { StateReader } from "../../../asa/runtime/state/reader";
import { StateWriter } from "../../../asa/runtime/state/writer";
import { groupKey, tupleKey } from "../../../asa/values/group-key";

const runs = Number(process.env["RUNS"] ?? 300);

/** A value of the language as plain JavaScript data, for comparison with JSON.parse. */
function plain(value: Value): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof AsaRecord)
    return Object.fromEntries(value.names.map((name, i) => [name, plain(value.values[i]!)]));
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "binary" }),
    fc.bigInt({ min: 0n, max: 3_155_378_975_999_999_999n }).map((ticks) => new DateTime(ticks)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.uniqueArray(fc.tuple(fc.string(), tie("value")), { maxLength: 4, selector: ([name]) => name }).map(
      (members) =>
        new AsaRecord(
          members.map(([name]) => name),
          members.map(([, member]) => member),
        ),
    ),
  ),
})).value;

describe("JSON", () => {
  it("reads what JSON.parse reads, and nothing else", () => {
    const hostile = fc.stringMatching(/^[[\]{}",:0-9.eE+\-truefalsn \\u]{0,24}$/);
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          fc.json(),
          fc.json().map((text) => text.slice(0, -1)),
        ),
        (text) => {
          let expected: unknown;
          try {
            expected = JSON.parse(text);
          } catch {
            expect(() => readJson(text)).toThrow();
            return;
          }
          // Beyond JSON.parse: integers outside 64 bits and floats outside the double range are refused.
          if (/\d{19}|e\+?\d{3}/i.test(text)) return;
          // Integers have no negative zero.
          expect(JSON.stringify(plain(readJson(text)))).toBe(JSON.stringify(expected));
        },
      ),
      { numRuns: runs * 5 },
    );
  });

  it("reads back what it writes", () => {
    fc.assert(
      fc.property(value, (item) => {
        const text = writeJson(item);
        expect(writeJson(readJson(text))).toBe(text);
      }),
      { numRuns: runs },
    );
  });
});

describe("datetime", () => {
  it("agrees with Date on every millisecond and reads back what it writes", () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date("0001-01-01T00:00:00Z"),
          max: new Date("9999-12-31T23:59:59.999Z"),
          noInvalidDate: true,
        }),
        (date) => {
          const ticks = ticksFromUnixMillis(date.getTime());
          expect(parseDateTime(date.toISOString())).toBe(ticks);
          expect(formatDateTime(ticks)).toBe(date.toISOString().replace("Z", "0000Z"));
        },
      ),
      { numRuns: runs },
    );
  });
});

describe("group keys", () => {
  it("are injective on tuples of text", () => {
    const tuple = fc.array(fc.string({ maxLength: 4, unit: fc.constantFrom("s", "n", "0", "1", ":", "2") }), {
      minLength: 2,
      maxLength: 3,
    });
    fc.assert(
      fc.property(tuple, tuple, (a, b) => {
        fc.pre(a.length === b.length);
        expect(tupleKey(a) === tupleKey(b)).toBe(a.every((item, i) => item === b[i]));
      }),
      { numRuns: runs },
    );
  });
});

describe("state bytes", () => {
  it("give back every value", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), (items) => {
        const writer = new StateWriter();
        writer.values(items);
        const reader = new StateReader(writer.result());
        const read = reader.values();
        expect(reader.done).toBe(true);
        expect(read.map(groupKey)).toEqual(items.map(groupKey));
        expect(read).toEqual(items);
      }),
      { numRuns: runs },
    );
  });

  it("are refused with ASA_STATE_MISMATCH when cut off", () => {
    fc.assert(
      fc.property(value, fc.nat(), (item, cut) => {
        const writer = new StateWriter();
        writer.value(item);
        const bytes = writer.result();
        const cutOff = bytes.slice(0, cut % bytes.length);
        expect(() => new StateReader(cutOff).value()).toThrow(
          expect.objectContaining({ code: "ASA_STATE_MISMATCH" }),
        );
      }),
      { numRuns: runs },
    );
  });
});

describe("MinHeap", () => {
  it("gives items in order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const heap = new MinHeap<number>((a, b) => a - b);
        for (const item of items) heap.push(item);
        const out = items.map(() => heap.pop());
        expect(out).toEqual([...items].sort((a, b) => a - b));
        expect(heap.pop()).toBeUndefined();
      }),
      { numRuns: runs },
    );
  });
});
