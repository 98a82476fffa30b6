// Writes infra/facts/provider-facts.json: what the synthesised resource types need of the providers' schemas.
// node scripts/infra-facts.mjs [--from FOLDER] [--synth FOLDER] [--plugin-dir FOLDER]
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { runScript, SetupFailure } from "./setup/failure.mjs";
import { root } from "./setup/paths.mjs";

const target = join(root, "infra", "facts", "provider-facts.json");

/** The resource types of every synthesised stack. */
function synthesisedTypes(folder) {
  const types = new Set();
  for (const stack of readdirSync(join(folder, "stacks"))) {
    const file = join(folder, "stacks", stack, "cdk.tf.json");
    if (!existsSync(file)) continue;
    for (const type of Object.keys(JSON.parse(readFileSync(file, "utf8")).resource ?? {})) types.add(type);
  }
  return [...types].sort();
}

/** Attributes of a provider's schema in the notation of the azurerm facts; force-new and ranges are not in it. */
function flatten(block, prefix = "", attrs = {}) {
  for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
    const path = prefix + name;
    const type = attribute.type ?? "object";
    const flags =
      (attribute.required ? "r" : "") +
      (attribute.optional ? "o" : "") +
      (attribute.computed ? "c" : "") +
      (attribute.sensitive ? "S" : "") +
      (attribute.write_only ? "W" : "") +
      (attribute.deprecated ? "D" : "");
    const kind = Array.isArray(type) ? type[0] : type;
    const t = attribute.nested_type
      ? "any"
      : ({ number: "float", dynamic: "any", object: "any", tuple: "any" }[kind] ?? kind);
    attrs[path] = { f: flags, t, ...(Array.isArray(type) && typeof type[1] === "string" && { e: type[1] }) };
  }
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    const path = prefix + name;
    attrs[path] = {
      f: nested.min_items > 0 ? "r" : "o",
      t: nested.nesting_mode === "set" ? "block:set" : "block:list",
      ...(nested.max_items && { max: nested.max_items }),
      ...(nested.nesting_mode === "single" && { max: 1 }),
      ...(nested.min_items && { min: nested.min_items }),
    };
    flatten(nested.block, `${path}.`, attrs);
  }
  return attrs;
}

/** Schemas of the other providers, from their own binaries. */
function providerSchemas(pluginDir) {
  const folder = mkdtempSync(join(tmpdir(), "provider-facts-"));
  try {
    const main = {
      terraform: {
        required_providers: {
          azurerm: { source: "hashicorp/azurerm", version: "~> 4.81" },
          azapi: { source: "Azure/azapi", version: "~> 2.10" },
          databricks: { source: "databricks/databricks" },
        },
      },
    };
    writeFileSync(join(folder, "main.tf.json"), JSON.stringify(main));
    const environment = { ...process.env, CHECKPOINT_DISABLE: "1" };
    delete environment.TF_CLI_CONFIG_FILE;
    const run = (...args) =>
      execFileSync("terraform", args, {
        cwd: folder,
        env: environment,
        maxBuffer: 2 ** 28,
        encoding: "utf8",
      });
    run("init", "-input=false", "-no-color", ...(pluginDir ? [`-plugin-dir=${resolve(pluginDir)}`] : []));
    return JSON.parse(run("providers", "schema", "-json")).provider_schemas;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await runScript(async () => {
  const { values } = parseArgs({
    options: { from: { type: "string" }, synth: { type: "string" }, "plugin-dir": { type: "string" } },
  });
  const from = resolve(root, values.from ?? join("..", "shared", "facts"));
  const synth = resolve(root, values.synth ?? "cdktf.out");
  if (!existsSync(join(from, "azurerm-schema.json"))) {
    throw new SetupFailure(
      "FACTS_SOURCE_MISSING",
      `no azurerm-schema.json in "${from}"`,
      "name the folder of the provider's schema data with --from",
    );
  }
  if (!existsSync(join(synth, "stacks"))) {
    throw new SetupFailure("FACTS_SYNTH_MISSING", `no stacks in "${synth}"`, "npm run synth writes them");
  }
  const schema = JSON.parse(readFileSync(join(from, "azurerm-schema.json"), "utf8"));
  const templates = JSON.parse(readFileSync(join(from, "azurerm-id-templates.json"), "utf8"));
  const previous = existsSync(target) ? JSON.parse(readFileSync(target, "utf8")) : { resources: {} };
  const others = values["plugin-dir"] === undefined ? {} : providerSchemas(values["plugin-dir"]);
  const resources = {};
  const missing = [];
  for (const type of synthesisedTypes(synth)) {
    const facts = schema.resources[type];
    const other = Object.values(others).find((provider) => provider.resource_schemas?.[type]);
    if (facts !== undefined)
      resources[type] = { ...facts, ...(templates[type] && { idTemplate: templates[type] }) };
    else if (other !== undefined) resources[type] = { attrs: flatten(other.resource_schemas[type].block) };
    else if (previous.resources[type] !== undefined) resources[type] = previous.resources[type];
    else missing.push(type);
  }
  const lines = Object.entries(resources).map(
    ([type, facts]) => `${JSON.stringify(type)}:${JSON.stringify(facts)}`,
  );
  const head = { provider: schema._provider, legend: schema._legend };
  writeFileSync(target, `${JSON.stringify(head).slice(0, -1)},"resources":{\n${lines.join(",\n")}\n}}\n`);
  process.stdout.write(
    `${Object.keys(resources).length} resource types written to infra/facts/provider-facts.json\n`,
  );
  if (missing.length > 0) {
    throw new SetupFailure(
      "FACTS_TYPE_UNKNOWN",
      `no schema for ${missing.join(", ")}`,
      "types of azapi and databricks are read from the providers: give --plugin-dir",
    );
  }
});
