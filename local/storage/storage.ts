import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BlobServiceClient } from "@azure/storage-blob";
import { topology } from "../../contracts";
import { LocalError } from "../process/errors";

/** What the blob storage server is told at its start. */
export interface StorageOptions {
  /** Port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** Blobs and their metadata live here and survive restarts. */
  readonly dataFolder: string;
  /** Blob containers to create; those of the topology unless given. */
  readonly containers?: readonly string[];
  /** Takes what Azurite prints. */
  readonly onLog?: (text: string) => void;
  /** Wall time that the server may take to answer first. */
  readonly startTimeoutMs?: number;
}

/** How a server ended. */
export interface StorageExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running blob storage server. */
export interface StorageServer {
  readonly port: number;
  readonly pid: number;
  /** Accepted by the service's SDKs. */
  readonly connectionString: string;
  /** `http://127.0.0.1:<port>/devstoreaccount1` */
  readonly blobEndpoint: string;
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<StorageExit>;
  /** Lets Azurite save its metadata, then ends it. */
  close(): Promise<void>;
}

/** Account and key that every storage emulator uses. */
const account = "devstoreaccount1";
/** Key of the account that every storage emulator has; it protects nothing. */
export const storageAccountKey =
  "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

const defaultStartTimeoutMs = 60_000;
const probeIntervalMs = 50;
const closeTimeoutMs = 10_000;

/** Ends Azurite with the process that started it, even when that one is killed: the channel between them closes. */
const program = [
  // A listener would keep the process alive for as long as the channel is open.
  "process.channel.unref();",
  'process.on("disconnect",()=>process.kill(process.pid,"SIGTERM"));',
  "require(process.argv[1]);",
].join("");

/** Connection string of a server on a port. */
export function storageConnectionString(port: number): string {
  return [
    "DefaultEndpointsProtocol=http",
    `AccountName=${account}`,
    `AccountKey=${storageAccountKey}`,
    `BlobEndpoint=${endpointOf(port)};`,
  ].join(";");
}

/**
 * Starts Azurite's blob service in a process of its own and waits until it answers and has its containers. After a kill, call it again
 * with the same port and folder: Azurite saves its metadata every few seconds, so the blobs of the last ones may be gone.
 * @throws LocalError when the port is taken, Azurite is not installed, or it does not start.
 */
export async function startStorage(options: StorageOptions): Promise<StorageServer> {
  const port = await freePort(options.port);
  mkdirSync(options.dataFolder, { recursive: true });
  const child = spawn(process.execPath, ["-e", program, azuriteMain(), ...azuriteArguments(port, options)], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A terminal's Ctrl-C reaches the whole group; the storage must outlive those who still write to it.
    detached: true,
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-4_000);
      options.onLog?.(text.trimEnd());
    });
  }
  const exited = new Promise<StorageExit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  try {
    await untilItAnswers(port, child, exited, options.startTimeoutMs ?? defaultStartTimeoutMs, () => printed);
    await createContainers(port, options.containers ?? topology.lake.containers.map(({ name }) => name));
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    port,
    pid: child.pid as number,
    connectionString: storageConnectionString(port),
    blobEndpoint: endpointOf(port),
    exited,
    async close() {
      const force = setTimeout(() => child.kill("SIGKILL"), closeTimeoutMs);
      child.kill("SIGTERM");
      await exited;
      clearTimeout(force);
    },
  };
}

function endpointOf(port: number): string {
  return `http://127.0.0.1:${port}/${account}`;
}

function azuriteArguments(port: number, { dataFolder }: StorageOptions): readonly string[] {
  return [
    ...["--blobHost", "127.0.0.1", "--blobPort", String(port), "--location", dataFolder],
    ...["--silent", "--skipApiVersionCheck", "--loose", "--disableTelemetry"],
  ];
}

function azuriteMain(): string {
  const local = createRequire(__filename);
  try {
    const manifest = local.resolve("azurite/package.json");
    const { bin } = local(manifest) as { readonly bin: Readonly<Record<string, string>> };
    return join(dirname(manifest), bin["azurite-blob"] as string);
  } catch (cause) {
    throw new LocalError("LOCAL_SETUP_INCOMPLETE", "the package azurite is not installed", {
      hint: "run `npm run setup`",
      cause,
    });
  }
}

/** Resolves with the port once nothing listens on it. */
function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === "EADDRINUSE"
          ? new LocalError("LOCAL_PORT_IN_USE", `port ${port} of the blob storage is taken`, {
              hint: "stop the process that holds it, or choose other ports with --port-base",
              cause,
            })
          : cause,
      );
    });
    probe.listen(port, "127.0.0.1", () => {
      const address = probe.address();
      const taken = typeof address === "object" && address !== null ? address.port : port;
      probe.close(() => resolve(taken));
    });
  });
}

async function untilItAnswers(
  port: number,
  child: ChildProcess,
  exited: Promise<StorageExit>,
  timeoutMs: number,
  printed: () => string,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let ended: StorageExit | undefined;
  void exited.then((exit) => {
    ended = exit;
  });
  for (;;) {
    if (ended !== undefined) {
      throw new LocalError("LOCAL_CHILD_FAILED", "the blob storage ended while it started", {
        detail: printed().trim() || `exit code ${ended.code}, signal ${ended.signal}`,
      });
    }
    if (await answers(port)) return;
    if (Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new LocalError("LOCAL_CHILD_FAILED", `the blob storage did not answer within ${timeoutMs} ms`, {
        detail: printed().trim(),
      });
    }
    await sleep(probeIntervalMs);
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`${endpointOf(port)}?comp=list`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.headers.get("server")?.startsWith("Azurite") ?? false;
  } catch {
    return false;
  }
}

async function createContainers(port: number, names: readonly string[]): Promise<void> {
  const service = BlobServiceClient.fromConnectionString(storageConnectionString(port));
  for (const name of names) await service.getContainerClient(name).createIfNotExists();
}
