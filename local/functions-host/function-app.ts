import { randomUUID } from "node:crypto";
import type { AppLog, FunctionCallback, FunctionsCore, ProgrammingModel } from "./functions-core";
import type { FunctionMetadata, InvocationRequest, InvocationResponse } from "./rpc";

/** A loaded app: what it registered, and a way to run it. Listeners know nothing else of it. */
export interface FunctionApp {
  readonly functions: readonly FunctionMetadata[];
  /** Where requests go when the app asked for HTTP streams; absent otherwise. */
  readonly httpStreamUri: string | undefined;
  /** Runs one invocation; rejects with what the handler threw. */
  invoke(name: string, request: InvocationRequest, invocationId?: string): Promise<InvocationResponse>;
  /** Runs the app's own clean-up. */
  terminate(): Promise<void>;
}

/** Drives a registered app through the library's invocation model, with hooks, as the service's worker does. */
export async function startFunctionApp(core: FunctionsCore, log: AppLog): Promise<FunctionApp> {
  const model = core.programmingModel;
  const appHookData: Record<string, unknown> = {};
  const capabilities = model === undefined ? {} : await model.getCapabilities({});
  await core.runHooks("appStart", { hookData: {}, appHookData, hostVersion: "4" });
  return {
    functions: [...core.functions.values()].map(({ metadata }) => metadata),
    httpStreamUri: capabilities["HttpUri"],
    async invoke(name, request, invocationId = randomUUID()) {
      const registered = core.functions.get(name);
      if (registered === undefined || model === undefined) throw new Error(`no function is named "${name}"`);
      return runInvocation(core, model, registered, { request, invocationId, appHookData, log });
    },
    terminate: () => core.runHooks("appTerminate", { hookData: {}, appHookData }),
  };
}

async function runInvocation(
  core: FunctionsCore,
  model: ProgrammingModel,
  { metadata, callback }: { readonly metadata: FunctionMetadata; readonly callback: FunctionCallback },
  invocation: {
    readonly request: InvocationRequest;
    readonly invocationId: string;
    readonly appHookData: Record<string, unknown>;
    readonly log: AppLog;
  },
): Promise<InvocationResponse> {
  const { request, invocationId, appHookData } = invocation;
  const coreContext = {
    invocationId,
    metadata,
    request,
    state: "preInvocationHooks",
    log: (level: string, category: string, message: string) =>
      core.log(level, category, message, { functionName: metadata.name, invocationId }),
  };
  const running = model.getInvocationModel(coreContext);
  const { context, inputs } = await running.getArguments();

  const hookData: Record<string, unknown> = {};
  const before = { hookData, appHookData, invocationContext: context, inputs, functionCallback: callback };
  await core.runHooks("preInvocation", before);

  coreContext.state = "invocation";
  const after: Record<string, unknown> & { inputs: unknown[]; result: unknown; error: unknown } = {
    hookData,
    appHookData,
    invocationContext: context,
    inputs: before.inputs,
    result: undefined,
    error: undefined,
  };
  try {
    after.result = await running.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error ?? new Error(`function ${metadata.name} threw nothing`);
  }
  coreContext.state = "postInvocationHooks";
  await core.runHooks("postInvocation", after);
  if (after.error !== undefined && after.error !== null) throw after.error;
  return running.getResponse(context, after.result);
}
