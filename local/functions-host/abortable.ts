/**
 * Waits for work that cannot be cancelled only as long as the signal allows; its late outcome is dropped.
 * @throws the signal's reason once it is aborted.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    // A listener of its own for each wait: racing against one promise that lives as long as the host would hold every result.
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
