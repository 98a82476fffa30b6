import type { StageConfig } from "../../config/stages";
import { Bill, priced } from "../bill";
import type { ServicePlan } from "../capacity-plan";
import type { PriceBook } from "../price-book";

/** What costs the same whatever the load is. */
export function planRest(stage: StageConfig, book: PriceBook): ServicePlan {
  const bill = new Bill(book);
  const arithmetic: string[] = [];
  const serverless = /GP_S_Gen5_(\d+)/.exec(stage.sql.sku);
  const cores = Number(/Gen5_(\d+)/.exec(stage.sql.sku)?.[1] ?? 2);
  if (serverless !== null) {
    bill.add("sql.serverless.coreHour", cores * 100);
    arithmetic.push(`Azure SQL ${stage.sql.sku}: awake 100 hours a month`);
  } else {
    bill.add("sql.generalPurpose.coreMonth", cores);
    arithmetic.push(`Azure SQL ${stage.sql.sku}: ${cores} cores`);
  }
  if (stage.flags.privateNetworking) {
    bill.add("network.privateEndpointMonth", 25);
    arithmetic.push("25 private endpoints");
  }
  bill.add("network.natMonth", 1);
  bill.hours("grafana.standardHour", 1);
  bill.add("synapse.serverless.terabyte", 1);
  bill.add("alerts.metricSeriesMonth", 40);
  const logs = stage.logs.dailyQuotaGb ?? 5;
  bill.add("logs.gb", logs * 30);
  arithmetic.push(
    `${logs} GB of logs a day; one NAT gateway; Grafana; 1 TB scanned by serverless SQL; 40 metric alerts`,
  );
  const batchHours = stage.topologyStage === "prod" ? 120 : 20;
  bill.add("databricks.jobs.unitHour", batchHours * 4 * 0.75).add("databricks.node.hour", batchHours * 4);
  arithmetic.push(`batch layer: 4 nodes for ${batchHours} hours a month`);
  if (stage.flags.synapseDedicatedPool) {
    bill.add("synapse.dedicated.dw100cHour", 176);
    arithmetic.push("dedicated SQL pool DW100c for 176 hours, paused otherwise");
  }
  if (stage.flags.fabricCapacity) {
    bill.add("fabric.f2Month", 1);
    arithmetic.push("Fabric F2");
  }
  return priced(
    {
      service: "Everything else",
      needs: "fixed",
      configured: "fixed",
      carries: null,
      arithmetic,
      sources: [],
    },
    bill,
  );
}
