import Module from "node:module";
import type { FunctionMetadata, InvocationRequest, InvocationResponse } from "./rpc";

export type FunctionCallback = (...inputs: unknown[]) => unknown;
export type HookName = "appStart" | "appTerminate" | "preInvocation" | "postInvocation" | "log";
type HookCallback = (context: Record<string, unknown>) => unknown;

/** Takes a text that the app, or the library for it, logs. */
export type AppLog = (level: string, category: string, message: string) => void;

/** The library's own model of an invocation. */
export interface InvocationModel {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
  getInvocationModel(context: {
    readonly invocationId: string;
    readonly metadata: FunctionMetadata;
    readonly request: InvocationRequest;
    state?: string;
    log(level: string, category: string, message: string): void;
  }): InvocationModel;
}

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

const hostVersion = "4.1043.0";
const coreVersion = "1.0.0";

/** The worker side that `@azure/functions` expects to find as the package `@azure/functions-core`. */
export class FunctionsCore {
  readonly functions = new Map<string, RegisteredFunction>();
  readonly #hooks = new Map<HookName, Set<HookCallback>>();
  readonly #log: AppLog;
  programmingModel: ProgrammingModel | undefined;

  constructor(log: AppLog) {
    this.#log = log;
  }

  /** Runs the hooks of a name in the order of their registration; a hook may change the context. */
  async runHooks(name: HookName, context: Record<string, unknown>): Promise<void> {
    for (const hook of this.#hooks.get(name) ?? []) await hook(context);
  }

  /** Passes a text through the log hooks, which may change it, to the log. */
  log(level: string, category: string, message: string, context: Record<string, unknown> = {}): void {
    const entry: Record<string, unknown> = { ...context, level, category, message };
    for (const hook of this.#hooks.get("log") ?? []) hook(entry);
    this.#log(String(entry["level"]), String(entry["category"]), String(entry["message"]));
  }

  /** The object that `require("@azure/functions-core")` yields. */
  api(): object {
    return {
      version: coreVersion,
      hostVersion,
      Disposable: FunctionsDisposable,
      setProgrammingModel: (model: ProgrammingModel) => {
        this.programmingModel = model;
      },
      getProgrammingModel: () => this.programmingModel,
      registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) => {
        if (this.functions.has(metadata.name)) {
          throw new Error(`a function named "${metadata.name}" is registered already`);
        }
        this.functions.set(metadata.name, { metadata, callback });
        return new FunctionsDisposable(() => this.functions.delete(metadata.name));
      },
      registerHook: (name: HookName, callback: HookCallback) => {
        const hooks = this.#hooks.get(name) ?? new Set();
        this.#hooks.set(name, hooks.add(callback));
        return new FunctionsDisposable(() => hooks.delete(callback));
      },
      log: (level: string, category: string, message: string) => this.log(level, category, message),
    };
  }

  /** Makes `require` yield the object for the rest of the process, as the service's worker does. */
  install(): void {
    const api = this.api();
    const original = Module.prototype.require;
    Module.prototype.require = function (this: NodeModule, id: string) {
      return id === "@azure/functions-core" ? api : original.call(this, id);
    } as typeof Module.prototype.require;
  }
}

class FunctionsDisposable {
  readonly #dispose: () => void;

  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }

  dispose(): void {
    this.#dispose();
  }
}
