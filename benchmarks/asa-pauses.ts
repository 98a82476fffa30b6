import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { once } from "./asa/measure";
import { circumstances, one, thousands, writeSection } from "./asa/page";
import type { Bursts } from "./asa/pauses/burst";
import type { CompileTimes } from "./asa/pauses/compile";
import type { SnapshotPauses } from "./asa/pauses/snapshot";

const groups = 1_000_000;
const rows = 10_000;

/** Measures what makes a job stand still, each in a process of its own, and writes it into docs/benchmarks.md. */
function main(): void {
  const { values } = parseArgs({
    options: { page: { type: "string", default: resolve(__dirname, "../../docs/benchmarks.md") } },
  });
  const snapshot = once<SnapshotPauses>("pauses/snapshot", { groups });
  const burst = once<Bursts>("pauses/burst", { windows: 200, rows });
  const compiled = once<CompileTimes>("pauses/compile", { lines: 500 });
  const text = [
    circumstances("npm run bench -- asa-pauses"),
    "",
    "| what | aim ms | ms | besides |",
    "|---|--:|--:|---|",
    `| pause of a snapshot, ${thousands(groups)} groups of a tumbling window (${Math.round(snapshot.megabytes)} MB) | 10 | ${one(snapshot.capture)} | longest ${one(snapshot.longestCapture)}, first ${one(snapshot.firstCapture)}; longest piece before or after it ${one(snapshot.longestSlice)}; all at once ${one(snapshot.whole)}; restore ${one(snapshot.restore)} |`,
    `| p99 of a window's end, ${thousands(rows)} rows of JSON | 20 | ${one(burst.p99)} | median ${one(burst.median)}, longest ${one(burst.longest)}, first ${one(burst.first)} |`,
    `| compiling a job of ${compiled.lines} lines | 100 | ${one(compiled.cold)} | first in its process; warm ${one(compiled.warm)}; generated code and operators ${one(compiled.job)} |`,
  ].join("\n");
  console.log(text);
  writeSection(values.page, "asa-pauses", text);
}

if (require.main === module) main();
