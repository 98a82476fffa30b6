import type { Deployment } from "../config/deployment";
import { nameMaker } from "../config/names";
import type { StageConfig } from "../config/stages";
import { BootstrapError } from "./errors";
import { type HttpDeps, ServiceClient } from "./service-client";

const management = "https://management.azure.com";

/** Something that costs by the hour and can be stopped without losing anything. */
interface Machine {
  readonly name: string;
  /** ARM id. */
  readonly id: string;
  readonly version: string;
  readonly state: string;
  readonly runs: boolean;
  readonly stop: string;
  readonly start: string;
  /** Body of the start request, where it takes one. */
  readonly startBody?: unknown;
}

export interface PowerProps extends HttpDeps {
  readonly stage: StageConfig;
  readonly deployment: Deployment;
  /** Address of ARM. @default the public cloud's */
  readonly arm?: string;
}

/** Stops and starts what a stage pays for by the hour: stream jobs, Data Explorer, Fabric, the dedicated pool. */
export class StagePower {
  readonly #props: PowerProps;
  readonly #arm: ServiceClient;

  constructor(props: PowerProps) {
    this.#props = props;
    this.#arm = new ServiceClient(props.arm ?? management, `${management}/.default`, props);
  }

  /**
   * Stops what runs: readers before what they read. Gives a line for each thing.
   * @throws BootstrapError POWER_PRODUCTION for a stage of production
   */
  async stop(): Promise<string[]> {
    if (this.#props.stage.topologyStage === "prod") {
      throw new BootstrapError("POWER_PRODUCTION", "production is not stopped", "name stage dev or test");
    }
    return this.#each(await this.#machines(), async (machine) => {
      if (!machine.runs) return false;
      await this.#post(machine, machine.stop, undefined);
      return true;
    });
  }

  /** Starts what stands still, the other way round; stream jobs go on after their last output. */
  async start(): Promise<string[]> {
    return this.#each((await this.#machines()).reverse(), async (machine) => {
      if (machine.runs) return false;
      await this.#post(machine, machine.start, machine.startBody);
      return true;
    });
  }

  /** @throws BootstrapError POWER_NOT_RUNNING when a stream job does not run */
  async check(): Promise<string[]> {
    const jobs = await this.#jobs();
    const still = jobs.filter(({ runs }) => !runs);
    if (still.length > 0 || jobs.length === 0) {
      throw new BootstrapError(
        "POWER_NOT_RUNNING",
        jobs.length === 0
          ? "the stage has no stream job"
          : `stream jobs that do not run: ${still.map(({ name, state }) => `${name} (${state})`).join(", ")}`,
        "see docs/runbooks/job-errors.md",
      );
    }
    return jobs.map(({ name, state }) => `${name}: ${state}`);
  }

  async #each(
    machines: readonly Machine[],
    change: (machine: Machine) => Promise<boolean>,
  ): Promise<string[]> {
    const lines: string[] = [];
    for (const machine of machines) {
      const changed = await change(machine);
      lines.push(
        `${machine.name}: ${changed ? `was ${machine.state}, asked` : `is ${machine.state}, left alone`}`,
      );
    }
    return lines;
  }

  async #post(machine: Machine, action: string, body: unknown): Promise<void> {
    await this.#arm.send(
      "POST",
      `${machine.id}/${action}?api-version=${machine.version}`,
      body,
      [200, 202, 204],
    );
  }

  async #machines(): Promise<Machine[]> {
    const { stage, deployment } = this.#props;
    const nameOf = nameMaker(deployment, stage.name);
    const machines = await this.#jobs();
    const add = async (
      path: string,
      version: string,
      stateOf: (properties: Record<string, unknown>) => string,
      running: readonly string[],
      stop: string,
      start: string,
    ) => {
      const id = `${this.#group()}/providers/${path}`;
      const found = (await this.#arm.find(`${id}?api-version=${version}`)) as {
        properties: Record<string, unknown>;
      } | null;
      if (found === null) return;
      const state = stateOf(found.properties);
      const name = path.slice(path.lastIndexOf("/") + 1);
      machines.push({ name, id, version, state, runs: running.includes(state), stop, start });
    };
    if (stage.flags.synapseDedicatedPool) {
      const path = `Microsoft.Synapse/workspaces/${nameOf("synapse")}/sqlPools/${nameOf("synapseSqlPool")}`;
      await add(
        path,
        "2021-06-01",
        ({ status }) => String(status),
        ["Online", "Resuming"],
        "pause",
        "resume",
      );
    }
    if (stage.flags.fabricCapacity) {
      const path = `Microsoft.Fabric/capacities/${nameOf("fabric")}`;
      await add(
        path,
        "2023-11-01",
        ({ state }) => String(state),
        ["Active", "Resuming"],
        "suspend",
        "resume",
      );
    }
    const cluster = `Microsoft.Kusto/clusters/${nameOf("dataExplorer")}`;
    await add(cluster, "2024-04-13", ({ state }) => String(state), ["Running", "Starting"], "stop", "start");
    return machines;
  }

  async #jobs(): Promise<Machine[]> {
    const version = "2020-03-01";
    const jobs: Machine[] = [];
    let path: string | null =
      `${this.#group()}/providers/Microsoft.StreamAnalytics/streamingjobs?api-version=${version}`;
    while (path !== null) {
      const page = (await this.#arm.get(path)).body as {
        value: readonly { id: string; name: string; properties: { jobState: string } }[];
        nextLink?: string;
      };
      for (const { id, name, properties } of page.value) {
        const state = properties.jobState;
        jobs.push({
          name,
          id,
          version,
          state,
          runs: ["Running", "Starting", "Degraded", "Scaling", "Restarting"].includes(state),
          stop: "stop",
          start: "start",
          // A job that never ran has no last output to go on from.
          startBody: { outputStartMode: state === "Created" ? "JobStartTime" : "LastOutputEventTime" },
        });
      }
      const next: URL | null = page.nextLink === undefined ? null : new URL(page.nextLink);
      path = next === null ? null : `${next.pathname}${next.search}`;
    }
    return jobs;
  }

  #group(): string {
    const { stage, deployment } = this.#props;
    const group = nameMaker(deployment, stage.name)("resourceGroup");
    return `/subscriptions/${deployment.subscriptionId}/resourceGroups/${group}`;
  }
}
