import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { AsaToolError } from "../errors";
import { type LaneAnswer, type LaneCall, LaneHost, type LaneSetup } from "./lane-host";

/** Takes calls for lanes and answers them in order. */
export interface LaneThread {
  call(lane: number, call: LaneCall, transfer: readonly ArrayBuffer[]): void;
  close(): Promise<void>;
}

/** @throws {AsaToolError} ASA_NOT_COMPILED when this runs from sources, which threads do not read */
function entry(): string {
  const compiled = join(__dirname, "worker.js");
  if (existsSync(compiled)) return compiled;
  throw new AsaToolError("ASA_NOT_COMPILED", "worker threads run compiled modules only", {
    hint: "Run npm run build and use dist/, or set workers to 0.",
  });
}

/** A worker thread with some of the lanes. `failed` is called when it ends by itself. */
export function openWorker(
  setup: LaneSetup,
  answered: (answer: LaneAnswer) => void,
  failed: (error: Error) => void,
): LaneThread {
  const worker = new Worker(entry(), { workerData: setup });
  let closing = false;
  worker.on("message", answered);
  worker.on("error", failed);
  worker.on("exit", (code) => {
    if (!closing) failed(new Error(`a worker thread ended with ${code}`));
  });
  return {
    call: (lane, call, transfer) => worker.postMessage({ lane, call }, [...transfer]),
    close: async () => {
      closing = true;
      await worker.terminate();
    },
  };
}

/** The lanes in this thread. */
export async function openInline(
  setup: LaneSetup,
  answered: (answer: LaneAnswer) => void,
): Promise<LaneThread> {
  const host = await LaneHost.open(setup);
  return {
    call: (lane, call) => answered(host.answer(lane, call)),
    close: async () => host.close(),
  };
}
