import { topology } from "../../../contracts";
import type { StageConfig } from "../../config/stages";
import { Bill, priced } from "../bill";
import type { Load, ServicePlan } from "../capacity-plan";
import { grouped, secondsPerMonth, up } from "../numbers";
import type { PriceBook } from "../price-book";
import { quotas } from "../quotas";

const telemetry = topology.eventHubs.hubs[0]!;

/** Streaming units of each job, by where it writes. */
export function planJobs({ eventsPerSecond }: Load, stage: StageConfig, book: PriceBook): ServicePlan[] {
  return topology.jobs.map((job) => {
    const filters = !job.outputs.some(
      (output) => "container" in output && output.container === "realtime-views",
    );
    const rate = filters ? quotas.jobEventsToHub : quotas.jobEventsToCosmos;
    const exact = eventsPerSecond / rate.value;
    // Below one unit there are a third and two thirds.
    const units = exact <= 1 / 3 ? 1 / 3 : exact <= 2 / 3 ? 2 / 3 : up(exact);
    const backend = units < 0.5 ? 3 : units < 1 ? 7 : units * 10;
    const configured = job.streamingUnits[stage.topologyStage];
    const share = configured === 3 ? 1 / 3 : configured === 7 ? 2 / 3 : configured / 10;
    const arithmetic = [
      `${grouped(eventsPerSecond)} / ${grouped(rate.value)} events/s a unit = ${exact.toFixed(2)}: ${backend} in the configuration`,
    ];
    if (units > quotas.jobUnits.value)
      arithmetic.push(`more than ${quotas.jobUnits.value} units: azapi, or the job split by key`);
    return priced(
      {
        service: `Stream Analytics ${job.name} ${job.version}`,
        needs: `${units < 1 ? (units < 0.5 ? "1/3" : "2/3") : units} SU V2`,
        configured: `${configured} (${share < 1 ? (configured === 3 ? "1/3" : "2/3") : share} SU V2)`,
        carries: share * rate.value,
        arithmetic,
        sources: [rate.source],
      },
      new Bill(book).hours("streamAnalytics.unitV2Hour", units),
    );
  });
}

/** Instances of the functions that read hubs. */
export function planFunctions({ eventsPerSecond }: Load, stage: StageConfig, book: PriceBook): ServicePlan {
  const triggers = topology.functions.filter(({ hub }) => hub === telemetry.name).length;
  const partitions = telemetry.partitions[stage.topologyStage];
  const instances = up(eventsPerSecond / quotas.functionEvents.value);
  const usable = Math.min(partitions, stage.functions.maximumInstances);
  // An instance has 2 GB; a batch of 100 events runs for 200 ms.
  const executions = (eventsPerSecond * triggers * secondsPerMonth) / 100;
  const bill = new Bill(book)
    .add("functions.flex.millionExecutions", executions / 1e6)
    .add("functions.flex.gbSecond", executions * 0.2 * 2)
    .add("functions.flex.alwaysReadyGbSecond", stage.functions.alwaysReady * triggers * 2 * secondsPerMonth);
  return priced(
    {
      service: "Functions",
      needs: `${instances} instances a trigger`,
      configured: `up to ${usable} (${partitions} partitions, ${stage.functions.maximumInstances} instances)`,
      carries: usable * quotas.functionEvents.value,
      arithmetic: [
        `${grouped(eventsPerSecond)} / ${quotas.functionEvents.value} events/s an instance = ${instances}; at most one instance a partition`,
        `${triggers} triggers, batches of 100 events, 200 ms each`,
      ],
      sources: [quotas.functionEvents.source],
    },
    bill,
  );
}
