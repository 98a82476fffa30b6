import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  assertCapacity,
  iotHubChoices,
  iotHubRate,
  iotHubUnits,
  planCapacity,
  processingUnits,
  quotas,
  readPriceBook,
  shortfalls,
  standardPriceBook,
  statementsOf,
  throughputUnitRate,
  throughputUnits,
} from "../../../infra/capacity";
import { capacityReport } from "../../../infra/capacity/report";
import { stageNames, stages } from "../../../infra/config/stages";

const { prod } = stages;

describe("throughput units", () => {
  it.each([
    [1_000, 500, 1],
    [1_001, 500, 2],
    [1_000, 1_000, 1],
    [1_000, 1_001, 2],
    [20_000, 1_000, 20],
    [200_000, 1_000, 200],
    [100_000, 1_000, 100],
  ])("for %i events/s of %i bytes are %i", (events, bytes, units) => {
    expect(throughputUnits(events, bytes)).toBe(units);
  });

  it("of 20 take 20,000 events a second, not 200,000", () => {
    expect(throughputUnitRate(20, 1_000)).toBe(20_000);
    expect(throughputUnitRate(20, 100)).toBe(20_000);
    expect(throughputUnitRate(20, 2_000)).toBe(10_000);
  });
});

describe("processingUnits", () => {
  it.each([
    [5_000_000, { units: 1, borderline: false }],
    [5_000_001, { units: 2, borderline: false }],
    [80_000_000, { units: 16, borderline: false }],
    [100_000_000, { units: 16, borderline: true }],
    [160_000_000, { units: 16, borderline: true }],
    [160_000_001, undefined],
  ])("for %i bytes a second are %j", (bytes, expected) => {
    expect(processingUnits(bytes)).toEqual(expected);
  });
});

describe("IoT Hub units", () => {
  const of = (rate: number) =>
    Object.fromEntries(iotHubChoices(rate, 500).map(({ tier, units }) => [tier, units]));

  it("for 10,000 sensors with a message a second are 3 of S3", () => {
    expect(of(10_000)).toEqual({ S3: 3, S2: 144 });
    expect(iotHubRate("S3", 3, 500)).toBeGreaterThan(10_000);
    expect(3 * quotas.s3SendsPerSecond.value).toBe(18_000);
  });

  it("for a message every 10 seconds are 15 of S2 or 1 of S3", () => {
    expect(of(1_000)).toMatchObject({ S2: 15, S3: 1 });
  });

  it("for a message a minute are 3 of S2 or 36 of S1", () => {
    expect(of(10_000 / 60)).toMatchObject({ S2: 3, S1: 36 });
  });

  it("count blocks of 4 KB", () => {
    expect(iotHubUnits("S2", 1_000, 4_096)).toBe(15);
    expect(iotHubUnits("S2", 1_000, 4_097)).toBe(29);
  });

  it("are undefined beyond what a hub can have", () => {
    expect(iotHubUnits("S1", 10_000, 500)).toBeUndefined();
    expect(iotHubUnits("S3", 100_000, 500)).toBeUndefined();
  });
});

describe("planCapacity", () => {
  const plan = (eventsPerSecond: number, eventBytes = 1_000) =>
    planCapacity({ eventsPerSecond, eventBytes, devices: 10_000 }, prod);
  const needs = (eventsPerSecond: number, service: string, eventBytes?: number) =>
    plan(eventsPerSecond, eventBytes).services.find((each) => each.service.startsWith(service))!;

  it("sizes a job with a Cosmos sink by 1,667 events a second and unit, as measured", () => {
    expect(needs(10_000, "Stream Analytics factory-aggregates").needs).toBe("6 SU V2");
    expect(needs(500, "Stream Analytics factory-aggregates").needs).toBe("1/3 SU V2");
    expect(needs(1_000, "Stream Analytics factory-aggregates").needs).toBe("2/3 SU V2");
  });

  it("sizes Data Explorer as measured: 3 nodes of eight cores for 10,000 events of 1 KB", () => {
    expect(needs(10_000, "Data Explorer").needs).toBe("3 x Standard_E8ads_v5");
  });

  it.each([
    ["Event Hubs", "in: max(10,000 / 1,000 events, 10 MB/s / 1 MB/s) = 10 TU", "12 TU were measured"],
    ["Stream Analytics factory-aggregates", "10,000 / 1,667 events/s a unit = 6.00", "36 units V1 are 6 V2"],
    ["Stream Analytics factory-outliers", "10,000 / 3,333 events/s a unit = 3.00", "18 units V1 are 3 V2"],
    ["Functions", "10,000 / 500 events/s an instance = 20", "20 x P2v2"],
    ["Cosmos DB", "rounded up to 88,000 RU/s", "100,000 RU/s carried it"],
    ["Data Explorer", "= 3 nodes", "3 x D13_v2"],
  ])("has the measured size of 10,000 events of 1 KB a second: %s, %s (%s)", (service, arithmetic) => {
    expect(needs(10_000, service).arithmetic.join("\n")).toContain(arithmetic);
  });

  it("lets 90 units of S2 through at 10,000 sends a second, and asks for more for a whole day", () => {
    expect(90 * quotas.s2SendsPerSecond.value).toBeGreaterThan(10_000);
    expect(iotHubUnits("S2", 10_000, 1_000)).toBe(144);
  });

  it("moves 100,000 single events a second to Premium", () => {
    const hubs = needs(100_000, "Event Hubs");
    expect(hubs.needs).toContain("16 PU (borderline");
    expect(hubs.arithmetic.join("\n")).toContain("100 TU");
    expect(hubs.arithmetic.join("\n")).toContain("3 and more readings an event");
  });

  it("says what breaks first, and that it is the least of what the services carry", () => {
    const { breaksFirst, services } = plan(10_000);
    const carried = services.flatMap(({ carries }) => (carries === null ? [] : [carries]));
    expect(breaksFirst?.eventsPerSecond).toBe(Math.floor(Math.min(...carried)));
  });

  it("adds up the bill, and marks what nobody verified", () => {
    const { services, monthlyUsd } = plan(10_000);
    expect(monthlyUsd).toBeCloseTo(
      services.reduce((sum, service) => sum + service.monthlyUsd, 0),
      6,
    );
    expect(services.find(({ service }) => service.startsWith("Stream"))!.unverified).toEqual([
      "streamAnalytics.unitV2Hour",
    ]);
    expect(needs(10_000, "Event Hubs").unverified).toEqual([]);
  });

  it("bills Premium by its processing units", () => {
    const hubs = needs(10_000, "Event Hubs", 500);
    expect(hubs.needs).toBe("Premium 1 PU");
    expect(hubs.monthlyUsd).toBeCloseTo(1.027 * 730, 2);
  });

  it("shows the early-delete fee of a cool tier that is left too early", () => {
    const cool = { ...prod, lake: { ...prod.lake, coolAfterDays: 7, coldAfterDays: 30 } };
    const load = { eventsPerSecond: 1_000, eventBytes: 1_000, devices: 10 };
    const lake = planCapacity(load, cool).services.find(({ service }) => service === "Data Lake")!;
    expect(lake.arithmetic.join("\n")).toContain("leaves 23 of the 30 days");
    const usual = planCapacity(load, prod).services.find(({ service }) => service === "Data Lake")!;
    expect(usual.arithmetic.join("\n")).not.toContain("early-delete");
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %p events a second", (rate) => {
    expect(() => plan(rate)).toThrow("CAPACITY_LOAD");
  });

  it("refuses an event larger than Event Hubs takes", () => {
    expect(() => plan(1, 1_048_577)).toThrow("1 MB an event");
  });
});

describe("statementsOf", () => {
  const text = statementsOf({ eventsPerSecond: 100_000, eventBytes: 1_000, devices: 10_000 }).join("\n");

  it.each([
    "20 TU are 20,000 events/s or 20 MB/s, not 200,000",
    "100,000 single events/s need 100 TU, and a namespace has 40: Premium 16 PU (borderline: 100 MB/s of 80 to 160), Dedicated, or 3 and more readings an event on 40 TU.",
    "864,000,000 messages a day: 3 x S3",
    "86,400,000 messages a day: 1 x S3 or 15 x S2",
    "14,400,000 messages a day: 3 x S2 or 36 x S1",
    "Less than 100 ms from end to end is out of reach",
    "at least once",
    "99.69 %",
    "the service hashes it: a modulo of the partition count breaks",
    "Latency above 500 ms shows in the application's own histogram",
  ])("say: %s", (part) => {
    expect(text).toContain(part);
  });
});

describe("assertCapacity", () => {
  const sized = { ...prod, load: { eventsPerSecond: 3_000, eventBytes: 500, devices: 3_000 } };

  it("accepts a stage that carries its load", () => {
    expect(shortfalls(sized)).toEqual([]);
    expect(() => assertCapacity(sized)).not.toThrow();
  });

  it.each(stageNames)("holds for stage %s as it is configured", (name) => {
    expect(shortfalls(stages[name])).toEqual([]);
  });

  it("refuses a budget below what the load costs", () => {
    const poor = { ...sized, monthlyBudgetUsd: 1_000 };
    expect(shortfalls(poor).map(({ service }) => service)).toEqual(["budget"]);
    expect(() => assertCapacity(poor)).toThrow(/and the budget is 1,000/);
  });

  it("refuses a stage that does not, with the quota's source", () => {
    const small = { ...sized, iotHub: { ...prod.iotHub, sku: "S1" as const, units: 1 } };
    expect(() => assertCapacity(small)).toThrow(
      /CAPACITY_SHORT: stage "prod"[\s\S]*IoT Hub \(1 x S1\) carries 4 of the declared 3,000[\s\S]*IoT Hub, quotas and throttling/,
    );
  });
});

describe("readPriceBook", () => {
  let folder: string;
  const file = (content: unknown) => {
    const path = join(folder, "prices.json");
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "price-book-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("puts prices over the standard ones, and counts them as verified", () => {
    const book = readPriceBook(file({ asOf: "2026-11-21", prices: { "streamAnalytics.unitV2Hour": 0.5 } }));
    expect(book.asOf).toBe("2026-11-21");
    expect(book.prices["streamAnalytics.unitV2Hour"]).toMatchObject({ usd: 0.5, verified: true });
    expect(book.prices["logs.gb"]).toEqual(standardPriceBook.prices["logs.gb"]);
    const load = { eventsPerSecond: 10_000, eventBytes: 500, devices: 10_000 };
    const [job] = planCapacity(load, prod, book).services.filter(({ service }) =>
      service.startsWith("Stream"),
    );
    expect(job).toMatchObject({ unverified: [], monthlyUsd: 0.5 * 730 * 6 });
  });

  it.each([
    ["unknown prices", { prices: { "no.such": 1 } }],
    ["negative amounts", { prices: { "logs.gb": -1 } }],
    ["text that is no JSON", "{"],
  ])("refuses %s", (_, content) => {
    expect(() => readPriceBook(file(content))).toThrow("CAPACITY_PRICE_BOOK");
  });
});

describe("capacityReport", () => {
  it("shows table, sources, latency and statements", () => {
    const text = capacityReport(
      planCapacity({ eventsPerSecond: 100_000, eventBytes: 500, devices: 10_000 }, prod),
    );
    expect(text).toContain("what breaks first");
    expect(text).toContain("source: Event Hubs, quotas and scalability");
    expect(text).toContain("latency floor");
    expect(text).toContain("20 TU are 20,000 events/s");
    expect(text).toContain("(too small)");
  });
});
