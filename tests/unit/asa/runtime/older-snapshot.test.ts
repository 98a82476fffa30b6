import { createJob, type InputEvent, type OutputRow } from "../../../../asa";
import { at, planOf, rowText } from "../../../support/asa";

const query =
  "SELECT k, COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 5)";
const encoder = new TextEncoder();
const second = 10_000_000n;

/** What the first state format holds after the events of 12:00:01, 12:00:02 and, still unordered, 12:00:06. */
const firstFormat = Buffer.from(
  "QVNBUwEAABBkNGVjMjU2MjljN2JhZmQyuAGmsdjKAgAAAAEAAAABAgAADDR1czRyM3YzOTZ2NAECAAAMNHVzNHIzdmY1dXlvAQICAwEBAAMAAAF0AAABawAAAXYBAAAUMjAyNi0wMS0wMVQxMjowMDowNloBAAABYQIAAwIDAgAADDR1czRyM3ZsNDcwZwABAAIBAQECAAAMNHVzNHIzdjk3aXd3AgAAAnNhAQEIAQEAAQAAAAAAAAAAAAEAAAJzYgEBAAABYgEBAAIAAAAAAAAAAAABAAA=",
  "base64",
);

function started() {
  const rows: OutputRow[] = [];
  const job = createJob(planOf(query), {
    mode: "live",
    policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 2n * second, policy: "adjust" },
    onRows: (batch) => rows.push(...batch),
  });
  return { job, rows };
}

const event = (s: string, k: string, v: number) => ({
  body: encoder.encode(`{"t":"2026-01-01T12:00:${s}Z","k":"${k}","v":${v}}`),
  arrival: at("12:00:07"),
  metadata: { partition: 0, sequence: BigInt(v) },
});

describe("a snapshot of the first format", () => {
  it("is carried on as if the job had never stopped", () => {
    const undisturbed = started();
    undisturbed.job.push("input", 0, [event("01", "a", 1), event("02", "b", 2), event("06", "a", 3)]);
    const restored = started();
    // The hash of the query stands behind magic, version and the head of its text; it covers every dialect switch.
    const bytes = Uint8Array.from(firstFormat);
    bytes.set(undisturbed.job.snapshot().subarray(8, 24), 8);
    restored.job.restore(bytes);
    for (const { job } of [undisturbed, restored]) {
      job.push("input", 0, [event("08", "b", 4), event("11", "a", 5)]);
      job.finish();
    }
    expect(restored.rows.map(rowText)).toEqual(undisturbed.rows.map(rowText));
    expect(restored.rows.length).toBeGreaterThan(3);
  });
});

/** What the second format holds after events a 1 at :01, b 2 and x 5 at :02, a 3 at :06, c 4 at :05. */
const secondFormat = {
  panes: {
    query:
      "SELECT k, COUNT(*) AS n, SUM(v) AS s, MAX(v) AS hi, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE k <> 'x' GROUP BY k, HoppingWindow(second, 6, 3)",
    state:
      "QVNBUwIAABBmNDkzMWI4NjkzMzU1YjhmlgWuqJGrCAABAADoTAR/6xpDCACcEQl/6xpDCADoTAR/6xpDCAAAAAAAABRAAAR4YWJjFAAAAAABAAAAAgAAAAMAAAAEAAAAAwwBAAAAAgAAAAMAAAAAAI7qAX/rGkNAAgCO6gF/6xpDCAAAAAABAAAAiAIAAAAAAADwPwDaJf1+6xpDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAAAAAAAAAAAADwfwAAAAAAAPA/AAAAAAAA8D8ANIj/fusaQwAAAAAAAPA/AAAAAAAAAAAAAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAA8H8AAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAnBEJf+saQwgAAAAAAgAAAIgCAAAAAAAA8D8AnBEJf+saQwAAAAAAAAhAAAAAAAAAAAAAAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIQAAAAAAAAAAAAAAAAAAA8H8AAAAAAAAIQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADwPwBCrwZ/6xpDAAAAAAAAEEAAAAAAAAAAAAAAAAAAAPA/AAAAAAAAAAAAAAAAAAAAAAAAAAAAABBAAAAAAAAAAAAAAAAAAADwfwAAAAAAABBAAAEAAAAA",
  },
  lag: {
    query:
      "SELECT k, v - LAG(v) OVER (PARTITION BY k LIMIT DURATION(second, 6)) AS d, t FROM input TIMESTAMP BY t WHERE v < 9",
    state:
      "QVNBUwIAABBlNjNkNmRkODZlNDg1OTU0nwKAscKTDgABAADoTAR/6xpDCACcEQl/6xpDCADoTAR/6xpDCAAAAAAAABRAAARhYnhjFAAAAAABAAAAAgAAAAMAAAAEAAAAAgEAAwAAAXYAAAFrAAABdAIABAEAAAFjAQAAFDIwMjYtMDEtMDFUMTI6MDA6MDVaAgAADDR1czRyM3Y5N2l3dwIAAAw0dXM0cjN2bDQ3MGcAAAAAAAAAEEABAQECAAMBAAABYQEAABQyMDI2LTAxLTAxVDEyOjAwOjA2WgIAAAw0dXM0cjN2ZjV1eW8CBwAAAAAAAAAIQAEBAAAAAQIAAAw0dXM0cjN1bGU2cHMDAAACc2EBAgwCAAEAAAJzYgECAAAMNHVzNHIzdXJjaXJrAgACAAACc3gBAg8CAAUA",
  },
};

/** What the third format holds after the same events: typed state alone, and beside it what ran by rows then. */
const typedThen = {
  sliding: {
    query:
      "SELECT k, COUNT(*) AS n, MAX(v) AS hi, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE k <> 'x' GROUP BY k, SlidingWindow(second, 4)",
    state:
      "QVNBUwMAABA3MDVjOTczODZiYjEwNGQ26gLzgJn4BQAAAAV0eXBlZAR4YWJjFAAAAAABAAAAAgAAAAMAAAAEAAAAAggBAAAAAgAAAAAQANol/X7rGkMANIj/fusaQwgAAAAAAQAAAIABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA8H8AAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPB/AAAAAAAAAEAIAAAAAAAAAAAQAAAAAAAAAAAAAAAAAADwPwAAAAAAAPh/AgAAAOhMBH/rGkMIAJwRCX/rGkMIAOhMBH/rGkMIAAAAAAAAFEAAEABCrwZ/6xpDAJwRCX/rGkMQAAAAAAAAEEAAAAAAAAAIQAgBAAAAAQAAABAAAAAAAAAIQAAAAAAAAPA/AgMDABAAAAAAAAAQQAAAAAAAAAhAAgEBAAAA",
  },
  windows: {
    query:
      "WITH s AS (SELECT k, v FROM input TIMESTAMP BY t WHERE v < 9) SELECT k, COUNT(*) AS n, System.Timestamp() AS ts FROM s GROUP BY k, Windows(Window('a', TumblingWindow(second, 3)), Window('b', HoppingWindow(second, 6, 3)))",
    state:
      "QVNBUwMAABBjMDFkNzQ3ZTkxY2VkMWZm3QH5nLSYAwAAAAV0eXBlZARhYnhjFAAAAAABAAAAAgAAAAMAAAAEAAAAAADoTAR/6xpDCACcEQl/6xpDCADoTAR/6xpDCAAAAAAAABRAABAAQq8Gf+saQwCcEQl/6xpDEAAAAAAAABBAAAAAAAAACEAIAQAAAAEAAAAQAAAAAAAAEEAAAAAAAAAIQAIBAQAQAAAAAAAACEAAAAAAAAAAAAIDAwABAAAAAAECAAAMNHVzNHIzdmY1dXlvAwAAAnNhAQEAAAFhAgEAAAJzYgEBAAABYgIBAAACc3gBAQAAAXgCAQAA",
  },
  metadata: {
    query:
      "SELECT k, SUM(v) AS s, MAX(v) AS hi, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE GetMetadataPropertyValue(input, '[EventHub].[SequenceNumber]') <> 5 GROUP BY k, TumblingWindow(second, 5)",
    state:
      "QVNBUwMAABAzMGQ1NjE1MTUwMGQ4MGRisALwr5XVBQAAAAV0eXBlZARhYnhjFAAAAAABAAAAAgAAAAMAAAAEAAAAAADoTAR/6xpDCACcEQl/6xpDCADoTAR/6xpDCAAAAAAAABRAABAAQq8Gf+saQwCcEQl/6xpDEAAAAAAAABBAAAAAAAAACEAIAQAAAAEAAAAQAAAAAAAACEAAAAAAAAAAAAIDAwAQAAAAAAAAEEAAAAAAAAAIQAIBAQABAAACAAAMNHVzNHIzdjk3aXd3AgAADDR1czRyM3ZsNDcwZwEAAAQAAAAAAQECAAAMNHVzNHIzdmY1dXlvAgMBAAADAAAAAAEAAAABAgICAAACc2EBAQAAAWEFAAEAAAAAAAAAAAABAwAAAAAAAPA/AAACc2IBAQAAAWIFAAIAAAAAAAAAAAABAwAAAAAAAABAAAA=",
  },
};

const older = [
  ...Object.entries(secondFormat).map(([name, saved]) => ({ name: `second format: ${name}`, ...saved })),
  ...Object.entries(typedThen).map(([name, saved]) => ({ name: `third format: ${name}`, ...saved })),
];

describe.each(older)("a snapshot of the $name", ({ query, state }) => {
  it("is carried on as if the job had never stopped, and saved and restored again", () => {
    const begin = () => {
      const rows: OutputRow[] = [];
      const job = createJob(planOf(query), {
        mode: "live",
        policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 2n * second, policy: "adjust" },
        onRows: (batch) => rows.push(...batch),
      });
      return { job, rows };
    };
    const undisturbed = begin();
    const first = [
      event("01", "a", 1),
      event("02", "b", 2),
      event("02", "x", 5),
      event("06", "a", 3),
      event("05", "c", 4),
    ];
    undisturbed.job.push("input", 0, first);
    const early = undisturbed.rows.length;
    const restored = begin();
    const bytes = Uint8Array.from(Buffer.from(state, "base64"));
    bytes.set(undisturbed.job.snapshot().subarray(8, 24), 8);
    restored.job.restore(bytes);
    restored.job.push("input", 0, [event("08", "b", 4), event("07", "a", 8)]);
    const again = begin();
    again.job.restore(restored.job.snapshot());
    again.job.push("input", 0, [event("11", "a", 5)]);
    again.job.finish();
    undisturbed.job.push("input", 0, [event("08", "b", 4), event("07", "a", 8)]);
    undisturbed.job.push("input", 0, [event("11", "a", 5)]);
    undisturbed.job.finish();
    const rows = [...restored.rows, ...again.rows];
    expect(rows.map(rowText)).toEqual(undisturbed.rows.slice(early).map(rowText));
    expect(rows.length).toBeGreaterThan(3);
  });
});

/** What the third format holds of two partitions with `waitingEvents` each, most of which still wait. */
const thirdFormat = [
  {
    name: "waiting rows, one by one",
    query:
      "SELECT k, v, PartitionId AS p, EventEnqueuedUtcTime AS q, System.Timestamp() AS ts FROM input TIMESTAMP BY t PARTITION BY PartitionId",
    state:
      "QVNBUwMAABA0MmQ5NmUzYTllNTE0ZTBiowrm94T0BQAAAARyb3dzAAAAAQAAAAECAAAMNHVzNHIzdmY1dXlvAQIAAAw0dXM0cjN2eDB2NDABAgMMAQIEAQIDDBQBAAYAAAF0AAABawAAAXYAABVFdmVudFByb2Nlc3NlZFV0Y1RpbWUAAAtQYXJ0aXRpb25JZAAAFEV2ZW50RW5xdWV1ZWRVdGNUaW1lAQAAFDIwMjYtMDEtMDFUMTI6MDA6MDhaAQAAAmsxAwAAAAAAAARABgIAAAw0dXM0cjN3Mno3NXQCAAAGAg0CAAAMNHVzNHIzdnIyajI4Ag0BAAABAQAAATEBAAABcAAAAAACbjAAAQEBAQsBDAEAAAF4BgIAAAw0dXM0cjN3Mno3NjICAAAGAhMCDgITAQAACgEAAAIxMAEQAAARAAoBAQELAQAAAmswAgIAAAtvbXZ1dTUwc29wNwYCAAAMNHVzNHIzdzJ6NzV5AgABBgIXAg4CFwEBAAYBAAABNgEQAAAAAAJuMQEGAQEBAAAUMjAyNi0wMS0wMVQxMjowMDowNloBAAACazIBEgYCAAAMNHVzNHIzdzJ6NzV1AgAABgIcAgMCHAEAAAIBAAABMgEQAAARAAIBAQEAABQyMDI2LTAxLTAxVDEyOjAwOjA1WgEMBwABAAABYQUGAgAADDR1czRyM3cyejc1egIAAAYCIAIDAiABAAAHAQAAATcBEAAAEQAHAQEBAAAUMjAyNi0wMS0wMVQxMjowMDowM1oBGwIAAQYCAAAMNHVzNHIzdzJ6NzYwAgAABgIjAgMCIwEAAAgBAAABOAAAABEACAEBAQAAFDIwMjYtMDEtMDFUMTI6MDA6MDFaARUDAAAAAAAABEAGAgAADDR1czRyM3cyejc2MQIAAAYCJgIDAiYBAAAJAQAAATkBEAAAEQAJAQEBGgEbAAYCAAAMNHVzNHIzdzJ6NzYzAgAABgIoAgMCKAEAAAsBAAACMTEBEAAAEQALAQEBHgEVAAYCAAAMNHVzNHIzdzJ6NzV2AgABBgIqAgMCKgEBAAMBAAABMwEQAAAZAQMBAQEiAQwIAgIAAQIAAgYCAAAMNHVzNHIzdzJ6NzV3AgABBgIsAgMCLAEBAAQBAAABNAAAABkBBAEBASUBGwEAAQIA2AYCAAAMNHVzNHIzdzJ6NzV4AgABBgIvAgMCLwEBAAUBAAABNQEQAAAZAQUBAQEaAQwHAgUGAiACAAEGAiACAwIgAQEABwEhARAAABkBBwEBAQAAFDIwMjYtMDEtMDFUMTI6MDA6MDRaARsCAAEGAiMCAAEGAiMCAwIjAQEACAEkAAAAGQEIAQEBAAAUMjAyNi0wMS0wMVQxMjowMDowMloBFQMAAAAAAAAEQAYCJgIAAQYCJgIDAiYBAQAJAScBEAAAGQEJAQEBAAAUMjAyNi0wMS0wMVQxMjowMDowOVoBGwEuBgIvAgAABgIvAgQCLwEAAAUBMAEQAAARAAUBAQEzAQwDAAAAAAAABEAGAg0CAAEGAg0CBAINAQEAAQEPARAAABkBAQEBATMBDAESBgITAgABBgITAgQCEwEBAAoBFAEQAAAZAQoBAQEAABQyMDI2LTAxLTAxVDEyOjAwOjA3WgEVAgIWBgIXAgAABgIXAgAADDR1czRyM3ZsNDcwZwIXAQAABgEYARAAABEABgEBATQBGwESBgIcAgABBgIcAjUCHAEBAAIBHQEQAAAZAQIBAQE0ARsABgIoAgABBgIoAjUCKAEBAAsBKQEQAAAZAQsBAgA=",
  },
  {
    name: "waiting rows over columns",
    query:
      "SELECT k, v, LAG(v) OVER (PARTITION BY k LIMIT DURATION(second, 9)) AS w, System.Timestamp() AS ts FROM input TIMESTAMP BY t",
    state:
      "QVNBUwMAABBjOTc5ZDQ5ZjA5NmJmOTUw6wfu6ar9AQAAAAV0eXBlZAd4azBrMWsyFAAAAAABAAAAAwAAAAUAAAAHAAAAAJwRCX/rGkMCCAEAAAACAAAAABAAQq8Gf+saQwBCrwZ/6xpDEAAAAAAAAAAAAAAAAAAAAAACAAUQAAAAAAAACEAAAAAAAADwPwEIAgIAAQIAAgAAnBEJf+saQxAAqjgQf+saQwCqOBB/6xpDEACcEQl/6xpDAJwRCX/rGkMQAAAAAAAAKEAAAAAAAAAoQAAAoAEAnBEJf+saQwCcEQl/6xpDAJwRCX/rGkMAnBEJf+saQwCcEQl/6xpDAJwRCX/rGkMAnBEJf+saQwCcEQl/6xpDAJwRCX/rGkMAnBEJf+saQwCcEQl/6xpDAPZzC3/rGkMA9nMLf+saQwD2cwt/6xpDAFDWDX/rGkMAUNYNf+saQwBQ1g1/6xpDAKo4EH/rGkMAqjgQf+saQwCqOBB/6xpDoAEAAAAAAAAAQAAAAAAAABxAAAAAAAAAIEAAAAAAAAAiQAAAAAAAACZAADAAAAAAcEIAQAAAAABwQgBQAAAAAHBCAHAAAAAAcEIAgAAAAABwQgCQAAAAAHBCAAAAAAAAGEAAIAAAAABwQgCwAAAAAHBCAAAAAAAA8D8AAAAAAAAkQABgAAAAAHBCAAAAAAAAFEAAEAAAAABwQgCgAAAAAHBCUAEAAAABAAAAAQAAAAEAAAABAAAAAQAAAAEAAAABAAAAAQAAAAEAAAABAAAAAQAAAAEAAAABAAAAAQAAAAEAAAABAAAAAQAAAAEAAAABAAAAoAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAA8D8AAAAAAAAEQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADwPwAAAAAAAARAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEQAAAAAAAAAAAFAMFAQIAAAUFBQECBQMAAgMFBQIDBwcAAQAAAWEFCAICAAECAAIBAAECANgHAQUCAgAAC29tdnV1NTBzb3A3AgIEAQOgAQAAAAAAAAhAAAAAAAAAAEAAAAAAAAAIQAAAAAAAAPA/AAAAAAAACEAAAAAAAADwPwAAAAAAAABAAAAAAAAACEAAAAAAAAAAQAAAAAAAAAhAAAAAAAAA8D8AAAAAAADwPwAAAAAAAAhAAAAAAAAACEAAAAAAAAAAQAAAAAAAAABAAAAAAAAA8D8AAAAAAAAIQAAAAAAAAABAAAAAAAAAAEAUAwMDAwMDAwMDAwMDAwMDAwMDAwMAAAA=",
  },
];

const forms = ["1", "2.5", '"x"', "null", "[1,2]", '"\\ud800"', "90071992547409931", '{"a":true}'];

const waitingEvents = (partition: number): InputEvent[] =>
  Array.from({ length: 12 }, (_, i) => {
    const s = String(1 + ((i * 7 + partition) % 9)).padStart(2, "0");
    return {
      body: encoder.encode(`{"t":"2026-01-01T12:00:${s}Z","k":"k${i % 3}","v":${forms[i % 8]}}`),
      arrival: at("12:00:10") + BigInt(i),
      metadata: { partition, sequence: BigInt(i), offset: String(i), partitionKey: i % 4 === 0 ? null : "p" },
    };
  });

describe.each(thirdFormat)("a snapshot of the third format: $name", ({ query, state }) => {
  it("is carried on as if the job had never stopped, and saved and restored again", () => {
    const begin = () => {
      const rows: OutputRow[] = [];
      const job = createJob(planOf(query), {
        mode: "live",
        partitions: { input: 2 },
        policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 3n * second, policy: "adjust" },
        onRows: (batch) => rows.push(...batch),
      });
      return { job, rows };
    };
    const undisturbed = begin();
    for (const partition of [0, 1]) undisturbed.job.push("input", partition, waitingEvents(partition));
    const early = undisturbed.rows.length;
    const restored = begin();
    const bytes = Uint8Array.from(Buffer.from(state, "base64"));
    bytes.set(undisturbed.job.snapshot().subarray(8, 24), 8);
    restored.job.restore(bytes);
    const again = begin();
    again.job.restore(restored.job.snapshot());
    for (const { job } of [undisturbed, again]) {
      for (const partition of [0, 1]) job.push("input", partition, [event("20", "z", partition)]);
      job.finish();
    }
    expect(again.rows.map(rowText)).toEqual(undisturbed.rows.slice(early).map(rowText));
    expect(again.rows.length).toBeGreaterThan(15);
  });
});
