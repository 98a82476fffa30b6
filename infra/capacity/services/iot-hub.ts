import type { StageConfig } from "../../config/stages";
import { Bill, priced } from "../bill";
import type { Load, ServicePlan } from "../capacity-plan";
import { grouped, secondsPerDay, up } from "../numbers";
import type { PriceBook } from "../price-book";
import { quotas } from "../quotas";
import { iotHubChoices, iotHubRate, iotTiers } from "../units";

/** The cheapest tier that carries the messages of a whole day. */
export function planIotHub(
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
