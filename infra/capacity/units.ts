import { secondsPerDay, up } from "./numbers";
import { type PriceBook, standardPriceBook } from "./price-book";
import { type Quota, quotas } from "./quotas";

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

/** Quotas and price of each paid tier. */
export const iotTiers: Readonly<
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
