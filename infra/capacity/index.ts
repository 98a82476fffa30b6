export { assertCapacity, type Shortfall, shortfalls } from "./assert";
export type { CapacityPlan, Load, ServicePlan } from "./capacity-plan";
export { planCapacity } from "./plan";
export { type PriceBook, readPriceBook, standardPriceBook } from "./price-book";
export { type Quota, quotas } from "./quotas";
export { statementsOf } from "./statements";
export {
  iotHubChoices,
  iotHubRate,
  iotHubUnits,
  processingUnits,
  throughputUnitRate,
  throughputUnits,
} from "./units";
