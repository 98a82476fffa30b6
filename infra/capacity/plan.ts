import { topology } from "../../contracts";
import type { StageConfig } from "../config/stages";
import { type PriceBook, standardPriceBook } from "./price-book";
import { type Quota, quotas } from "./quotas";

/** The load that a plan is for. */
export interface Load {
  readonly eventsPerSecond: number;
  readonly eventBytes: number;
  readonly devices: number;
}

/** What one service needs, why, and what it costs. */
export interface ServicePlan {
  readonly service: string;
  /** What the load needs, as `3 x S3`. */
  readonly needs: string;
  /** What the stage is configured with. */
  readonly configured: string;
  /** Events a second that the configured size carries; null where the load does not decide. */
  readonly carries: number | null;
  readonly arithmetic: readonly string[];
  readonly sources: readonly string[];
  readonly monthlyUsd: number;
  /** Names of prices in it that nobody has verified. */
  readonly unverified: readonly string[];
}

export interface LatencyFloor {
  readonly path: string;
  readonly floor: string;
}

export interface CapacityPlan {
  readonly stage: string;
  readonly load: Load;
  readonly services: readonly ServicePlan[];
  readonly monthlyUsd: number;
  readonly priceBookAsOf: string;
  readonly latency: readonly LatencyFloor[];
  /** The service that the configured sizes overload first, and at which rate. */
  readonly breaksFirst: { readonly service: string; readonly eventsPerSecond: number } | null;
  readonly statements: readonly string[];
}

/** 1,234,567 */
export const grouped = (value: number): string => Math.round(value).toLocaleString("en-US");
const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toLocaleString("en-US", { maximumFractionDigits: 2 })} MB/s`;
const up = (value: number): number => Math.ceil(value - 1e-9);
const secondsPerDay = 86_400;
const secondsPerMonth = 730 * 3600;

/** Throughput units that a rate needs coming in. */
export function throughputUnits(eventsPerSecond: number, eventBytes: number): number {
  const byEvents = eventsPerSecond / quotas.throughputUnitEvents.value;
  return Math.max(1, up(byEvents), up((eventsPerSecond * eventBytes) / quotas.throughputUnitBytes.value));
}

/** Events a second that some throughput units take, whatever is claimed of them. */
export const throughputUnitRate = (units: number, eventBytes: number): number =>
  Math.min(
    units * quotas.throughputUnitEvents.value,
    (units * quotas.throughputUnitBytes.value) / eventBytes,
  );

/** The processing units that exist: 1, 2, 4, 8, 16; undefined when the rate is beyond them at the upper end of a unit. */
export function processingUnits(
  bytesPerSecond: number,
): { readonly units: number; readonly borderline: boolean } | undefined {
  const sizes = [1, 2, 4, 8, 16];
  const sure = sizes.find((units) => bytesPerSecond <= units * quotas.processingUnitBytesLow.value);
  if (sure !== undefined) return { units: sure, borderline: false };
  return bytesPerSecond <= 16 * quotas.processingUnitBytesHigh.value
    ? { units: 16, borderline: true }
    : undefined;
}

export type IotTier = "S1" | "S2" | "S3";

const iotTiers: Readonly<
  Record<
    IotTier,
    { readonly daily: Quota; readonly sends: Quota; readonly most: Quota; readonly price: string }
  >
> = {
  S1: {
    daily: quotas.s1DailyMessages,
    sends: quotas.s1SendsPerSecond,
    most: quotas.iotUnits,
    price: "iotHub.s1.unitMonth",
  },
  S2: {
    daily: quotas.s2DailyMessages,
    sends: quotas.s2SendsPerSecond,
    most: quotas.iotUnits,
    price: "iotHub.s2.unitMonth",
  },
  S3: {
    daily: quotas.s3DailyMessages,
    sends: quotas.s3SendsPerSecond,
    most: quotas.iotS3Units,
    price: "iotHub.s3.unitMonth",
  },
};

/** Messages a second that units of a tier accept over a whole day. */
export function iotHubRate(tier: IotTier, units: number, eventBytes: number): number {
  const blocks = Math.max(1, up(eventBytes / quotas.iotMeterBytes.value));
  const sends = units * iotTiers[tier].sends.value;
  return Math.min(
    (units * iotTiers[tier].daily.value) / blocks / secondsPerDay,
    tier === "S1" ? Math.max(100, sends) : sends,
  );
}

/** Units of a tier that a rate needs; undefined when no number of them is enough. */
export function iotHubUnits(
  tier: IotTier,
  messagesPerSecond: number,
  eventBytes: number,
): number | undefined {
  const { daily, sends, most } = iotTiers[tier];
  const blocks = Math.max(1, up(eventBytes / quotas.iotMeterBytes.value));
  let units = Math.max(1, up((messagesPerSecond * blocks * secondsPerDay) / daily.value));
  if (tier !== "S1" || messagesPerSecond > 100) units = Math.max(units, up(messagesPerSecond / sends.value));
  return units <= most.value ? units : undefined;
}

/** Every tier's way to carry a rate, cheapest first. */
export function iotHubChoices(
  messagesPerSecond: number,
  eventBytes: number,
  book: PriceBook = standardPriceBook,
) {
  return (Object.keys(iotTiers) as IotTier[])
    .flatMap((tier) => {
      const units = iotHubUnits(tier, messagesPerSecond, eventBytes);
      return units === undefined
        ? []
        : [{ tier, units, monthlyUsd: units * book.prices[iotTiers[tier].price]!.usd }];
    })
    .sort((a, b) => a.monthlyUsd - b.monthlyUsd || a.units - b.units);
}

/** Collects what a service costs and which of the prices are guesses. */
class Bill {
  readonly #book: PriceBook;
  readonly unverified = new Set<string>();
  usd = 0;

  constructor(book: PriceBook) {
    this.#book = book;
  }

  add(name: string, quantity: number): this {
    const price = this.#book.prices[name];
    if (price === undefined) throw new RangeError(`the price book has no "${name}"`);
    if (!price.verified && quantity > 0) this.unverified.add(name);
    this.usd += price.usd * quantity;
    return this;
  }

  hours(name: string, units: number): this {
    return this.add(name, units * this.#book.hoursPerMonth);
  }
}

type Size = Omit<ServicePlan, "monthlyUsd" | "unverified">;

const priced = (size: Size, bill: Bill): ServicePlan => ({
  ...size,
  monthlyUsd: bill.usd,
  unverified: [...bill.unverified].sort(),
});

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

const telemetry = topology.eventHubs.hubs[0]!;

function planEventHubs(
  { eventsPerSecond, eventBytes }: Load,
  stage: StageConfig,
  book: PriceBook,
): ServicePlan {
  const readers = telemetry.consumerGroups.length;
  const bytes = eventsPerSecond * eventBytes;
  const ingress = throughputUnits(eventsPerSecond, eventBytes);
  const egress = Math.max(
    up((eventsPerSecond * readers) / quotas.throughputUnitEgressEvents.value),
    up((bytes * readers) / quotas.throughputUnitEgressBytes.value),
  );
  const units = Math.max(ingress, egress);
  const premium = processingUnits(bytes);
  const arithmetic = [
    `in: max(${grouped(eventsPerSecond)} / 1,000 events, ${megabytes(bytes)} / 1 MB/s) = ${ingress} TU`,
    `out: ${readers} readers: max(${grouped(eventsPerSecond * readers)} / 4,096 events, ${megabytes(bytes * readers)} / 2 MB/s) = ${egress} TU`,
  ];
  const fits = units <= quotas.throughputUnits.value;
  if (!fits) {
    const packed = up(eventsPerSecond / (quotas.throughputUnits.value * quotas.throughputUnitEvents.value));
    arithmetic.push(
      `${units} TU are more than ${quotas.throughputUnits.value}: Premium, Dedicated, or ${packed} and more readings an event`,
    );
  }
  const asPremium =
    premium === undefined
      ? "Dedicated"
      : `${premium.units} PU${premium.borderline ? " (borderline: 5 to 10 MB/s a unit)" : ""}`;
  const needs =
    stage.eventHubs.sku === "Standard" && fits
      ? `Standard ${units} TU`
      : fits && stage.eventHubs.sku !== "Premium"
        ? `Standard ${units} TU`
        : `Premium ${asPremium}`;
  if (needs.startsWith("Premium"))
    arithmetic.push(`${megabytes(bytes)} / 5 MB/s a unit, in steps of 1, 2, 4, 8, 16 = ${asPremium}`);
  const bill = new Bill(book);
  if (needs.startsWith("Standard")) {
    bill
      .hours("eventHubs.standard.throughputUnitHour", units)
      .hours("eventHubs.standard.captureUnitHour", units);
    bill.add("eventHubs.standard.millionEvents", (eventsPerSecond * secondsPerMonth) / 1e6);
  } else if (premium !== undefined) bill.hours("eventHubs.premium.processingUnitHour", premium.units);
  else bill.hours("eventHubs.dedicated.capacityUnitHour", up(bytes / 100e6));
  const most =
    stage.eventHubs.sku === "Standard"
      ? stage.eventHubs.maximumThroughputUnits
      : stage.eventHubs.processingUnits;
  const carries =
    stage.eventHubs.sku === "Standard"
      ? Math.min(
          throughputUnitRate(most, eventBytes),
          (most * quotas.throughputUnitEgressEvents.value) / readers,
          (most * quotas.throughputUnitEgressBytes.value) / readers / eventBytes,
        )
      : (most * quotas.processingUnitBytesHigh.value) / eventBytes;
  return priced(
    {
      service: "Event Hubs",
      needs,
      configured: stage.eventHubs.sku === "Standard" ? `Standard, up to ${most} TU` : `Premium ${most} PU`,
      carries,
      arithmetic,
      sources: [
        quotas.throughputUnitEvents.source,
        quotas.throughputUnitEgressEvents.source,
        quotas.processingUnitBytesLow.source,
      ],
    },
    bill,
  );
}

function planIotHub(
  { eventsPerSecond, eventBytes, devices }: Load,
  stage: StageConfig,
  book: PriceBook,
): ServicePlan {
  const choices = iotHubChoices(eventsPerSecond, eventBytes, book);
  const daily = eventsPerSecond * secondsPerDay;
  const [best] = choices;
  const arithmetic = [
    `${grouped(devices)} devices, ${grouped(eventsPerSecond)} messages/s = ${grouped(daily)} messages a day`,
    ...choices.map(({ tier, units, monthlyUsd }) => `${units} x ${tier}, ${grouped(monthlyUsd)} USD a month`),
  ];
  const blocks = Math.max(1, up(eventBytes / quotas.iotMeterBytes.value));
  const many = Math.max(
    up((daily * blocks) / quotas.s3DailyMessages.value),
    up(eventsPerSecond / quotas.s3SendsPerSecond.value),
  );
  const hubs = up(many / quotas.iotS3Units.value);
  if (best === undefined) {
    arithmetic.push(
      `no tier of one hub carries it: ${many} x S3 in ${hubs} hubs, or producers that write to Event Hubs`,
    );
  }
  const bill = new Bill(book);
  if (best === undefined) bill.add(iotTiers.S3.price, many);
  else bill.add(iotTiers[best.tier].price, best.units);
  const { sku, units } = stage.iotHub;
  const carries = sku === "F1" ? 8_000 / secondsPerDay : iotHubRate(sku, units, eventBytes);
  return priced(
    {
      service: "IoT Hub",
      needs: best === undefined ? `${hubs} hubs, ${many} x S3` : `${best.units} x ${best.tier}`,
      configured: `${units} x ${sku}`,
      carries,
      arithmetic,
      sources: [
        best === undefined ? quotas.s3DailyMessages.source : iotTiers[best.tier].daily.source,
        best === undefined ? quotas.s3SendsPerSecond.source : iotTiers[best.tier].sends.source,
      ],
    },
    bill,
  );
}

function planJobs({ eventsPerSecond }: Load, stage: StageConfig, book: PriceBook): ServicePlan[] {
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

function planFunctions({ eventsPerSecond }: Load, stage: StageConfig, book: PriceBook): ServicePlan {
  const triggers = topology.functions.filter((item) => item.trigger === "eventHub").length;
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

function planCosmos({ eventsPerSecond, devices }: Load, stage: StageConfig, book: PriceBook): ServicePlan {
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

function planDataExplorer(
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

function planLake({ eventsPerSecond, eventBytes }: Load, stage: StageConfig, book: PriceBook): ServicePlan {
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

function planRest(stage: StageConfig, book: PriceBook): ServicePlan {
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

function latencyFloors({ devices }: Load): LatencyFloor[] {
  return [
    {
      path: "producer, Event Hubs, function, Cosmos DB",
      floor:
        "tens of milliseconds at the median; the one path that can be below 100 ms, and only as a measured median",
    },
    { path: "device, IoT Hub, Event Hubs, function", floor: "about 100 ms more than from Event Hubs on" },
    {
      path: "Event Hubs, Stream Analytics, real-time view",
      floor: "window end + late tolerance (10 s) + seconds",
    },
    { path: "Event Hubs, Data Explorer, streaming ingestion", floor: "seconds" },
    {
      path: "Event Hubs, Data Explorer, queued ingestion",
      floor: "10 s at least, 5 min with the default batching",
    },
    { path: "Data Explorer, Power BI with page refresh", floor: "1 min" },
    {
      path: "Event Hubs, Capture, batch layer",
      floor: `${telemetry.capture?.intervalSeconds ?? 300} s of Capture, then the next batch run (${grouped(devices)} devices)`,
    },
  ];
}

/** What is impossible in claims that are often made, in the numbers of the load. */
export function statementsOf(
  { eventsPerSecond, eventBytes, devices }: Load,
  book: PriceBook = standardPriceBook,
): string[] {
  const iot = (seconds: number) => {
    const rate = devices / seconds;
    const choices = iotHubChoices(rate, eventBytes, book).map(({ tier, units }) => `${units} x ${tier}`);
    const every = seconds === 1 ? "a message a second" : `a message every ${seconds} s`;
    return `${grouped(devices)} devices with ${every} send ${grouped(rate * secondsPerDay)} messages a day: ${choices.join(" or ") || "more than one hub carries"}.`;
  };
  const units = throughputUnits(eventsPerSecond, eventBytes);
  const premium = processingUnits(eventsPerSecond * eventBytes);
  const packed = up(eventsPerSecond / 40_000);
  return [
    `20 TU are ${grouped(throughputUnitRate(20, 1000))} events/s or 20 MB/s, not 200,000: ten readings packed into each event of 1 KB at most would make 200,000 readings.`,
    units > 40
      ? `${grouped(eventsPerSecond)} single events/s need ${units} TU, and a namespace has 40: Premium ${premium === undefined ? "is too small, Dedicated" : `${premium.units} PU${premium.borderline ? ` (borderline: ${megabytes(eventsPerSecond * eventBytes)} of 80 to 160)` : ""}`}, Dedicated, or ${packed} and more readings an event on 40 TU.`
      : `${grouped(eventsPerSecond)} single events/s need ${units} TU coming in.`,
    iot(1),
    iot(10),
    iot(60),
    "Less than 100 ms from end to end is out of reach through Stream Analytics and Power BI (seconds) and through queued Data Explorer ingestion (10 s and more): it holds on the path Event Hubs, function, Cosmos DB, as a measured median.",
    "99.9 % for the chain is out of reach: IoT Hub 99.9 % x Event Hubs 99.95 % x Stream Analytics 99.9 % x Cosmos DB 99.99 % x Functions 99.95 % = 99.69 %.",
    "Event Hubs delivers at least once: exactly once is an upsert by eventId.",
    "A partition key is the device's id, and the service hashes it: a modulo of the partition count breaks at the first change of the count.",
    "Latency above 500 ms shows in the application's own histogram: the watermark metric of Stream Analytics has seconds and a grain of one minute.",
  ];
}
