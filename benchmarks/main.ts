import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { benchAsa } from "./asa";

/** `npm run bench -- asa [--events N] [--repeat N]` */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { events: { type: "string" }, repeat: { type: "string" } },
  });
  const events = Number(values.events ?? 400_000);
  const repeat = Number(values.repeat ?? 2);
  if (positionals[0] !== "asa" || !(events >= 1000) || !(repeat >= 1)) {
    console.error("usage: npm run bench -- asa [--events N] [--repeat N]");
    process.exitCode = 2;
    return;
  }
  await benchAsa(events, repeat, resolve(__dirname, "../../docs/benchmarks.md"));
}

if (require.main === module) void main();
