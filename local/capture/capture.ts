import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { connectLog, type PlatformLogClient } from "../event-hubs";
import type { CapturedRange } from "./lake";
import { PartitionCapture } from "./partition-capture";

/** A hub that is captured, as the topology describes it. */
export interface CapturedHub {
  readonly name: string;
  readonly partitions: number;
  readonly container: string;
  /** In event time. */
  readonly intervalSeconds: number;
  /** A file is closed early once it is larger. */
  readonly sizeLimitBytes: number;
}

/** What Capture is told at its start. */
export interface CaptureOptions {
  /** The hubs' log server. */
  readonly log: { readonly port: number; readonly token: string };
  readonly blobConnectionString: string;
  readonly namespace: string;
  readonly hubs: readonly CapturedHub[];
  /**
   * Wall time after which a blob that can be read outlives a kill of the blob server. Azurite saves every 5 s.
   * @default 8000
   */
  readonly settleMs?: number;
  readonly onLog?: (
    level: "error" | "warn" | "info",
    text: string,
    fields?: Readonly<Record<string, unknown>>,
  ) => void;
}

/** What one partition has in the lake. */
export interface PartitionProgress {
  readonly hub: string;
  readonly partition: number;
  /** Every event enqueued at or before this moment is in the lake; null before the first file. */
  readonly completedThroughMs: number | null;
  /** Sequence behind the last captured event, in decimal. */
  readonly nextSequence: string;
}

/** A running Capture of all its hubs. */
export interface CaptureServer {
  progress(): PartitionProgress[];
  /** Resolves when every file that a kill of the blob server may have taken back is there, written again if need be. */
  present(): Promise<void>;
  /** The gauges `eventsPerSecond` and `filesPerSecond` tell of the newest file of each partition, per second of event time. */
  stats(): {
    readonly counters: Readonly<Record<string, number>>;
    readonly gauges: Readonly<Record<string, number>>;
  };
  close(): Promise<void>;
}

const defaultSettleMs = 8000;
/** Problems that repeat are reported once in this time. */
const problemQuietMs = 5000;

interface Captured {
  readonly hub: string;
  readonly partition: number;
  readonly capture: PartitionCapture;
}

async function prepareContainer(service: BlobServiceClient, name: string): Promise<ContainerClient> {
  const container = service.getContainerClient(name);
  await container.createIfNotExists();
  return container;
}

/** Events that were appended but are in no file yet, over all partitions. */
async function backlogOf(log: PlatformLogClient, captured: readonly Captured[]): Promise<number> {
  const behind = await Promise.all(
    captured.map(async ({ hub, partition, capture }) => {
      const { beginSequence, endSequence } = await log.state(hub, partition);
      return Number(endSequence - (capture.completed?.nextSequence ?? beginSequence));
    }),
  );
  return behind.reduce((sum, events) => sum + events, 0);
}

/**
 * Starts Capture: follows the log of each hub and writes Avro files to the lake, one a partition and interval, empty ones
 * too. Its position is what stands in the lake, so that a kill at any moment leaves no gap; the hub keeps events until
 * their file was read back after the blob server's save interval.
 */
export async function startCapture(options: CaptureOptions): Promise<CaptureServer> {
  const { onLog = () => {} } = options;
  const service = BlobServiceClient.fromConnectionString(options.blobConnectionString, {
    // Capture looks at the lake again after any failure; waiting inside the SDK would only delay that.
    retryOptions: { maxTries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 500, tryTimeoutInMs: 30_000 },
  });
  const log = connectLog(options.log);
  const captured: Captured[] = [];
  const newest = new Map<number, { readonly seconds: number; readonly events: number }>();
  let files = 0;
  let events = 0;
  let bytes = 0;
  let problems = 0;
  let quietUntil = 0;
  let backlog = 0;
  const onProblem = (error: unknown) => {
    problems++;
    if (Date.now() < quietUntil) return;
    quietUntil = Date.now() + problemQuietMs;
    onLog("warn", "capture tries again", { error: error instanceof Error ? error.message : String(error) });
  };
  for (const hub of options.hubs) {
    const container = await prepareContainer(service, hub.container);
    for (let partition = 0; partition < hub.partitions; partition++) {
      const place = captured.length;
      const capture = new PartitionCapture({
        path: { namespace: options.namespace, hub: hub.name, partition },
        container,
        log,
        intervalMs: hub.intervalSeconds * 1000,
        sizeLimitBytes: hub.sizeLimitBytes,
        settleMs: options.settleMs ?? defaultSettleMs,
        onFile: (file, count) => {
          newest.set(place, { seconds: (file.endMs - file.startMs) / 1000, events: count });
          files++;
          events += count;
          bytes += file.bytes;
        },
        onProblem,
      });
      captured.push({ hub: hub.name, partition, capture });
    }
  }
  await Promise.all(captured.map(({ capture }) => capture.started));
  const timer = setInterval(() => {
    backlogOf(log, captured).then(
      (value) => {
        backlog = value;
      },
      () => {},
    );
  }, 1000);
  timer.unref();

  const progress = () =>
    captured.map(({ hub, partition, capture }) => ({
      hub,
      partition,
      completedThroughMs: capture.completed?.completedThroughMs ?? null,
      nextSequence: String(capture.completed?.nextSequence ?? 0n),
    }));

  return {
    progress,
    async present() {
      await Promise.all(captured.map(({ capture }) => capture.present()));
    },
    stats: () => ({
      counters: { files, events, bytes, problems },
      gauges: {
        backlog,
        eventsPerSecond: sum([...newest.values()].map((file) => file.events / file.seconds)),
        filesPerSecond: sum([...newest.values()].map((file) => 1 / file.seconds)),
        completedThroughMs: leastCompleted(captured.map(({ capture }) => capture.completed)),
      },
    }),
    async close() {
      clearInterval(timer);
      const closing = captured.map(({ capture }) => capture.close());
      await log.close();
      await Promise.all(closing);
    },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function leastCompleted(ranges: readonly (CapturedRange | undefined)[]): number {
  return Math.min(...ranges.map((range) => range?.completedThroughMs ?? 0));
}
