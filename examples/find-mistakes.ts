// Checks a query against the columns of its input and prints what is wrong, as the command asa does.
import { compile, formatDiagnostic } from "../asa";

const query = `SELECT deviceId, temprature
FROM telemetry TIMESTAMP BY measuredAt
GROUP BY deviceId`;

const { diagnostics, plan } = compile(query, {
  file: "job.asaql",
  inputs: [
    { alias: "telemetry", kind: "stream", contractColumns: ["deviceId", "temperature", "measuredAt"] },
  ],
});
for (const diagnostic of diagnostics) console.log(formatDiagnostic(diagnostic, query));
console.log(plan === null ? "The job would not start." : "The job would start.");

// Prints:
// warning ASA_CONTRACT_COLUMN: column "temprature" is not in the contract of input "telemetry"
//   job.asaql:1:18
//   1 | SELECT deviceId, temprature
//     |                  ^
//   hint: Did you mean "temperature"?
// ASA_NOT_GROUPED: column "temprature" is neither grouped by nor aggregated
//   job.asaql:1:18
//   1 | SELECT deviceId, temprature
//     |                  ^
//   detail: Column cannot be used in SELECT clause when GROUP BY clause is present. Only aggregating expressions and the expressions specified in the GROUP BY clause are allowed.
//   hint: Add it to GROUP BY, or aggregate it, e.g. with MAX or TopOne.
// ASA_WINDOW_MISSING: GROUP BY has no window
//   job.asaql:3:10
//   2 | FROM telemetry TIMESTAMP BY measuredAt
//   3 | GROUP BY deviceId
//     |          ^
//   detail: A stream has no end, so its groups are formed within windows.
//   hint: Add e.g. TumblingWindow(minute, 5), or System.Timestamp() for events of the same time.
// The job would not start.
