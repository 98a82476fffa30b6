import { parseArgs } from "node:util";
import { LocalError } from "../process/errors";
import { fraction, moment, seconds, speed, whole } from "./values";

/** What `up` is asked to do; fractions are 0 to 1. */
export interface UpOptions {
  /** Wall seconds of sending; undefined runs until stopped. */
  readonly forSeconds: number | undefined;
  /** Original messages per wall second. */
  readonly rate: number;
  readonly devices: number;
  readonly late: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  readonly malformed: number;
  readonly invalid: number;
  readonly seed: number;
  readonly speed: number;
  /** Start of the platform clock, ms since 1970; undefined: wall time, or a fixed moment in an unattended run. */
  readonly clockMs: number | undefined;
  readonly file: string | undefined;
  readonly map: string | undefined;
  readonly keepOrder: boolean;
  /** First of a row of ports; 0 lets the system choose; undefined means the default row. */
  readonly portBase: number | undefined;
  readonly dashboard: boolean;
  readonly dataDir: string | undefined;
  readonly outDir: string | undefined;
  /** Share of the devices that speak MQTT to the IoT Hub, the rest sends by AMQP. */
  readonly mqttDevices: number;
  /** Whether the batch layer runs by itself. */
  readonly batch: boolean;
  /** Size of the data folder at which a live run stops sending. */
  readonly maxDataGib: number;
  /** Worker threads of each stream job whose partitions can run on their own. */
  readonly jobThreads: number;
}

export const upHelp = `npm run local -- up [options]     start the platform on this machine

  --rate N             original messages per second of wall time (default 200)
  --devices N          simulated devices (default 50)
  --mqtt-devices N     how many of them speak MQTT to the IoT Hub, the rest sends by AMQP (default 10)
  --speed 10x          speed of the platform clock; 1x is real time (default 10x)
  --clock ISO          start of the platform clock (default: now; in an unattended run 2026-01-05T08:00:00Z)
  --seed N             seed of everything random (default 1)
  --late 2%            share sent later than the job's tolerance of 10 s
  --duplicates 1%      share sent twice
  --out-of-order 5%    share sent late, but within the tolerance
  --malformed 1%       share that is not JSON
  --invalid 0%         share that is JSON and breaks a rule of the contract
  --file DATA --map MAP   send your own CSV or JSON lines instead (docs/your-own-data.md)
  --keep-order         with --file: send the rows as they stand, count the late ones
  --for 120s           run unattended for that long, compare, report, and exit
  --out DIR            where an unattended run writes report.json, sent.ndjson, quarantine.ndjson, views.ndjson
  --data DIR           data folder (default .data/local; an unattended run uses a fresh one)
  --max-data 4         GiB of data at which a live run stops sending (default 4)
  --job-threads N      threads for each stream job whose partitions can run on their own (default 0: in its process's own)
  --port-base N        first port of the row (default 7400; 0: free ports)
  --no-dashboard       without the page
  --no-batch           batch runs only when \`npm run local -- batch\` or the page asks for one
`;

/** Reads the options of `up`. @throws {LocalError} LOCAL_USAGE */
export function readUpOptions(args: readonly string[]): UpOptions {
  let values: Record<string, string | boolean | undefined>;
  try {
    values = parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        for: { type: "string" },
        rate: { type: "string" },
        devices: { type: "string" },
        "mqtt-devices": { type: "string" },
        late: { type: "string" },
        duplicates: { type: "string" },
        "out-of-order": { type: "string" },
        malformed: { type: "string" },
        invalid: { type: "string" },
        seed: { type: "string" },
        speed: { type: "string" },
        clock: { type: "string" },
        file: { type: "string" },
        map: { type: "string" },
        "keep-order": { type: "boolean" },
        "port-base": { type: "string" },
        "no-dashboard": { type: "boolean" },
        "no-batch": { type: "boolean" },
        data: { type: "string" },
        out: { type: "string" },
        "max-data": { type: "string" },
        "job-threads": { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new LocalError("LOCAL_USAGE", (error as Error).message, {
      hint: "npm run local -- up --help lists the options",
    });
  }
  const text = (name: string) => values[name] as string | undefined;
  const read = <T>(name: string, parse: (option: string, value: string) => T): T | undefined => {
    const value = text(name);
    return value === undefined ? undefined : parse(name, value);
  };
  if ((text("file") === undefined) !== (text("map") === undefined)) {
    throw new LocalError("LOCAL_USAGE", "--file and --map go together", {
      hint: "give the data and the map that names its columns",
    });
  }
  if (text("file") !== undefined && text("for") !== undefined) {
    throw new LocalError("LOCAL_USAGE", "--for and --file exclude each other", {
      hint: "a file run ends with the file",
    });
  }
  const devices = read("devices", (option, value) => whole(option, value, 1, 100_000)) ?? 50;
  const simulated = text("file") === undefined;
  const faults = (name: string, fallback: number) => read(name, fraction) ?? (simulated ? fallback : 0);
  const live = text("for") === undefined && simulated;
  const shares = {
    late: faults("late", live ? 0.01 : 0),
    duplicates: faults("duplicates", live ? 0.01 : 0),
    outOfOrder: faults("out-of-order", live ? 0.02 : 0),
    malformed: faults("malformed", live ? 0.002 : 0),
    invalid: faults("invalid", live ? 0.002 : 0),
  };
  const share = Object.values(shares).reduce((sum, each) => sum + each, 0);
  if (share > 1 + 1e-9) {
    throw new LocalError("LOCAL_USAGE", `the shares of all faults together are ${Math.round(share * 100)}%`, {
      hint: "give --late, --duplicates, --out-of-order, --malformed and --invalid at most 100% together",
    });
  }
  return {
    forSeconds: read("for", seconds),
    rate: read("rate", (option, value) => whole(option, value, 1, 1_000_000)) ?? 200,
    devices,
    mqttDevices: Math.min(
      devices,
      read("mqtt-devices", (option, value) => whole(option, value, 0, 1000)) ?? 10,
    ),
    ...shares,
    seed: read("seed", (option, value) => whole(option, value, 0, 2 ** 32 - 1)) ?? 1,
    speed: read("speed", speed) ?? 10,
    clockMs: read("clock", moment),
    file: text("file"),
    map: text("map"),
    keepOrder: values["keep-order"] === true,
    portBase: read("port-base", (option, value) => whole(option, value, 0, 65_000)),
    dashboard: values["no-dashboard"] !== true,
    dataDir: text("data"),
    outDir: text("out"),
    batch: values["no-batch"] !== true,
    maxDataGib: read("max-data", (option, value) => whole(option, value, 1, 10_000)) ?? 4,
    jobThreads: read("job-threads", (option, value) => whole(option, value, 0, 64)) ?? 0,
  };
}

/** Whether the run ends by itself. */
export function unattended(options: UpOptions): boolean {
  return options.forSeconds !== undefined || options.file !== undefined;
}
