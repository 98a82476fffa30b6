import {
  newQuickJSWASMModule,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from "quickjs-emscripten";
import { AsaToolError } from "../errors";
import type { FunctionDefinition } from "../project";
import { bridgeScript } from "./bridge-script";

/** What one call of a user's function may take. */
export interface FunctionLimits {
  /** Wall time of one call. @default 1000 */
  readonly milliseconds?: number;
  /** Memory of one function, its state included. @default 64 */
  readonly megabytes?: number;
}

const longestMessage = 1000;

/** Something thrown that is no object. */
const shown = (type: string, text: () => string): string =>
  type === "symbol" ? "it threw a symbol" : type === "object" ? "it threw null" : text();

type BridgeCall = "call" | "create" | "accumulate" | "compute" | "release" | "inspect";

/**
 * One user function in a JavaScript engine of its own, compiled to WebAssembly: it sees the language's built-ins and
 * nothing of this process, no modules, files, network, timers or console.
 */
export class Sandbox {
  readonly #definition: FunctionDefinition;
  readonly #milliseconds: number;
  readonly #context: QuickJSContext;
  readonly #bridge: ReadonlyMap<BridgeCall, QuickJSHandle>;
  #deadline = Number.POSITIVE_INFINITY;
  #timedOut = false;
  /** The engine itself broke down, or was given back; its memory must not be touched any more. */
  #damaged = false;

  private constructor(engine: QuickJSWASMModule, definition: FunctionDefinition, limits: FunctionLimits) {
    this.#definition = definition;
    this.#milliseconds = limits.milliseconds ?? 1000;
    const runtime = engine.newRuntime();
    runtime.setMemoryLimit((limits.megabytes ?? 64) * 1024 * 1024);
    // The engine's frames lie on this process's stack too: a larger value overflows that one first.
    runtime.setMaxStackSize(96 * 1024);
    runtime.setInterruptHandler(() => {
      this.#timedOut = performance.now() > this.#deadline;
      return this.#timedOut;
    });
    this.#context = runtime.newContext();
    const bridge = this.#context.unwrapResult(this.#context.evalCode(bridgeScript, "bridge.js"));
    const names: readonly BridgeCall[] = ["call", "create", "accumulate", "compute", "release", "inspect"];
    this.#bridge = new Map(names.map((name) => [name, this.#context.getProp(bridge, name)]));
    bridge.dispose();
  }

  /**
   * Loads a function's script.
   *
   * @throws {AsaToolError} ASA_FUNCTION_INVALID when the script does not load or defines no `main`
   */
  static async load(definition: FunctionDefinition, limits: FunctionLimits = {}): Promise<Sandbox> {
    const sandbox = new Sandbox(await newQuickJSWASMModule(), definition, limits);
    try {
      sandbox.#evaluate();
      return sandbox;
    } catch (error) {
      sandbox.dispose();
      throw error;
    }
  }

  #evaluate(): void {
    this.#begin();
    const result = this.#context.evalCode(this.#definition.script, this.#definition.file, { type: "global" });
    if (result.error) {
      const { message, line } = this.#describe(result.error);
      throw new AsaToolError(
        "ASA_FUNCTION_INVALID",
        `script of function "${this.#definition.name}" does not load: ${message}`,
        {
          place: { file: this.#definition.file, ...(line === undefined ? {} : { line }) },
          hint: "A script is plain ECMAScript that defines function main; modules, require and browser or Node objects do not exist.",
        },
      );
    }
    result.value.dispose();
    if (this.invoke("inspect") !== "ok")
      throw new AsaToolError(
        "ASA_FUNCTION_INVALID",
        `script of function "${this.#definition.name}" defines no main`,
        {
          place: { file: this.#definition.file },
          hint: "Name the entry point main: function main(...) { ... }.",
        },
      );
  }

  /** @throws {AsaToolError} ASA_FUNCTION_FAILED when the function throws or breaks a limit */
  invoke(name: BridgeCall, id?: number, text?: string): string | undefined {
    const context = this.#context;
    const args: QuickJSHandle[] = [];
    if (id !== undefined) args.push(context.newNumber(id));
    if (text !== undefined) args.push(context.newString(text));
    this.#begin();
    const result = this.#guarded(() =>
      context.callFunction(this.#bridge.get(name) as QuickJSHandle, context.undefined, ...args),
    );
    for (const argument of args) argument.dispose();
    if (result.error) throw this.#failure(result.error);
    const value = context.typeof(result.value) === "string" ? context.getString(result.value) : undefined;
    result.value.dispose();
    return value;
  }

  dispose(): void {
    if (this.#damaged) return;
    this.#damaged = true;
    const { runtime } = this.#context;
    for (const handle of this.#bridge.values()) handle.dispose();
    this.#context.dispose();
    runtime.dispose();
  }

  #guarded<T>(run: () => T): T {
    if (this.#damaged)
      throw new AsaToolError(
        "ASA_FUNCTION_FAILED",
        `function "${this.#definition.name}" cannot be called any more`,
        {
          place: { file: this.#definition.file },
          hint: "An earlier call broke its JavaScript engine.",
        },
      );
    try {
      return run();
    } catch (cause) {
      this.#damaged = true;
      const name = this.#definition.name.toLowerCase();
      throw new AsaToolError("ASA_FUNCTION_FAILED", `Function '${name}' resulted in an error: '${cause}'`, {
        place: { file: this.#definition.file },
        cause,
      });
    }
  }

  #begin(): void {
    this.#timedOut = false;
    this.#deadline = performance.now() + this.#milliseconds;
  }

  #failure(error: QuickJSHandle): AsaToolError {
    const timedOut = this.#timedOut;
    const { message, stack, line } = this.#describe(error);
    const name = this.#definition.name.toLowerCase();
    const reason = timedOut ? `it ran longer than ${this.#milliseconds} ms` : message;
    return new AsaToolError("ASA_FUNCTION_FAILED", `Function '${name}' resulted in an error: '${reason}'`, {
      ...(stack === "" ? {} : { detail: `Stack: ${stack}` }),
      place: { file: this.#definition.file, ...(line === undefined ? {} : { line }) },
      hint: timedOut
        ? "A function is called once per event: keep it short."
        : "An error in a function stops the job in the service: test arguments for null and types.",
    });
  }

  #describe(error: QuickJSHandle): { message: string; stack: string; line: number | undefined } {
    const text = (name: string): string => {
      const handle = this.#context.getProp(error, name);
      const value = this.#context.typeof(handle) === "string" ? this.#context.getString(handle) : "";
      handle.dispose();
      return value;
    };
    const type = this.#context.typeof(error);
    const isObject = type === "object" && !this.#context.sameValue(error, this.#context.null);
    const name = isObject ? text("name") : "";
    const message = (isObject ? text("message") : shown(type, () => this.#context.getString(error))) || name;
    const stack = (isObject ? text("stack") : "")
      .split("\n")
      .map((frame) => frame.trim())
      .filter((frame) => frame !== "" && !frame.includes("bridge.js"))
      .join(" ");
    error.dispose();
    const place = stack.lastIndexOf(this.#definition.file);
    const line =
      place < 0 ? undefined : /^:(\d+)/.exec(stack.slice(place + this.#definition.file.length))?.[1];
    return {
      message:
        message === ""
          ? "it threw something without a message"
          : name === "" || name === message
            ? message.slice(0, longestMessage)
            : `${name}: ${message.slice(0, longestMessage)}`,
      stack,
      line: line === undefined ? undefined : Number(line),
    };
  }
}
