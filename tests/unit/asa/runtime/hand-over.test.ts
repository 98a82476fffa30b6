import { createJob, type Job, type OutputRow } from "../../../../asa";
import { at, planOf, rowText } from "../../../support/asa";

const encoder = new TextEncoder();
const arrival = at("12:00:00");

function lines(count: number): Uint8Array {
  let text = "";
  for (let n = 0; n < count; n++) text += `{"t":"2026-01-01T12:00:01Z","k":"k${n}"}\n`;
  return encoder.encode(text);
}

function started(query: string, onRows: (rows: readonly OutputRow[]) => void): Job {
  return createJob(planOf(query), {
    mode: "live",
    policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 0n, policy: "adjust" },
    onRows,
  });
}

const tumbling = "SELECT k, COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 5)";

describe("handing rows over", () => {
  it.each([1, 1023, 1024, 1025, 5000])("gives all of %i rows, in order, some at a time", (count) => {
    const pieces: number[] = [];
    const texts: string[] = [];
    const job = started(tumbling, (rows) => {
      pieces.push(rows.length);
      texts.push(...rows.map(rowText));
    });
    job.pushLines("input", 0, lines(count), arrival);
    job.finish();
    expect(texts).toEqual(Array.from({ length: count }, (_, n) => `{"k":"k${n}","n":1}`));
    expect(Math.max(...pieces)).toBeLessThanOrEqual(1024);
    expect(pieces).toHaveLength(Math.ceil(count / 1024));
  });

  it("gives what a call released before its error", () => {
    const texts: string[] = [];
    const job = started(
      "SELECT k, CAST(SUBSTRING(k, 2, 9) AS bigint) % (CAST(SUBSTRING(k, 2, 9) AS bigint) - 1500) AS n FROM input TIMESTAMP BY t",
      (rows) => texts.push(...rows.map(rowText)),
    );
    expect(() => {
      job.pushLines("input", 0, lines(3000), arrival);
      job.finish();
    }).toThrow(expect.objectContaining({ code: "ASA_ARITHMETIC" }));
    expect(texts).toHaveLength(1500);
    expect(() => job.finish()).toThrow(expect.objectContaining({ code: "ASA_JOB_FAILED" }));
  });

  it.each(["push", "snapshot", "beginSnapshot", "finish"] as const)(
    "refuses %s while it hands over",
    (call) => {
      const errors: unknown[] = [];
      const job: Job = started(tumbling, () => {
        try {
          if (call === "push") job.push("input", 0, []);
          else job[call]();
        } catch (error) {
          errors.push(error);
        }
      });
      job.pushLines("input", 0, lines(3), arrival);
      job.finish();
      expect(errors).toEqual([expect.objectContaining({ code: "ASA_JOB_BUSY" })]);
      expect(job.snapshot().length).toBeGreaterThan(0);
    },
  );
});
