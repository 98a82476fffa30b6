import { existsSync, readFileSync } from "node:fs";
import net from "node:net";
import { join, resolve } from "node:path";
import { LocalError } from "../process/errors";
import { type FunctionApp, startFunctionApp } from "./function-app";
import { type AppLog, FunctionsCore } from "./functions-core";

/**
 * Loads a built app into this process: sets its settings in the environment and requires the module that `main` of its
 * package.json names. A process holds one app, since the library keeps its state in modules.
 * @throws LocalError when the app is not built or fails while it loads.
 */
export async function loadFunctionApp(
  folder: string,
  settings: Readonly<Record<string, string>>,
  log: AppLog,
): Promise<FunctionApp> {
  const entry = entryPoint(folder);
  Object.assign(process.env, settings);
  const core = new FunctionsCore(log);
  core.install();
  try {
    require(entry);
    const app = await onLoopbackOnly(() => startFunctionApp(core, log));
    if (app.functions.length === 0) throw new Error("it registers no function");
    return app;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LocalError("LOCAL_CHILD_FAILED", `the functions app at ${folder} did not load: ${reason}`, {
      hint: "correct what the message names; `npm run build` builds the app again",
      cause: error,
    });
  }
}

function entryPoint(folder: string): string {
  const manifest = join(folder, "package.json");
  const hint = "run `npm run build` first";
  if (!existsSync(manifest)) {
    throw new LocalError("LOCAL_SETUP_INCOMPLETE", `no functions app is at ${folder}`, { hint });
  }
  const { main } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly main?: string };
  const entry = resolve(folder, main ?? "index.js");
  if (!existsSync(entry)) {
    throw new LocalError("LOCAL_SETUP_INCOMPLETE", `the functions app is not built: ${entry} is missing`, {
      hint,
    });
  }
  return entry;
}

/** The library opens its stream port on every interface; on one machine nothing listens beyond the loopback. */
async function onLoopbackOnly<T>(work: () => Promise<T>): Promise<T> {
  const original = net.Server.prototype.listen;
  net.Server.prototype.listen = function (this: net.Server, ...parameters: unknown[]) {
    const port = typeof parameters[0] === "number" ? parameters[0] : 0;
    const callback = parameters.find((parameter) => typeof parameter === "function") as
      | (() => void)
      | undefined;
    return original.call(this, { port, host: "127.0.0.1" }, callback);
  } as typeof original;
  try {
    return await work();
  } finally {
    net.Server.prototype.listen = original;
  }
}
