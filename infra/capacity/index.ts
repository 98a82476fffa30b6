export { assertCapacity, type Shortfall, shortfalls } from "./assert";
export {
  type CapacityPlan,
  iotHubChoices,
  iotHubRate,
  iotHubUnits,
  type Load,
  planCapacity,
  processingUnits,
  type ServicePlan,
  statementsOf,
  throughputUnitRate,
  throughputUnits,
} from "./plan";
export { type PriceBook, readPriceBook, standardPriceBook } from "./price-book";
export { type Quota, quotas } from "./quotas";
