import { topology } from "../../contracts";
import { runChild } from "../process/child";
import { type CapturedHub, capturedHubs, startCapture } from "./index";

/** Configuration of the Capture process. */
export interface CaptureConfig {
  readonly log: { readonly port: number; readonly token: string };
  readonly blobConnectionString: string;
  /** @default the topology's */
  readonly namespace?: string;
  /** @default the topology's captured hubs in their local size */
  readonly hubs?: readonly CapturedHub[];
  readonly settleMs?: number;
}

runChild<CaptureConfig>(async ({ config, log }) => {
  const capture = await startCapture({
    log: config.log,
    blobConnectionString: config.blobConnectionString,
    namespace: config.namespace ?? topology.eventHubs.namespace,
    hubs: config.hubs ?? capturedHubs(),
    ...(config.settleMs !== undefined && { settleMs: config.settleMs }),
    onLog: log,
  });
  return {
    endpoints: {},
    stats: () => capture.stats(),
    async call(verb) {
      if (verb === "progress") return capture.progress();
      if (verb === "present") return capture.present();
      throw new Error(`no verb "${verb}"`);
    },
    close: () => capture.close(),
  };
});
