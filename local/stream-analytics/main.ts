import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CosmosClient } from "@azure/cosmos";
import { topology } from "../../contracts";
import { connectLog } from "../event-hubs";
import { runChild } from "../process/child";
import { JobRunner, loadJob, ViewOutput } from "./index";

/** Folder of one job's checkpoint and diagnostics below the process's own. */
function jobFolder(dataDir: string, { name, version }: { name: string; version: string }): string {
  const folder = join(dataDir, `${name}-${version}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

export interface StreamAnalyticsConfig {
  /** Folder that holds `stream-jobs/`. */
  readonly repositoryDir: string;
  readonly dataDir: string;
  readonly log: { readonly port: number; readonly token: string };
  readonly cosmos: { readonly endpoint: string; readonly key: string };
  /** Jobs to run, as `name/version`; all of the topology when absent. */
  readonly jobs?: readonly string[];
  /** Worker threads of each job whose partitions can run on their own. @default 0, in the process's own thread */
  readonly workers?: number;
}

runChild<StreamAnalyticsConfig>(async ({ config, clock, emit, log: report }) => {
  const log = connectLog({ port: config.log.port, token: config.log.token });
  const database = new CosmosClient({
    endpoint: config.cosmos.endpoint,
    key: config.cosmos.key,
    connectionPolicy: {
      enableEndpointDiscovery: false,
      retryOptions: { maxRetryAttemptCount: 0, fixedRetryIntervalInMilliseconds: 0, maxWaitTimeInSeconds: 0 },
    },
  }).database(topology.cosmos.database);
  const warn = (what: string) => (error: Error) => report("warn", `${what}: ${error.message}`);
  const runners: JobRunner[] = [];
  for (const definition of topology.jobs) {
    const name = `${definition.name}/${definition.version}`;
    if (config.jobs !== undefined && !config.jobs.includes(name)) continue;
    const { plan, policies, functions, source } = await loadJob(
      config.repositoryDir,
      definition.name,
      definition.version,
    );
    const failed = (error: Error) => {
      report("error", `job ${name} stopped: ${error.message}`);
      emit({ kind: "job.failed", data: { job: name, message: error.message } });
    };
    const outputs = Object.fromEntries(
      definition.outputs.flatMap(({ alias, container }) =>
        container === undefined
          ? []
          : [
              [
                alias,
                new ViewOutput({
                  container: database.container(container).items,
                  onRetry: warn(`output ${alias} of ${name}`),
                  onRefused: failed,
                }),
              ],
            ],
      ),
    );
    runners.push(
      await JobRunner.start({
        definition,
        plan,
        policies,
        functions,
        threads: { workers: config.workers ?? 0, source },
        log,
        outputs,
        clock,
        dataDir: jobFolder(config.dataDir, definition),
        onDropped: (event) => emit({ kind: "job.dropped", data: { job: name, ...event } }),
        onFailed: failed,
        onRetry: warn(`input of ${name}`),
      }),
    );
  }
  const total = (pick: (runner: JobRunner) => number) =>
    runners.reduce((sum, runner) => sum + pick(runner), 0);
  return {
    endpoints: {},
    stats: () => ({
      counters: { read: total((runner) => runner.read), rows: total((runner) => runner.rows) },
      gauges: {
        dropped: total((runner) => runner.dropped),
        backlog: total((runner) => runner.outputBacklog),
        watermarkMs: Math.min(...runners.map((runner) => runner.watermarkMs ?? 0)),
      },
      latenciesMs: { "hub to stream job": runners.flatMap((runner) => runner.takeLatencies()) },
    }),
    async call(verb, argument) {
      if (verb !== "storedThroughMs") throw new Error(`no verb "${verb}"`);
      const runner = runners.find(({ name }) => name === argument);
      if (runner === undefined) throw new Error(`no job "${argument}"`);
      return runner.storedThroughMs();
    },
    async close() {
      for (const runner of runners) await runner.stop();
      await log.close();
    },
  };
});
