import type { LatencyBucket, LatencyHistogram } from "../../domain/latency";
import { type EntraService, sendToService } from "../entra/entra-client";

export interface MetricPlace {
  readonly instrumentationKey: string;
  /** Names of the app and of this instance, as the log's columns AppRoleName and AppRoleInstance. */
  readonly role: string;
  readonly instance: string;
}

export interface LatencyPublisher {
  /** Sends what was counted since the last time; keeps it when the service does not take it. */
  publish(): Promise<void>;
  /** Stops the clock and sends the rest. */
  close(): Promise<void>;
}

/**
 * Sends a histogram to Application Insights as pre-aggregated metrics, one for each bucket, so that a weighted percentile
 * over the log is that of the events and not that of instances or minutes.
 */
export function publishLatencies(
  service: EntraService,
  place: MetricPlace,
  histogram: LatencyHistogram,
  options: { readonly name: string; readonly everyMs: number; readonly warn: (text: string) => void },
): LatencyPublisher {
  let sending: Promise<void> = Promise.resolve();
  const send = async () => {
    const buckets = histogram.take();
    if (buckets.length === 0) return;
    try {
      const time = new Date().toISOString();
      await sendToService(service, {
        method: "POST",
        path: "/v2.1/track",
        body: buckets.map((bucket) => envelope(place, options.name, time, bucket)),
        expected: [200],
      });
    } catch (error) {
      histogram.putBack(buckets);
      options.warn(`latencies wait for the next minute: ${(error as Error).message}`);
    }
  };
  const publish = () => {
    sending = sending.then(send);
    return sending;
  };
  const timer = setInterval(() => void publish(), options.everyMs);
  timer.unref();
  return {
    publish,
    close: () => {
      clearInterval(timer);
      return publish();
    },
  };
}

function envelope(place: MetricPlace, name: string, time: string, { count, sum, min, max }: LatencyBucket) {
  return {
    name: "Microsoft.ApplicationInsights.Metric",
    time,
    iKey: place.instrumentationKey,
    tags: { "ai.cloud.role": place.role, "ai.cloud.roleInstance": place.instance },
    data: {
      baseType: "MetricData",
      baseData: { ver: 2, metrics: [{ name, kind: "Aggregation", value: sum, count, min, max }] },
    },
  };
}
