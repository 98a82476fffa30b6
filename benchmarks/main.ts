import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { benchAsa } from "./asa";
import { usualRepetitions } from "./asa/page";
import { benchPeers } from "./asa/peers";
import { workloads } from "./asa/queries";

const usage = "usage: npm run bench -- asa [--peers] [--events N] [--repeat N] [--only W1,W4] [--page FILE]";

/** Runs what the command line names. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      peers: { type: "boolean" },
      events: { type: "string", default: "400000" },
      repeat: { type: "string", default: String(usualRepetitions) },
      only: { type: "string", default: workloads.map(({ name }) => name).join() },
      page: { type: "string", default: resolve(__dirname, "../../docs/benchmarks.md") },
    },
  });
  const [events, repeat] = [Number(values.events), Number(values.repeat)];
  const only = values.only.split(",");
  const known = only.every((name) => workloads.some((workload) => workload.name === name));
  if (positionals[0] !== "asa" || !known || !(events >= 1000) || !(repeat >= 1)) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const bench = values.peers === true ? benchPeers : benchAsa;
  await bench(events, repeat, values.page, only);
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
