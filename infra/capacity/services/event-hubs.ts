import { topology } from "../../../contracts";
import type { StageConfig } from "../../config/stages";
import { Bill, priced } from "../bill";
import type { Load, ServicePlan } from "../capacity-plan";
import { grouped, megabytes, secondsPerMonth, up } from "../numbers";
import type { PriceBook } from "../price-book";
import { quotas } from "../quotas";
import { processingUnits, throughputUnitRate, throughputUnits } from "../units";

const telemetry = topology.eventHubs.hubs[0]!;

/** Throughput or processing units for what comes in, and for every reader of it. */
export function planEventHubs(
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
    const instead =
      ingress > quotas.throughputUnits.value
        ? `${packed} and more readings an event`
        : "fewer readers of the hub";
    arithmetic.push(
      `${units} TU are more than ${quotas.throughputUnits.value}: Premium, Dedicated, or ${instead}`,
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
