import type { CapacityPlan } from "./capacity-plan";
import { grouped } from "./numbers";

const columns = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join("  ")
      .trimEnd(),
  );
};

/** The plan as text: a table, the arithmetic with its sources, latency, and what must be said. */
export function capacityReport(plan: CapacityPlan): string {
  const { load, stage, services } = plan;
  const rows = [
    ["service", "needs", "configured", "carries events/s", "USD a month"],
    ...services.map((service) => [
      service.service,
      service.needs,
      service.configured,
      service.carries === null
        ? "-"
        : `${grouped(Math.floor(service.carries))}${service.carries < load.eventsPerSecond ? " (too small)" : ""}`,
      `${grouped(service.monthlyUsd)}${service.unverified.length > 0 ? " *" : ""}`,
    ]),
    ["total", "", "", "", `${grouped(plan.monthlyUsd)} *`],
  ];
  const lines = [
    `${grouped(load.eventsPerSecond)} events/s of ${grouped(load.eventBytes)} bytes, ${grouped(load.devices)} devices, stage ${stage}`,
    "",
    ...columns(rows),
    "",
    `* holds unverified prices; price book of ${plan.priceBookAsOf}, another with --price-book FILE`,
    `what breaks first: ${plan.breaksFirst === null ? "nothing" : `${plan.breaksFirst.service}, above ${grouped(plan.breaksFirst.eventsPerSecond)} events/s`}`,
    "",
    "arithmetic",
    ...services.flatMap((service) => [
      `  ${service.service}`,
      ...service.arithmetic.map((line) => `    ${line}`),
      ...service.sources.map((line) => `    source: ${line}`),
      ...(service.unverified.length > 0 ? [`    unverified: ${service.unverified.join(", ")}`] : []),
    ]),
    "",
    "latency floor",
    ...plan.latency.map(({ path, floor }) => `  ${path}: ${floor}`),
    "",
    "what these numbers mean",
    ...plan.statements.map((line) => `  ${line}`),
  ];
  return `${lines.join("\n")}\n`;
}
