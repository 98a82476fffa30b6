import type { StageConfig } from "../config/stages";
import type { ServicePlan } from "./capacity-plan";
import { grouped } from "./numbers";
import { planCapacity } from "./plan";

/** A service of a stage, or its budget, that cannot carry the stage's declared load. */
export interface Shortfall {
  readonly service: string;
  readonly message: string;
}

/** What of a stage is too small for its own load. */
export function shortfalls(stage: StageConfig): Shortfall[] {
  const rate = stage.load.eventsPerSecond;
  const plan = planCapacity(stage.load, stage);
  const budget: Shortfall[] =
    plan.monthlyUsd <= stage.monthlyBudgetUsd
      ? []
      : [
          {
            service: "budget",
            message: `the declared load costs ${grouped(plan.monthlyUsd)} USD a month, and the budget is ${grouped(stage.monthlyBudgetUsd)}: its alerts would say nothing [price book of ${plan.priceBookAsOf}]`,
          },
        ];
  const short = (service: ServicePlan): boolean => service.carries !== null && service.carries < rate;
  const services = plan.services.filter(short).map(({ service, configured, needs, carries, sources }) => ({
    service,
    message: `${service} (${configured}) carries ${grouped(Math.floor(carries!))} of the declared ${grouped(rate)} events/s; needed: ${needs} [${sources.join("; ")}]`,
  }));
  return [...services, ...budget];
}

/** Refuses a stage whose sizes cannot carry its declared load. @throws RangeError CAPACITY_SHORT with the quotas' sources */
export function assertCapacity(stage: StageConfig): void {
  const found = shortfalls(stage);
  if (found.length === 0) return;
  const lines = found.map(({ message }) => `  ${message}`);
  throw new RangeError(
    `CAPACITY_SHORT: stage "${stage.name}" cannot carry its declared load:\n${lines.join("\n")}`,
  );
}
