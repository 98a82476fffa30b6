import { topology } from "../../contracts";
import type { LatencyFloor, Load } from "./capacity-plan";
import { grouped, megabytes, secondsPerDay, up } from "./numbers";
import { type PriceBook, standardPriceBook } from "./price-book";
import { iotHubChoices, processingUnits, throughputUnitRate, throughputUnits } from "./units";

const telemetry = topology.eventHubs.hubs[0]!;

/** How soon an answer can be there at best, path by path. */
export function latencyFloors({ devices }: Load): LatencyFloor[] {
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
