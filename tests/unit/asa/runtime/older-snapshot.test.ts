import { createJob, type OutputRow } from "../../../../asa";
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
