import type { FactoryTelemetry } from "../../contracts";
import type { Random } from "./random";

type Fields = Record<string, unknown>;

const malformations: readonly ((body: string, random: Random) => string)[] = [
  (body, random) => body.slice(0, 1 + random.below(body.length - 2)),
  (body) => `${body.slice(0, -1)},}`,
  (body) => body.replaceAll('"', "'"),
  (body) => `[${body}]`,
  (body) => body.replace(/"temperature":[^,]*/, '"temperature":NaN'),
  () => "",
];

const violations: readonly ((fields: Fields) => void)[] = [
  (fields) => {
    delete fields["deviceId"];
  },
  (fields) => {
    delete fields["temperature"];
  },
  (fields) => {
    fields["temperature"] = String(fields["temperature"]);
  },
  (fields) => {
    fields["pressure"] = null;
  },
  (fields) => {
    fields["units"] = 1.5;
  },
  (fields) => {
    fields["schemaVersion"] = 9;
  },
  (fields) => {
    fields["temperature"] = 1234.5;
  },
  (fields) => {
    fields["vibration"] = -1;
  },
  (fields) => {
    fields["deviceId"] = `${fields["deviceId"]}~x`;
  },
  (fields) => {
    fields["eventTime"] = String(fields["eventTime"]).replace("Z", "+00:00");
  },
  (fields) => {
    fields["eventTime"] = `${String(fields["eventTime"]).slice(0, 5)}13-40T25:61:00Z`;
  },
];

/** Returns a text that is not a JSON object. */
export function malformed(reading: FactoryTelemetry, random: Random): string {
  return malformations[random.below(malformations.length)]!(JSON.stringify(reading), random);
}

/** Returns a JSON object that breaks one rule of the telemetry schema. */
export function invalid(reading: FactoryTelemetry, random: Random): string {
  const fields: Fields = { ...reading };
  violations[random.below(violations.length)]!(fields);
  return JSON.stringify(fields);
}
