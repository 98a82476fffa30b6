import { topology } from "../../../contracts";
import type { StageConfig } from "../../config/stages";
import { Bill, priced } from "../bill";
import type { Load, ServicePlan } from "../capacity-plan";
import { grouped, secondsPerDay, secondsPerMonth, up } from "../numbers";
import type { PriceBook } from "../price-book";
import { quotas } from "../quotas";

const telemetry = topology.eventHubs.hubs[0]!;

/** Request units for device states and views. */
export function planCosmos(
  { eventsPerSecond, devices }: Load,
  stage: StageConfig,
  book: PriceBook,
): ServicePlan {
  const state = Math.min(eventsPerSecond, devices);
  const windows = (devices * 2) / 60;
  const needed = up(((state + windows) * quotas.upsertRequestUnits.value) / 1000) * 1000;
  const most =
    stage.cosmos.mode === "serverless" ? quotas.serverlessRequestUnits.value : stage.cosmos.maxRequestUnits;
  // Devices stay as they are: the events of each grow.
  const carries = (most / quotas.upsertRequestUnits.value - windows) * (eventsPerSecond / state);
  const bill = new Bill(book);
  const isServerless = stage.cosmos.mode === "serverless" && needed <= quotas.serverlessRequestUnits.value;
  if (isServerless)
    bill.add(
      "cosmos.serverless.millionRequestUnits",
      ((state + windows) * quotas.upsertRequestUnits.value * secondsPerMonth) / 1e6,
    );
  else bill.hours("cosmos.autoscale.hundredRequestUnitsHour", needed / 100);
  if (stage.cosmos.mode === "autoscale" && stage.cosmos.secondRegion !== null)
    bill.hours("cosmos.autoscale.hundredRequestUnitsHour", needed / 100);
  bill.add("cosmos.storageGbMonth", (windows * secondsPerMonth) / 1e6);
  return priced(
    {
      service: "Cosmos DB",
      needs: isServerless ? `serverless, ${grouped(needed)} RU/s` : `${grouped(needed)} RU/s`,
      configured: stage.cosmos.mode === "serverless" ? "serverless" : `autoscale to ${grouped(most)} RU/s`,
      carries: state < eventsPerSecond ? null : Math.max(0, carries),
      arithmetic: [
        `device state: ${grouped(state)} upserts/s; two windows of a minute for ${grouped(devices)} devices: ${grouped(windows)} upserts/s`,
        `${grouped(state + windows)} x ${quotas.upsertRequestUnits.value} RU = ${grouped((state + windows) * quotas.upsertRequestUnits.value)}, rounded up to ${grouped(needed)} RU/s`,
      ],
      sources: [quotas.upsertRequestUnits.source],
    },
    bill,
  );
}

/** Nodes of the cluster. */
export function planDataExplorer(
  { eventsPerSecond, eventBytes }: Load,
  stage: StageConfig,
  book: PriceBook,
): ServicePlan {
  const size = stage.dataExplorer.sku;
  const cores = Number(/E(\d+)/.exec(size)?.[1] ?? 8);
  const development = size.startsWith("Dev(");
  const perNode = (quotas.dataExplorerNodeEvents.value * 1000 * cores) / 8 / eventBytes;
  const nodes = Math.max(development ? 1 : 2, up(eventsPerSecond / perNode));
  const bill = new Bill(book).hours(
    cores >= 8 ? "dataExplorer.e8.nodeHour" : "dataExplorer.e2.nodeHour",
    nodes,
  );
  if (!development) bill.hours("dataExplorer.markupCoreHour", nodes * cores);
  return priced(
    {
      service: "Data Explorer",
      needs: `${nodes} x ${size}`,
      configured: `${stage.dataExplorer.instances} to ${stage.dataExplorer.maximumInstances} x ${size}`,
      carries: stage.dataExplorer.maximumInstances * perNode,
      arithmetic: [
        `${grouped(eventsPerSecond)} events/s of ${eventBytes} bytes / ${grouped(perNode)} a node of ${cores} cores = ${nodes} nodes${development ? "" : " (two at least)"}`,
      ],
      sources: [quotas.dataExplorerNodeEvents.source],
    },
    bill,
  );
}

/** What a year of captured data costs, tier by tier. */
export function planLake(
  { eventsPerSecond, eventBytes }: Load,
  stage: StageConfig,
  book: PriceBook,
): ServicePlan {
  const { replication, coldAfterDays, coolAfterDays } = stage.lake;
  const perDay = (eventsPerSecond * eventBytes * secondsPerDay) / 1e9;
  const hotDays = coolAfterDays ?? coldAfterDays;
  const partitions = telemetry.partitions[stage.topologyStage];
  const files = (partitions * secondsPerMonth) / (telemetry.capture?.intervalSeconds ?? 300);
  const bill = new Bill(book)
    .add(`lake.hot.${replication}.gbMonth`, perDay * hotDays)
    .add("lake.cold.gbMonth", perDay * Math.max(0, 365 - coldAfterDays))
    .add("lake.hot.tenThousandWrites", files / 1e4);
  const arithmetic = [
    `${grouped(perDay)} GB a day captured; hot for ${hotDays} days, cold from day ${coldAfterDays}, shown for a year of data`,
    `${grouped(files)} files a month from ${partitions} partitions`,
  ];
  if (coolAfterDays !== null) {
    const stay = coldAfterDays - coolAfterDays;
    bill.add("lake.cool.gbMonth", perDay * stay);
    if (stay < 30) {
      const fee = (perDay * 30 * (30 - stay)) / 30;
      bill.add("lake.cool.earlyDeleteGbMonth", fee);
      const usd = fee * book.prices["lake.cool.earlyDeleteGbMonth"]!.usd;
      arithmetic.push(
        `cool from day ${coolAfterDays} leaves ${stay} of the 30 days that are charged: early-delete fee ${grouped(usd)} USD a month`,
      );
    }
  }
  return priced(
    {
      service: "Data Lake",
      needs: `${grouped(perDay * 30)} GB a month`,
      configured: `${replication}, cold after ${coldAfterDays} days`,
      carries: null,
      arithmetic,
      sources: ["Blob storage, access tiers: cool is charged for 30 days at least, cold for 90"],
    },
    bill,
  );
}
