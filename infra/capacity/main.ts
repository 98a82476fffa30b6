import { parseArgs } from "node:util";
import { type StageName, stageNames, stages } from "../config/stages";
import { planCapacity, readPriceBook, standardPriceBook } from "./index";
import { capacityReport } from "./report";

const usage =
  "npm run capacity -- [--stage S] [--events-per-second N] [--event-bytes B] [--devices D] [--price-book FILE] [--json]";

function main(): number {
  const { values } = parseArgs({
    options: {
      "events-per-second": { type: "string" },
      "event-bytes": { type: "string" },
      devices: { type: "string" },
      stage: { type: "string", default: "prod" },
      "price-book": { type: "string" },
      json: { type: "boolean" },
    },
  });
  const stage = stages[values.stage as StageName];
  if (stage === undefined) {
    console.error(
      `CAPACITY_STAGE_UNKNOWN: stage "${values.stage}" is not one of ${stageNames.join(", ")}\n  hint: ${usage}`,
    );
    return 2;
  }
  const number = (given: string | undefined, standard: number): number =>
    given === undefined ? standard : Number(given);
  const load = {
    eventsPerSecond: number(values["events-per-second"], stage.load.eventsPerSecond),
    eventBytes: number(values["event-bytes"], stage.load.eventBytes),
    devices: number(values.devices, stage.load.devices),
  };
  const book = values["price-book"] === undefined ? standardPriceBook : readPriceBook(values["price-book"]);
  const plan = planCapacity(load, stage, book);
  process.stdout.write(values.json ? `${JSON.stringify(plan, null, 2)}\n` : capacityReport(plan));
  return 0;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(`${(error as Error).message}\n  hint: ${usage}`);
  process.exitCode = 2;
}
