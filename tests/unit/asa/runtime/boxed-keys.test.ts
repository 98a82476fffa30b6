import { createJob } from "../../../../asa";
import { at, planOf, rowText } from "../../../support/asa";

const plan = planOf(
  "WITH s AS (SELECT d.y AS c FROM input TIMESTAMP BY t) " +
    "SELECT c, LAG(c) OVER (PARTITION BY c LIMIT DURATION(minute, 1)) AS before FROM s",
);
const event = (second: string, y: string): string =>
  `{"t":"2026-01-01T00:00:${second}Z","d":{"y":${JSON.stringify(y)}}}`;

/** Texts out of records come in boxes, as keys they are what they are by their number. */
describe("keys of texts out of records", () => {
  it("are the same ones after a restore", () => {
    const rows: string[] = [];
    const open = () =>
      createJob(plan, {
        mode: "replay",
        policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 20_000_000n, policy: "adjust" },
        onRows: (batch) => rows.push(...batch.map(rowText)),
      });
    const push = (job: ReturnType<typeof open>, ...lines: string[]): void =>
      job.push(
        "input",
        0,
        lines.map((line) => ({ body: new TextEncoder().encode(line), arrival: at("00:00:30") })),
      );
    let job = open();
    push(job, event("01", "b"), event("04", "\ud800"), event("05", "a"), event("07", "c"));
    const state = job.snapshot();
    job = open();
    job.restore(state);
    push(job, event("08", "b"), event("09", "a"), event("10", "\ud800"), event("11", "d"));
    job.finish();
    expect(rows).toEqual([
      '{"c":"b","before":null}',
      '{"c":"\\ud800","before":null}',
      '{"c":"a","before":null}',
      '{"c":"c","before":null}',
      '{"c":"b","before":"b"}',
      '{"c":"a","before":"a"}',
      '{"c":"\\ud800","before":"\\ud800"}',
      '{"c":"d","before":null}',
    ]);
  });
});
