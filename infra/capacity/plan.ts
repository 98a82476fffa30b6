import type { StageConfig } from "../config/stages";
import type { CapacityPlan, Load } from "./capacity-plan";
import { type PriceBook, standardPriceBook } from "./price-book";
import { quotas } from "./quotas";
import { planEventHubs } from "./services/event-hubs";
import { planIotHub } from "./services/iot-hub";
import { planRest } from "./services/rest";
import { planFunctions, planJobs } from "./services/speed";
import { planCosmos, planDataExplorer, planLake } from "./services/stores";
import { latencyFloors, statementsOf } from "./statements";

/** Plans every service of a stage for a load. @throws RangeError CAPACITY_LOAD for a load that is none */
export function planCapacity(
  load: Load,
  stage: StageConfig,
  book: PriceBook = standardPriceBook,
): CapacityPlan {
  for (const [name, value] of Object.entries(load)) {
    if (!Number.isFinite(value) || value <= 0)
      throw new RangeError(`CAPACITY_LOAD: ${name} must be a number above 0`);
  }
  if (load.eventBytes > quotas.eventBytes.value)
    throw new RangeError(`CAPACITY_LOAD: ${quotas.eventBytes.source}`);
  const services = [
    planEventHubs(load, stage, book),
    planIotHub(load, stage, book),
    ...planJobs(load, stage, book),
    planFunctions(load, stage, book),
    planCosmos(load, stage, book),
    planDataExplorer(load, stage, book),
    planLake(load, stage, book),
    planRest(stage, book),
  ];
  const limits = services.filter((service) => service.carries !== null);
  const first = limits.reduce(
    (least, service) => (service.carries! < least.carries! ? service : least),
    limits[0]!,
  );
  return {
    stage: stage.name,
    load,
    services,
    monthlyUsd: services.reduce((sum, { monthlyUsd }) => sum + monthlyUsd, 0),
    priceBookAsOf: book.asOf,
    latency: latencyFloors(load),
    breaksFirst: { service: first.service, eventsPerSecond: Math.floor(first.carries!) },
    statements: statementsOf(load, book),
  };
}
