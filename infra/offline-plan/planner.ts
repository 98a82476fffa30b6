import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { deployOrder, isObject, type SynthesisedStack, type SynthesisedStage } from "../checks";
import { completed, outputsOf, type PlanJson, type PlannedResource, type ProviderSchemas } from "./planned";
import { type StandIn, standInEnvironment } from "./stand-in";
import { stateOf, stateResources } from "./state";
import {
  type Diagnostic,
  OfflinePlanError,
  planDiagnostics,
  runTerraform,
  validateDiagnostics,
} from "./terraform";
import { offlineConfiguration, writeConfiguration } from "./workspace";

/** What the plan of one stack says. */
export interface StackPlan {
  readonly stack: string;
  readonly toAdd: number;
  readonly toChange: number;
  readonly toReplace: number;
  readonly toDestroy: number;
  readonly diagnostics: readonly Diagnostic[];
  /** Resources that the provider itself would replace, with the arguments that force it. */
  readonly replaced: readonly { readonly address: string; readonly forcedBy: readonly string[] }[];
  readonly destroyed: readonly string[];
  readonly resources: ReadonlyMap<string, PlannedResource>;
}

export interface PlannerOptions {
  /** Folder of the run; holds configurations, states and provider data. */
  readonly folder: string;
  readonly standIn: StandIn;
  /** Filesystem mirror of the providers; without one they come from the registry. */
  readonly pluginDir?: string;
  /** Called after each stack. */
  readonly onStack?: (plan: StackPlan) => void;
}

const noProvider =
  /Failed to query available provider packages|could not connect to registry|no available releases match|Failed to install provider|provider registry|unavailable provider/i;

/** Makes real plans of stages, one stack after the other, in the order of their deployment. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #schemas = new Map<string, ProviderSchemas>();

  constructor(options: PlannerOptions) {
    this.#options = options;
    const certificate = join(options.folder, "stand-in.pem");
    const configuration = join(options.folder, "terraform.rc");
    mkdirSync(join(options.folder, "plugin-cache"), { recursive: true });
    writeFileSync(certificate, options.standIn.certificate);
    writeFileSync(configuration, "");
    const kept = ["PATH", "HOME", "TMPDIR", "HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "TERM"];
    this.#environment = {
      ...Object.fromEntries(
        kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
      ),
      ...standInEnvironment(options.standIn, certificate),
      NO_PROXY: "localhost,127.0.0.1",
      no_proxy: "localhost,127.0.0.1",
      TF_CLI_CONFIG_FILE: configuration,
      // A mirror is used where it stands; downloads are kept for the run's other stacks.
      ...(options.pluginDir === undefined && {
        TF_PLUGIN_CACHE_DIR: join(options.folder, "plugin-cache"),
        TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: "1",
      }),
      TF_DATA_DIR: join(options.folder, "data"),
      TF_IN_AUTOMATION: "1",
      CHECKPOINT_DISABLE: "1",
    };
  }

  /**
   * Plans every stack of a stage. With `base`, the plans of another revision stand for what is deployed: the provider
   * says what it would change and replace.
   *
   * @throws OfflinePlanError OFFLINE_PLAN_NO_PROVIDER when the providers cannot be had
   */
  async plan(stage: SynthesisedStage, base?: ReadonlyMap<string, StackPlan>): Promise<StackPlan[]> {
    const plans: StackPlan[] = [];
    for (const stack of deployOrder(stage)) {
      const plan = await this.#stack(stage, stack, base);
      if (plan.diagnostics.some(({ severity }) => severity === "error")) this.#guessOutputs(stage, stack);
      plans.push(plan);
      this.#options.onStack?.(plan);
    }
    return plans;
  }

  async #stack(
    stage: SynthesisedStage,
    stack: SynthesisedStack,
    base?: ReadonlyMap<string, StackPlan>,
  ): Promise<StackPlan> {
    const folder = join(this.#options.folder, "stacks", stack.name);
    rmSync(folder, { recursive: true, force: true });
    const statePath = (name: string) => this.#statePath(name);
    const options = { withoutGuards: base !== undefined };
    writeConfiguration(folder, offlineConfiguration(stack, statePath, this.#options.standIn.url, options));
    await this.#init(folder);
    const validated = await runTerraform(folder, ["validate", "-json", "-no-color"], this.#environment);
    let diagnostics = validateDiagnostics(validated.stdout);
    if (diagnostics.some(({ severity }) => severity === "error")) return failed(stack, diagnostics);

    const before = base?.get(stack.name);
    const schemas = base === undefined ? {} : await this.#providerSchemas(folder, stack);
    if (before !== undefined) {
      const state = stateOf({}, stateResources(before.resources, schemas));
      writeFileSync(join(folder, "terraform.tfstate"), JSON.stringify(state));
    }
    const args = [
      "plan",
      "-json",
      "-no-color",
      "-input=false",
      "-lock=false",
      "-refresh=false",
      "-out=plan.bin",
    ];
    const planned = await runTerraform(folder, args, this.#environment);
    diagnostics = unique([...diagnostics, ...planDiagnostics(planned.stdout)]);
    if (planned.code !== 0) {
      if (!diagnostics.some(({ severity }) => severity === "error")) {
        diagnostics.push({
          severity: "error",
          summary: "terraform plan failed",
          detail: planned.stderr.slice(0, 2000),
          address: "",
        });
      }
      return failed(stack, diagnostics);
    }
    const shown = await runTerraform(folder, ["show", "-json", "plan.bin"], this.#environment);
    const plan = JSON.parse(shown.stdout) as PlanJson;
    const resources = completed(plan, stack, schemas);
    const outputs = outputsOf(stage, stack, plan, resources);
    writeFileSync(statePath(stack.name), JSON.stringify(stateOf(outputs)));
    return { stack: stack.name, diagnostics, resources, ...countsOf(plan) };
  }

  #statePath(stack: string): string {
    mkdirSync(join(this.#options.folder, "states"), { recursive: true });
    return join(this.#options.folder, "states", `${stack}.tfstate`);
  }

  /** A stack without a plan gives invented outputs, so that the stacks after it are planned and show their own errors. */
  #guessOutputs(stage: SynthesisedStage, stack: SynthesisedStack): void {
    const outputs = outputsOf(stage, stack, {}, new Map());
    writeFileSync(this.#statePath(stack.name), JSON.stringify(stateOf(outputs)));
  }

  /** Plans the base revision and keeps its resources whole, so that a state can be made of them. */
  async planBase(stage: SynthesisedStage): Promise<Map<string, StackPlan>> {
    return new Map((await this.plan(stage, new Map())).map((plan) => [plan.stack, plan]));
  }

  async #init(folder: string): Promise<void> {
    const { pluginDir } = this.#options;
    const args = ["init", "-input=false", "-no-color", "-backend=false"];
    if (pluginDir !== undefined) args.push(`-plugin-dir=${resolve(pluginDir)}`);
    // The stand-in's certificate would hide the registry's.
    const { SSL_CERT_FILE: _, ...environment } = this.#environment;
    const result = await runTerraform(folder, args, environment);
    if (result.code === 0) return;
    const text = `${result.stdout}\n${result.stderr}`;
    if (noProvider.test(text)) {
      const reason = text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .slice(-6)
        .join("\n");
      throw new OfflinePlanError(
        "OFFLINE_PLAN_NO_PROVIDER",
        `the providers cannot be had:\n${reason}`,
        "give a filesystem mirror with --plugin-dir, or let terraform reach a provider registry",
      );
    }
    throw new OfflinePlanError(
      "OFFLINE_PLAN_INIT",
      `terraform init failed in ${folder}:\n${text}`,
      "see the text of terraform above",
    );
  }

  /** Stacks with the same providers have the same schemas. */
  async #providerSchemas(folder: string, { json }: SynthesisedStack): Promise<ProviderSchemas> {
    const providers = Object.keys(isObject(json["provider"]) ? json["provider"] : {})
      .sort()
      .join();
    const known = this.#schemas.get(providers);
    if (known !== undefined) return known;
    const result = await runTerraform(folder, ["providers", "schema", "-json"], this.#environment);
    const schemas = JSON.parse(result.stdout) as ProviderSchemas;
    this.#schemas.set(providers, schemas);
    return schemas;
  }
}

const none = { toAdd: 0, toChange: 0, toReplace: 0, toDestroy: 0, replaced: [], destroyed: [] };

const failed = (stack: SynthesisedStack, diagnostics: readonly Diagnostic[]): StackPlan => ({
  stack: stack.name,
  ...none,
  diagnostics,
  resources: new Map(),
});

function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [JSON.stringify(each), each])).values()];
}

function countsOf(plan: PlanJson) {
  const counts = { toAdd: 0, toChange: 0, toReplace: 0, toDestroy: 0 };
  const replaced: { address: string; forcedBy: string[] }[] = [];
  const destroyed: string[] = [];
  for (const { address, mode, change } of plan.resource_changes ?? []) {
    if (mode !== "managed") continue;
    const actions = change.actions.join(",");
    if (actions === "create") counts.toAdd++;
    else if (actions === "update") counts.toChange++;
    else if (actions === "delete") {
      counts.toDestroy++;
      destroyed.push(address);
    } else if (actions.includes("delete") && actions.includes("create")) {
      counts.toReplace++;
      const forcedBy = (change.replace_paths ?? []).map((path) =>
        path.filter((word) => typeof word === "string").join("."),
      );
      replaced.push({ address, forcedBy });
    }
  }
  return { ...counts, replaced, destroyed };
}
