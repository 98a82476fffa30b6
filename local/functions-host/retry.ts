import { setTimeout as sleep } from "node:timers/promises";
import type { InvocationRequest, RpcDuration, RpcRetryOptions } from "./rpc";

type RetryContext = InvocationRequest["retryContext"];

/** How often and after which pause a failed invocation is repeated. */
export interface RetryPolicy {
  /** -1 without limit. */
  readonly maxRetryCount: number;
  /** Pause before retry `retryCount`, counted from 1, in wall milliseconds. */
  delayMs(retryCount: number): number;
}

/** Reads the policy that a function registered; undefined when it has none. */
export function retryPolicyOf(options: RpcRetryOptions | undefined): RetryPolicy | undefined {
  if (options?.maxRetryCount === undefined) return undefined;
  const { maxRetryCount } = options;
  if (options.retryStrategy === "fixedDelay") {
    const delay = milliseconds(options.delayInterval);
    return { maxRetryCount, delayMs: () => delay };
  }
  const minimum = milliseconds(options.minimumInterval);
  const maximum = Math.max(minimum, milliseconds(options.maximumInterval));
  return {
    maxRetryCount,
    delayMs: (retryCount) => Math.min(maximum, minimum * 2 ** Math.min(retryCount - 1, 30)),
  };
}

function milliseconds({ seconds = 0, nanos = 0 }: RpcDuration = {}): number {
  return seconds * 1_000 + nanos / 1e6;
}

/**
 * Runs a piece of work under a policy; each repetition is told what came before it.
 * @throws what the last attempt threw, or the signal's reason when it is aborted during a pause.
 */
export async function withRetries<T>(
  policy: RetryPolicy | undefined,
  signal: AbortSignal,
  work: (retry: RetryContext) => Promise<T>,
  onFailure: (error: unknown, willRetryInMs: number | undefined) => void,
): Promise<T> {
  let retry: RetryContext;
  for (let retryCount = 0; ; retryCount++) {
    try {
      return await work(retry);
    } catch (error) {
      const again = policy !== undefined && (policy.maxRetryCount < 0 || retryCount < policy.maxRetryCount);
      const delayMs = again ? policy.delayMs(retryCount + 1) : undefined;
      onFailure(error, delayMs);
      if (delayMs === undefined || policy === undefined) throw error;
      await sleep(delayMs, undefined, { signal });
      retry = {
        retryCount: retryCount + 1,
        maxRetryCount: policy.maxRetryCount,
        exception: {
          message: error instanceof Error ? error.message : String(error),
          stackTrace: error instanceof Error ? (error.stack ?? "") : "",
        },
      };
    }
  }
}
