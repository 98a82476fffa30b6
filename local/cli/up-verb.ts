import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { jobNamed } from "../../contracts";
import { SentLedgers } from "../accounting/sent-ledger";
import { readSetupRecord, repositoryFolder } from "../batch";
import { storedClockMs } from "../event-hubs";
import { LocalError, type LocalErrorCode } from "../process/errors";
import { checkRunLength } from "../run/cut-plan";
import { longestWindowMs, type UnattendedOptions, UnattendedRun } from "../run/unattended";
import { defaultTickMs, prepareFile, simulatedDevices } from "../simulator";
import { captureIntervalMs } from "../supervisor/capture-interval";
import { DataFolder, usable } from "../supervisor/data-folder";
import { Platform } from "../supervisor/platform";
import { choosePorts, defaultPortBase, type ServerPort } from "../supervisor/ports";
import { resolveSettings, type SenderSettings } from "../supervisor/settings";
import { defaultDataDir } from "./running";
import { readUpOptions, type UpOptions, unattended } from "./up-options";

/** Start of an unattended run's clock, so that two runs with one seed send the same events. */
const unattendedStartMs = Date.parse("2026-01-05T08:00:00Z");

function hasMessages(data: DataFolder): boolean {
  return storedClockMs(data.room("event-hubs")) > 0;
}

/**
 * Path of this run's ledger; null for a live platform, which keeps none.
 * @throws {LocalError} LOCAL_USAGE when the folder's log has messages that no ledger lists, so that no run over it can close
 */
function ledgerOf(options: UpOptions, data: DataFolder): string | null {
  if (!unattended(options)) return null;
  const ledgers = new SentLedgers(data.path);
  if (ledgers.paths.length === 0 && hasMessages(data)) {
    throw new LocalError(
      "LOCAL_USAGE",
      `${data.path} has messages of a live platform, of which no ledger is kept`,
      {
        hint: "an unattended run accounts for every message: give it a folder of its own, or leave --data out",
      },
    );
  }
  return ledgers.next();
}

function senderSettings(
  options: UpOptions,
  data: DataFolder,
  startMs: number,
  ledgerPath: string | null,
): SenderSettings {
  const alone = unattended(options);
  if (options.file !== undefined) {
    return {
      source: {
        kind: "file",
        file: {
          dataFile: resolve(options.file),
          mapFile: resolve(options.map!),
          workFolder: data.room("file"),
          rate: options.rate,
          keepOrder: options.keepOrder,
        },
      },
      ledgerPath,
      unattended: alone,
    };
  }
  return {
    source: {
      kind: "schedule",
      schedule: {
        seed: options.seed,
        rate: options.rate,
        forSeconds: options.forSeconds ?? null,
        speed: options.speed,
        devices: options.devices,
        mqttDevices: options.mqttDevices,
        startMs,
        faults: {
          late: options.late,
          duplicate: options.duplicates,
          outOfOrder: options.outOfOrder,
          malformed: options.malformed,
          invalid: options.invalid,
        },
      },
    },
    ledgerPath,
    unattended: alone,
  };
}

/** Sorts the file of a --file run before anything starts, so that its mistakes show at once; returns where its clock starts. */
async function fileStart(options: UpOptions, data: DataFolder): Promise<number | undefined> {
  if (options.file === undefined) return undefined;
  const { firstMs } = await prepareFile({
    dataFile: resolve(options.file),
    mapFile: resolve(options.map!),
    workFolder: data.room("file"),
    keepOrder: options.keepOrder,
  });
  return firstMs === null ? undefined : Math.floor((firstMs - 1) / 60_000) * 60_000;
}

/** @throws {LocalError} LOCAL_RUN_TOO_SHORT */
function checkLength({ rate, speed }: UpOptions, forSeconds: number, startMs: number): void {
  const { lateToleranceSeconds } = jobNamed("factory-aggregates", "v1");
  checkRunLength({
    ...{ startMs, forSeconds, speed, rate, longestWindowMs },
    tickMs: defaultTickMs(speed),
    captureIntervalMs: captureIntervalMs("telemetry"),
    lateToleranceMs: lateToleranceSeconds * 1000,
  });
}

async function portsOf(data: DataFolder, base: number | undefined): Promise<Record<ServerPort, number>> {
  const known = data.readJson<Record<ServerPort, number>>("ports.json");
  // Clients keep the ports of a folder; an explicit row wins.
  if (known !== undefined && base === undefined) return known;
  const chosen = await choosePorts(base ?? defaultPortBase);
  data.writeJson("ports.json", chosen);
  return chosen;
}

/** Runs the platform until it is stopped, or, with --for or --file, until its run is closed. */
export async function upVerb(args: readonly string[]): Promise<number> {
  const options = readUpOptions(args);
  const alone = unattended(options);
  // Said before anything is made or started; the batch layer itself would say so only after all servers.
  if (options.batch || alone) readSetupRecord(repositoryFolder());
  const outDir = alone ? resolve(options.outDir ?? "out") : undefined;
  const interrupted = interruption();
  const temporary =
    alone && options.dataDir === undefined ? mkdtempSync(join(tmpdir(), "lambda-platform-")) : undefined;
  const data = new DataFolder(options.dataDir ?? temporary ?? defaultDataDir);
  data.lock();
  try {
    const ports = await portsOf(data, options.portBase ?? (alone ? 0 : undefined));
    const startMs =
      options.clockMs ?? (await fileStart(options, data)) ?? (alone ? unattendedStartMs : Date.now());
    const resumed = hasMessages(data);
    if (options.forSeconds !== undefined && !resumed) checkLength(options, options.forSeconds, startMs);
    if (outDir !== undefined) prepareOut(outDir);
    const sender = senderSettings(options, data, startMs, ledgerOf(options, data));
    const devices = simulatedDevices(options.seed, options.devices).map(({ deviceId }) => deviceId);
    const platform = new Platform({
      settings: resolveSettings(data, ports, devices, sender, options.jobThreads),
      startMs,
      speed: options.speed,
      unattended: alone,
      sendSeconds: options.forSeconds ?? null,
      seed: options.file === undefined ? options.seed : null,
      dashboard: options.dashboard,
      batch: options.batch || alone,
      maxDataBytes: alone ? null : options.maxDataGib * 2 ** 30,
      onNotice: (level, text) => process.stderr.write(`${level === "info" ? "" : `${level}: `}${text}\n`),
    });
    if (outDir === undefined) return await runLive(platform, options, interrupted);
    return await runAlone(platform, interrupted, {
      outDir,
      ledgers: new SentLedgers(data.path),
      cutNeedsBothSides: options.file === undefined && !resumed,
      firstEventWithinMs:
        options.file === undefined ? (1000 * options.speed) / options.rate + defaultTickMs(options.speed) : 0,
    });
  } finally {
    data.unlock();
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

/** A run of minutes must not end with no place for what it found. @throws {LocalError} LOCAL_USAGE, LOCAL_DISK_FULL */
function prepareOut(outDir: string): void {
  usable("--out", outDir, () => {
    mkdirSync(outDir, { recursive: true });
    accessSync(outDir, constants.W_OK);
  });
}

async function runAlone(
  platform: Platform,
  interrupted: Promise<void>,
  rules: Omit<UnattendedOptions, "onProgress">,
): Promise<number> {
  const { outDir } = rules;
  try {
    process.stderr.write("starting the platform ...\n");
    if (await Promise.race([platform.start().then(() => false), interrupted.then(() => true)])) return 130;
    if (platform.dashboardPort !== undefined)
      process.stderr.write(`page: http://127.0.0.1:${platform.dashboardPort}\n`);
    const run = new UnattendedRun(platform, {
      ...rules,
      onProgress: (text) => process.stderr.write(`${text}\n`),
    });
    const report = await Promise.race([run.run(), platform.failed, interrupted.then(() => undefined)]);
    if (report === undefined) return 130;
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    for (const failure of report.failures) process.stderr.write(`LOCAL_RUN_INCOMPLETE: ${failure}\n`);
    process.stderr.write(`results: ${outDir}\n`);
    return report.failures.length === 0 ? 0 : 1;
  } catch (error) {
    throw described(error, "LOCAL_RUN_INCOMPLETE");
  } finally {
    await platform.stop();
  }
}

async function runLive(platform: Platform, options: UpOptions, interrupted: Promise<void>): Promise<number> {
  const startedMs = Date.now();
  const stopped = { value: false };
  void interrupted.then(() => {
    stopped.value = true;
  });
  try {
    process.stderr.write("starting the platform ...\n");
    await Promise.race([platform.start(), interrupted]);
    if (!stopped.value) {
      void platform
        .startSender()
        .catch((error: Error) => platform.notice("error", `the sender stopped: ${error.message}`));
      const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
      process.stderr.write(
        `${[
          `the platform runs after ${seconds} s, at ${options.speed} times real time (--speed 1 is real time)`,
          ...(platform.dashboardPort === undefined
            ? []
            : [`page: http://127.0.0.1:${platform.dashboardPort}`]),
          "Ctrl-C stops it",
        ].join("\n")}\n`,
      );
      if (options.batch) void platform.runBatchRepeatedly();
    }
    await Promise.race([interrupted, platform.failed]);
    return 0;
  } catch (error) {
    if (stopped.value) return 0;
    throw described(error, "LOCAL_CHILD_FAILED");
  } finally {
    process.stderr.write("stopping ...\n");
    await platform.stop();
  }
}

/** What a user is told of an error that no part has described. */
function described(error: unknown, code: LocalErrorCode): LocalError {
  if (error instanceof LocalError) return error;
  return new LocalError(code, (error as Error).message, {
    hint: "the notices above say what happened before; docs/runbook-local.md says where to look",
    cause: error,
  });
}

function interruption(): Promise<void> {
  return new Promise((resolvePromise) => {
    process.once("SIGINT", () => resolvePromise());
    process.once("SIGTERM", () => resolvePromise());
  });
}
