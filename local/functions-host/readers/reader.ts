import type { EventHubTrigger } from "../triggers/event-hub-trigger";

/** Feeds hubs' events to functions, each partition in order, and keeps positions. */
export interface EventReader {
  /** Starts to feed a function; resolves once its partitions are being read. */
  start(trigger: EventHubTrigger): Promise<void>;
  /** Waits for the batches under way, stores positions, and closes. Call after the host's signal is aborted. */
  close(): Promise<void>;
}
