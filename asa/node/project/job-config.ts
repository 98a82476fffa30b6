import type { OrderPolicy, TimePolicies } from "../../api";
import { readSettings, type Settings } from "../settings";

/** Settings of a job that change what a query gives; the deployment-only ones are not read. */
export interface JobSettings {
  readonly policies: TimePolicies;
  readonly compatibilityLevel: "1.0" | "1.1" | "1.2";
  readonly outputErrorPolicy: "drop" | "retry";
  readonly dataLocale: string;
  /** As written, e.g. "3" or "1/3"; undefined when the file names none. */
  readonly streamingUnits: string | undefined;
  readonly sku: string | undefined;
}

const ticksPerSecond = 10_000_000n;
const latestArrival = 1_814_399;

/** What a job without JobConfig.json has: no late limit, no reordering, Adjust, level 1.2. */
export const defaultJobSettings: JobSettings = {
  policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 0n, policy: "adjust" },
  compatibilityLevel: "1.2",
  outputErrorPolicy: "retry",
  dataLocale: "en-US",
  streamingUnits: undefined,
  sku: undefined,
};

/**
 * Reads JobConfig.json; unknown keys are ignored, an empty file gives the defaults.
 *
 * @throws {AsaToolError} ASA_JOB_CONFIG_INVALID when a value is outside the documented set
 */
export function readJobConfig(file: string): JobSettings {
  const settings = readSettings(file, "ASA_JOB_CONFIG_INVALID");
  if (settings === undefined) return defaultJobSettings;
  const sku = settings.section("Sku");
  return {
    policies: {
      lateToleranceTicks: tolerance(settings, "EventsLateArrivalMaxDelayInSeconds", null, latestArrival),
      outOfOrderToleranceTicks: tolerance(settings, "EventsOutOfOrderMaxDelayInSeconds", 0n, latestArrival),
      policy: choice<OrderPolicy>(settings, "EventsOutOfOrderPolicy", "adjust", {
        adjust: "adjust",
        drop: "drop",
      }),
    },
    compatibilityLevel: choice(settings, "CompatibilityLevel", "1.2", {
      "1.0": "1.0",
      "1": "1.0",
      "1.1": "1.1",
      "1.2": "1.2",
    }),
    outputErrorPolicy: choice(settings, "OutputErrorPolicy", "retry", {
      drop: "drop",
      stop: "retry",
      retry: "retry",
    }),
    dataLocale: settings.text("DataLocale") ?? defaultJobSettings.dataLocale,
    streamingUnits: sku?.text("StreamingUnits", "Capacity") ?? settings.text("StreamingUnits"),
    sku: sku?.text("Name"),
  };
}

function tolerance<T extends bigint | null>(
  settings: Settings,
  name: string,
  absent: T,
  largest: number,
): bigint | T | null {
  const seconds = settings.integer(name);
  if (seconds === undefined) return absent;
  if (seconds === -1) return null;
  if (seconds < -1 || seconds > largest)
    throw settings.error(`"${name}" is ${seconds}`, `Use -1 (unlimited) or 0 to ${largest} seconds.`);
  return BigInt(seconds) * ticksPerSecond;
}

function choice<T extends string>(
  settings: Settings,
  name: string,
  absent: T,
  choices: Readonly<Record<string, T>>,
): T {
  const text = settings.text(name);
  if (text === undefined) return absent;
  const chosen = choices[text.toLowerCase()];
  if (chosen === undefined)
    throw settings.error(`"${name}" is "${text}"`, `Use one of ${Object.keys(choices).join(", ")}.`);
  return chosen;
}
