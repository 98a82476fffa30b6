import { app, type InvocationContext, type Timer } from "@azure/functions";
import { type AnomalySource, type FindingChannel, watchAnomalies } from "../domain/findings";
import { functionNamed, required } from "./registration";

const name = "watchAnomalies";

/** Handler: anomalies since the last run are told. */
export function watchAnomaliesHandler(
  source: AnomalySource,
  channel: FindingChannel,
  now: () => Date = () => new Date(),
) {
  const watch = watchAnomalies(source, channel);
  return async (timer: Timer, context: InvocationContext): Promise<void> => {
    const found = await watch(lastRun(timer), now());
    if (found > 0) context.log(`told of ${found} anomalies`);
  };
}

/** The host gives the year 1 to a timer that never fired. */
function lastRun({ scheduleStatus }: Timer): Date | null {
  const last = Date.parse(scheduleStatus?.last ?? "");
  return last > 0 ? new Date(last) : null;
}

export function registerWatchAnomalies(source: AnomalySource, channel: FindingChannel): void {
  app.timer(name, {
    schedule: required(functionNamed(name, "timer"), "schedule"),
    handler: watchAnomaliesHandler(source, channel),
  });
}
