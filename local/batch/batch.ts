import { join } from "node:path";
import { type BatchProgress, NotebookProcess, NotebookProcessEnded } from "./notebook-process";
import { readSetupRecord, repositoryFolder } from "./setup-record";

/** What the batch process is told at its start: where lake and database are, and with which keys. */
export interface BatchOptions {
  /** `host:port` of the blob server that holds the containers `capture` and `lake`. */
  readonly storageEndpoint: string;
  readonly storageKey: string;
  /** `http://127.0.0.1:<port>/` */
  readonly cosmosEndpoint: string;
  readonly cosmosKey: string;
  /** Length of Capture's intervals in event time. @default the topology's */
  readonly captureIntervalSeconds?: number;
  /** Heap of the Spark driver, as the JVM writes sizes. @default "2g" */
  readonly driverMemory?: string;
  /** Takes what Spark and the notebooks print. */
  readonly onLog?: (line: string) => void;
}

/** One run of the batch layer. */
export interface BatchRun {
  /** The notebook's name. @default "factory_batch" */
  readonly run?: string;
  /** Platform time of the run, ms since 1970. */
  readonly asOfMs: number;
  /** Computes every table again from the captured files. @default false */
  readonly rebuild?: boolean;
  /** Where the notebook "message_fates" writes its JSON lines. */
  readonly outputPath?: string;
}

/** What a run left behind. */
export interface BatchResult {
  /** Null while nothing is captured. */
  readonly generation: number | null;
  /** ISO 8601 UTC with seven digits: windows that end at or before it come from the batch views. */
  readonly batchHighWatermark: string | null;
  /** Messages enqueued at or before this moment were looked at; null while nothing is captured. */
  readonly inputThrough: string | null;
  /** Rows written by this run; 0 when the views were up to date. */
  readonly rows: number;
  /** Messages whose eventId is stored with another time or other values. */
  readonly conflicts: number;
  /** Over all runs: captured log entries; distinct message ids by fate; entries that wait for other partitions. */
  readonly counts: {
    readonly bronze: number;
    readonly stored: number;
    readonly duplicates: number;
    readonly quarantined: number;
    readonly undecided: number;
  };
}

/** The batch layer on this machine: one Python process with one long-lived Spark session. */
export interface Batch {
  /**
   * Runs a notebook; a run asked for while another goes on waits for it. A run whose process dies, or that a restarting
   * server refuses, is repeated twice, which is safe because every step may be repeated.
   */
  run(request: BatchRun, onProgress?: (progress: BatchProgress) => void): Promise<BatchResult>;
  /** Undefined before the first run. */
  readonly pid: number | undefined;
  close(): Promise<void>;
}

const attempts = 3;
const pauseMs = 2_000;

/** Whether a run may succeed when it is repeated: its process died, or a server was away. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof NotebookProcessEnded ||
    (error instanceof Error &&
      /Connection refused|Connection reset|ServiceRequestError|ServiceResponseError|Unexpected end of file/.test(
        error.message,
      ))
  );
}

/**
 * Prepares the batch layer; Spark itself starts with the first run.
 *
 * @throws {LocalError} LOCAL_SETUP_INCOMPLETE, LOCAL_PYTHON_MISSING or LOCAL_JAVA_MISSING when a part is not there
 */
export function startBatch(options: BatchOptions): Batch {
  const folder = repositoryFolder();
  readSetupRecord(folder);
  const notebooks = join(folder, "notebooks");
  let current: NotebookProcess | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  const process = () => {
    if (closed) throw new Error("the batch layer is closed");
    if (current?.alive !== true) {
      const { python, javaHome, jars } = readSetupRecord(folder);
      current = new NotebookProcess(
        python,
        join(notebooks, "runner.py"),
        environmentOf(options, notebooks, javaHome, jars),
        options.onLog ?? (() => {}),
      );
    }
    return current;
  };

  const runToTheEnd = async (request: BatchRun, onProgress: (progress: BatchProgress) => void) => {
    const parameters = parametersOf(request, options);
    const notebook = request.run ?? "factory_batch";
    for (let attempt = 1; ; attempt++) {
      try {
        return await process().run(notebook, parameters, onProgress);
      } catch (error) {
        if (closed || attempt === attempts || !isPassing(error)) throw error;
        options.onLog?.(`run ${notebook} is repeated: ${(error as Error).message.split("\n", 1)[0]}`);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  };

  return {
    run(request, onProgress = () => {}) {
      const next = queue.then(() => runToTheEnd(request, onProgress));
      queue = next.catch(() => {});
      return next as Promise<BatchResult>;
    },
    get pid() {
      return current?.pid;
    },
    async close() {
      closed = true;
      await current?.close();
    },
  };
}

function parametersOf(request: BatchRun, options: BatchOptions): Record<string, string> {
  return {
    as_of_ms: String(request.asOfMs),
    capture_uri: containerUri("capture"),
    lake_uri: containerUri("lake"),
    cosmos_endpoint: options.cosmosEndpoint,
    stage: "local",
    ...(options.captureIntervalSeconds !== undefined && {
      capture_interval_seconds: String(options.captureIntervalSeconds),
    }),
    ...(request.outputPath !== undefined && { output_path: request.outputPath }),
    ...(request.rebuild === true && { rebuild: "true" }),
    // Nobody else reads the tables here, so that old files need not stay for days.
    ...(request.run === "maintenance" && { retention_hours: "1" }),
  };
}

/** The URI has the shape it has in Azure; the session's settings lead it to the local server. */
function containerUri(container: string): string {
  return `abfss://${container}@devstoreaccount1.dfs.core.windows.net`;
}

function environmentOf(
  options: BatchOptions,
  notebooks: string,
  javaHome: string,
  jars: readonly string[],
): NodeJS.ProcessEnv {
  return {
    ...globalThis.process.env,
    JAVA_HOME: javaHome,
    PYTHONPATH: notebooks,
    PYTHONDONTWRITEBYTECODE: "1",
    BATCH_JARS: jars.join(","),
    BATCH_STORAGE_ENDPOINT: options.storageEndpoint,
    BATCH_STORAGE_KEY: options.storageKey,
    COSMOS_KEY: options.cosmosKey,
    ...(options.driverMemory !== undefined && { BATCH_DRIVER_MEMORY: options.driverMemory }),
  };
}
