import { performance } from "node:perf_hooks";
import type { FunctionApp } from "./function-app";
import type { FunctionFigures } from "./function-stats";
import type { OutputWriter } from "./outputs";
import { type RetryPolicy, retryPolicyOf, withRetries } from "./retry";
import type { FunctionMetadata, InvocationRequest, InvocationResponse } from "./rpc";

export type HostLog = (
  level: "error" | "warn" | "info",
  text: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** What a trigger hands to a function, without what the retry adds. */
export type TriggerInput = Omit<InvocationRequest, "retryContext">;

/** Runs one function with its retries, its outputs and its figures. An invocation is done when its outputs are written. */
export class Invoker {
  readonly metadata: FunctionMetadata;
  readonly figures: FunctionFigures;
  readonly #app: FunctionApp;
  readonly #outputs: OutputWriter;
  readonly #log: HostLog;
  readonly #policy: RetryPolicy | undefined;

  constructor(
    app: FunctionApp,
    metadata: FunctionMetadata,
    outputs: OutputWriter,
    figures: FunctionFigures,
    log: HostLog,
  ) {
    this.metadata = metadata;
    this.figures = figures;
    this.#app = app;
    this.#outputs = outputs;
    this.#log = log;
    this.#policy = retryPolicyOf(metadata.retryOptions);
  }

  /** Runs once. @throws what the handler or an output threw. */
  async once(
    input: TriggerInput,
    options: {
      readonly retryContext?: InvocationRequest["retryContext"];
      readonly invocationId?: string;
    } = {},
  ): Promise<InvocationResponse> {
    const { retryContext, invocationId } = options;
    const begin = performance.now();
    this.figures.invocations++;
    try {
      const request = retryContext === undefined ? input : { ...input, retryContext };
      const response = await this.#app.invoke(this.metadata.name, request, invocationId);
      await this.#outputs.write(this.metadata, response);
      return response;
    } catch (error) {
      this.figures.errors++;
      throw error;
    } finally {
      this.figures.durationsMs.add(performance.now() - begin);
    }
  }

  /** Runs under the function's retry policy. @throws what the last attempt threw, or the signal's reason. */
  withPolicy(input: TriggerInput, signal: AbortSignal): Promise<InvocationResponse> {
    return withRetries(
      this.#policy,
      signal,
      (retryContext) => this.once(input, retryContext === undefined ? {} : { retryContext }),
      (error, delayMs) => {
        if (delayMs !== undefined) this.figures.retries++;
        this.#log(delayMs === undefined ? "error" : "warn", `${this.metadata.name} failed`, {
          error: error instanceof Error ? error.message : String(error),
          ...(delayMs !== undefined && { retryInMs: delayMs }),
        });
      },
    );
  }
}
