import { type CapacityPlan, planCapacity, type ServicePlan, standardPriceBook } from "../infra/capacity";
import { type StageName, stages } from "../infra/config/stages";

const grouped = (value: number): string => Math.round(value).toLocaleString("en-US");

const introduction = `# What it costs

Written by \`npm run docs\` from the capacity planner: each stage at the load that \`infra/config/stages.ts\` declares for it, at list prices of ${standardPriceBook.asOf}. **No bill has been
seen yet**; a star marks a number with a price or a coefficient that could not be verified. Another load, another price book, the arithmetic and every source:
\`npm run capacity -- --stage prod --events-per-second 100000 --event-bytes 500 --devices 10000\`.
`;

const deployed: readonly StageName[] = ["dev", "test", "prod"];

/** The text of docs/costs.md. */
export function costsPage(): string {
  const plans = deployed.map((name) => planCapacity(stages[name].load, stages[name], standardPriceBook));
  return [
    introduction,
    overview(plans),
    ...plans.map(stageSection),
    latencySection(plans.at(-1)!),
    levers,
  ].join("\n");
}

function overview(plans: readonly CapacityPlan[]): string {
  const rows = plans.map((plan) => {
    const { load } = plan;
    const { monthlyBudgetUsd } = stages[plan.stage as StageName];
    const breaks =
      plan.breaksFirst === null
        ? "nothing"
        : `${plan.breaksFirst.service}, above ${grouped(plan.breaksFirst.eventsPerSecond)} events/s`;
    return `| ${plan.stage} | ${grouped(load.eventsPerSecond)} of ${load.eventBytes} bytes | ${grouped(load.devices)} | ${grouped(plan.monthlyUsd)} * | ${grouped(monthlyBudgetUsd)} | ${breaks} |`;
  });
  return `| stage | events a second | devices | USD a month | budget of the stage, USD | what breaks first |\n|---|---|---|---|---|---|\n${rows.join("\n")}\n\nPrices are of what the load needs, running day and night; hours in which the cost guard has stopped \`dev\` and \`test\` come off ([deploy.md](deploy.md)).\n`;
}

function stageSection(plan: CapacityPlan): string {
  const row = (service: ServicePlan): string => {
    const carries =
      service.carries === null
        ? "-"
        : `${grouped(Math.floor(service.carries))}${service.carries < plan.load.eventsPerSecond ? " (too small)" : ""}`;
    const star = service.unverified.length > 0 ? " *" : "";
    return `| ${service.service} | ${service.needs} | ${service.configured} | ${carries} | ${grouped(service.monthlyUsd)}${star} |`;
  };
  return `## Stage ${plan.stage}\n\n| service | needs | configured | carries events/s | USD a month |\n|---|---|---|---|---|\n${plan.services.map(row).join("\n")}\n`;
}

function latencySection({ latency, statements }: CapacityPlan): string {
  const rows = latency.map(({ path, floor }) => `| ${path} | ${floor} |`);
  return `## Latency floor of each path\n\n| path | floor |\n|---|---|\n${rows.join("\n")}\n\n## What the numbers mean\n\n${statements.map((text) => `- ${text}`).join("\n")}\n`;
}

const levers = `## What makes it cheaper

- \`npm run stage-power -- --stage dev --stop\` stops stream jobs, Data Explorer, Fabric and the dedicated pool; the workflow \`cost-guard.yml\` does it every evening.
- Flags of \`infra/config/stages.ts\`: the dedicated pool, the dedicated cluster of Stream Analytics and Fabric are on in \`prod\` alone.
- Several readings in one event: Event Hubs and IoT Hub meter events, not readings.
- Old versions of stream jobs cost as much as new ones: retire them ([deploy.md](deploy.md)).
`;
