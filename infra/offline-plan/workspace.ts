import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  blocksOf,
  isObject,
  type JsonObject,
  type JsonValue,
  type SynthesisedStack,
} from "../checks/synthesis";

/**
 * The stack's configuration as the offline plan runs it: local state, upstream stacks read from local files, and the
 * Databricks provider pointed at the stand-in. Resources stay as they are, except that a guard is taken off where the
 * provider shall say what it would replace.
 */
export function offlineConfiguration(
  stack: SynthesisedStack,
  statePath: (stack: string) => string,
  standInUrl: string,
  options: { readonly withoutGuards?: boolean } = {},
): JsonObject {
  const json = structuredClone(stack.json);
  if (isObject(json["terraform"])) delete json["terraform"]["backend"];
  const data = json["data"];
  if (isObject(data) && isObject(data["terraform_remote_state"])) {
    for (const [id, upstream] of stack.remoteStates) {
      data["terraform_remote_state"][id] = { backend: "local", config: { path: statePath(upstream) } };
    }
  }
  if (isObject(json["provider"])) {
    const providers = json["provider"];
    const databricks = blocksOf(providers["databricks"]);
    if (databricks.length > 0) {
      providers["databricks"] = databricks.map((block) => ({
        ...(block["alias"] !== undefined && { alias: block["alias"] as JsonValue }),
        host: standInUrl,
        token: "stand-in",
        auth_type: "pat",
      }));
    }
  }
  if (options.withoutGuards && isObject(json["resource"])) {
    for (const named of Object.values(json["resource"])) {
      if (!isObject(named)) continue;
      for (const body of Object.values(named)) {
        if (isObject(body) && isObject(body["lifecycle"])) delete body["lifecycle"]["prevent_destroy"];
      }
    }
  }
  return json;
}

/** Writes a stack's configuration into its folder. */
export function writeConfiguration(folder: string, json: JsonObject): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(json));
}
