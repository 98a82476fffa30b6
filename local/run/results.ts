import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { WindowComparison } from "../../contracts";
import type { RunReport } from "./report";
import type { ServedWindow } from "./view-reader";

const differencesKept = 1000;

export interface RunResults {
  readonly report: RunReport;
  readonly job: string;
  /** Every merged window. */
  readonly views: readonly ServedWindow[];
  readonly comparisons: Readonly<Record<string, WindowComparison>>;
  /** sent.ndjson is these, one after the other. */
  readonly ledgers: readonly string[];
  readonly quarantine: AsyncIterable<{ readonly body: string; readonly reason: string }>;
}

/** Writes the folder of an unattended run: each file so that anybody can check the sums with a tool of his own. */
export async function writeResults(outDir: string, results: RunResults): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeSent(join(outDir, "sent.ndjson"), results.ledgers);
  await writeLines(join(outDir, "views.ndjson"), viewLines(results));
  await writeLines(join(outDir, "quarantine.ndjson"), results.quarantine);
  await writeLines(join(outDir, "differences.ndjson"), differenceLines(results));
  // Last, so that a report stands beside complete files.
  await writeFile(join(outDir, "report.json"), `${JSON.stringify(results.report, undefined, 2)}\n`);
}

function* viewLines({ job, views }: RunResults): Generator<unknown> {
  const sorted = views.toSorted(
    (a, b) =>
      compare(a.grain, b.grain) ||
      compare(a.key, b.key) ||
      compare(a.window, b.window) ||
      compare(a.end, b.end),
  );
  for (const { version, grain, key, window, start, end, values, source, asOf } of sorted) {
    yield { job, version, grain, key, window, start, end, values, source, asOf };
  }
}

/** By code unit: the same order on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function* differenceLines({ comparisons }: RunResults): Generator<unknown> {
  for (const [comparison, { differences }] of Object.entries(comparisons)) {
    for (const difference of differences.slice(0, differencesKept)) yield { comparison, ...difference };
  }
}

async function writeSent(path: string, ledgers: readonly string[]): Promise<void> {
  const stream = createWriteStream(path);
  for (const ledger of ledgers) {
    for await (const chunk of createReadStream(ledger)) {
      if (!stream.write(chunk)) await once(stream, "drain");
    }
  }
  stream.end();
  await finished(stream);
}

async function writeLines(path: string, values: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
  const stream = createWriteStream(path);
  for await (const value of values) {
    if (!stream.write(`${JSON.stringify(value)}\n`)) await once(stream, "drain");
  }
  stream.end();
  await finished(stream);
}
