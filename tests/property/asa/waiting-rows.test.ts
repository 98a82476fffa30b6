import fc from "fast-check";
import { AsaRecord, createJob, DateTime, type OutputRow, type Value } from "../../../asa";
import { loadWaiting, type Placed, saveWaiting, waitingGroup } from "../../../asa/runtime/input/waiting-rows";
import { StateReader } from "../../../asa/runtime/state/reader";
import { StateWriter } from "../../../asa/runtime/state/writer";
import { at, planOf, rowText } from "../../support/asa";

const runs = Number(process.env["RUNS"] ?? 60);

const text = fc.oneof(
  fc.string(),
  fc.constantFrom("", "a", "\ud800", "\udc00x", "ä€😀", "device-1", "device-2"),
);
const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -9n, max: 9n }),
  fc.double(),
  fc.boolean(),
  text,
  fc.bigInt({ min: 0n, max: 3n * 10n ** 18n }).map((ticks) => new DateTime(ticks)),
);
const record = (names: readonly string[], value: fc.Arbitrary<Value>): fc.Arbitrary<AsaRecord> =>
  fc.tuple(...names.map(() => value)).map((values) => new AsaRecord([...names], values));
const nested: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 40 }) },
  { weight: 1, arbitrary: record(["x", "ü"], scalar) },
);
/** Columns of one type, with and without NULL, and of several. */
const columns = fc.constantFrom<fc.Arbitrary<Value>>(
  nested,
  text,
  fc.double(),
  fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
  fc.oneof(fc.double(), fc.bigInt({ min: -99n, max: 99n })),
  fc.option(text, { nil: null }),
  fc.constant(null),
);
const ticks = fc.oneof(
  fc.bigInt({ min: 6n * 10n ** 17n, max: 6n * 10n ** 17n + 10n ** 9n }),
  fc.bigInt({ min: 0n, max: 3n * 10n ** 18n }),
);

const placed: fc.Arbitrary<Placed[]> = fc.tuple(columns, columns).chain(([left, right]) =>
  fc.array(
    fc.record({
      slot: fc.record({
        record: fc.oneof(
          fc.tuple(left, right).map((values) => new AsaRecord(["a", "b"], values)),
          fc.constant(new AsaRecord([], [])),
          record(["b", "a", "c"], scalar),
        ),
        time: ticks,
        arrival: ticks,
        metadata: fc.oneof(
          fc.constant(null),
          fc
            .record({ partition: fc.nat(9), sequence: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }) })
            .map((known) => ({ ...known, partitionKey: null })),
          fc.record({
            partition: fc.nat(9),
            sequence: fc.bigInt({ min: 0n, max: 99n }),
            offset: text,
            partitionKey: fc.option(text, { nil: null }),
            properties: record(["p"], scalar),
            system: record(["s"], scalar),
          }),
        ),
      }),
      key: fc.constantFrom("", "k"),
      partition: fc.nat(31),
      sequence: fc.nat(),
    }),
    { maxLength: 200 },
  ),
);

describe("waiting events", () => {
  it("are read as they were written, in groups of any size", () => {
    fc.assert(
      fc.property(placed, fc.integer({ min: 1, max: 100 }), fc.nat(9), (rows, size, copies) => {
        const many = Array.from({ length: copies }, () => rows).flat();
        const groups = Array.from({ length: Math.ceil(many.length / size) }, (_, index) =>
          waitingGroup(many.slice(index * size, (index + 1) * size)),
        );
        const written = () => {
          const writer = new StateWriter();
          saveWaiting(writer, groups);
          writer.text("behind");
          return writer.result();
        };
        const first = written();
        // The second time, groups have what was written of them.
        expect(Buffer.compare(written(), first)).toBe(0);
        const reader = new StateReader(first);
        const read = loadWaiting(reader);
        expect(reader.text()).toBe("behind");
        expect(reader.done).toBe(true);
        const few = groups.filter(({ rows: { length } }) => length < 64).flatMap((group) => group.rows);
        const own = groups.filter(({ rows: { length } }) => length >= 64).flatMap((group) => group.rows);
        expect(read).toEqual([...own, ...few]);
      }),
      { numRuns: runs },
    );
  });
});

const query =
  "SELECT k, v, n, EventEnqueuedUtcTime AS q, System.Timestamp() AS ts FROM input TIMESTAMP BY t PARTITION BY PartitionId";
const second = 10_000_000n;
const encoder = new TextEncoder();

describe("a snapshot of a job whose events wait", () => {
  it("is the state of the moment of its capture, while events come and leave before it is sealed", () => {
    const event = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.nat(5), fc.nat(99));
    const script = fc.array(fc.record({ events: fc.array(event, { maxLength: 400 }), seconds: fc.nat(3) }), {
      minLength: 2,
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        script,
        fc.nat(5),
        fc.constantFrom("generated", "interpreter"),
        (steps, place, evaluator) => {
          const started = () => {
            const rows: OutputRow[] = [];
            const job = createJob(planOf(query), {
              mode: "live",
              evaluator,
              partitions: { input: 2 },
              policies: {
                lateToleranceTicks: null,
                outOfOrderToleranceTicks: 2n * second,
                policy: "drop",
              },
              onRows: (batch) => rows.push(...batch),
            });
            return { job, rows };
          };
          const calls = steps.map(({ events }, index) => {
            const from = BigInt(steps.slice(0, index).reduce((sum, step) => sum + step.seconds, 0));
            const list = events.map(([centi, k, n], number) => {
              const time = at("12:00:00") + from * second + BigInt(centi) * 100_000n;
              const stamp = new Date(Number((time - at("1970-01-01T00:00:00Z")) / 10_000n)).toISOString();
              const body = `{"t":"${stamp}","k":"key ${k}","v":${n / 4},"n":"${index}-${number}"}`;
              return {
                body: encoder.encode(body),
                arrival: time,
                metadata: { partition: k % 2, sequence: BigInt(index * 1000 + number) },
              };
            });
            return [0, 1].map((partition) => list.filter(({ metadata }) => metadata.partition === partition));
          });
          const push = (job: ReturnType<typeof started>["job"], from: number, to: number) => {
            for (const call of calls.slice(from, to))
              for (const [partition, list] of call.entries()) job.push("input", partition, list);
          };
          const at0 = Math.min(place, calls.length);
          const undisturbed = started();
          push(undisturbed.job, 0, at0);
          const first = undisturbed.job.beginSnapshot();
          first.capture();
          const whole = undisturbed.job.snapshot();
          const early = undisturbed.rows.length;
          push(undisturbed.job, at0, calls.length);
          // Sealed late, and once more with what the job has kept of the first.
          expect(Buffer.compare(Buffer.concat(first.pieces), whole)).toBe(0);
          const kept = undisturbed.job.snapshot();
          expect(Buffer.compare(kept, undisturbed.job.snapshot())).toBe(0);
          const behind = started();
          behind.job.restore(whole);
          push(behind.job, at0, calls.length);
          const last = started();
          last.job.restore(kept);
          const split = undisturbed.rows.length;
          for (const { job } of [undisturbed, behind, last]) job.finish();
          expect(behind.rows.map(rowText)).toEqual(undisturbed.rows.slice(early).map(rowText));
          expect(last.rows.map(rowText)).toEqual(undisturbed.rows.slice(split).map(rowText));
        },
      ),
      { numRuns: runs },
    );
  });
});
