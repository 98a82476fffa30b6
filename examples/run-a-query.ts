// Compiles a query, runs it over events in memory and prints its rows.
import { compilePlan, createJob, formatDateTime, type InputEvent, writeJsonObject } from "../asa";

const query = `
  SELECT deviceId, AVG(temperature) AS temperature, COUNT(*) AS readings
  INTO averages
  FROM telemetry TIMESTAMP BY measuredAt
  GROUP BY deviceId, TumblingWindow(minute, 5)`;

const job = createJob(compilePlan(query, { purpose: "local" }), {
  mode: "file",
  policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: null, policy: "adjust" },
  onRows(rows) {
    for (const row of rows)
      console.log(row.output, formatDateTime(row.time), writeJsonObject(row.columns, row.values));
  },
});

const events = [
  { deviceId: "press-1", temperature: 21.5, measuredAt: "2026-01-01T08:00:30Z" },
  { deviceId: "press-1", temperature: 22.5, measuredAt: "2026-01-01T08:04:59Z" },
  { deviceId: "press-1", temperature: 30, measuredAt: "2026-01-01T08:05:00.0000001Z" },
].map((event): InputEvent => ({ body: new TextEncoder().encode(JSON.stringify(event)), arrival: 0n }));

job.push("telemetry", 0, events);
job.finish();

// Prints:
// averages 2026-01-01T08:05:00.0000000Z {"deviceId":"press-1","temperature":22.0,"readings":2}
// averages 2026-01-01T08:10:00.0000000Z {"deviceId":"press-1","temperature":30.0,"readings":1}
