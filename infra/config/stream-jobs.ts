import { jobNamed, type StreamJob, topology } from "../../contracts";
import type { StageName } from "./stages";

/**
 * Versions that the topology lists still and that are no longer deployed: the last step of a change of version, after the
 * pointer has moved. Written as `name/version`.
 */
export const retired: readonly string[] = [];

/**
 * Job versions that have never run in a stage: they start at the moment of their start, all others at their last output.
 * Written as `name/version`; taken out after the first deploy.
 */
export const firstStarts: Readonly<Record<StageName, readonly string[]>> = {
  dev: [],
  test: ["factory-aggregates/v2"],
  prod: ["factory-aggregates/v2"],
  "all-flags": [],
};

export interface DeployedJob {
  readonly job: StreamJob;
  /** Answers come from this version: the last of its name that the topology lists. */
  readonly serves: boolean;
  readonly firstStart: boolean;
}

/**
 * The job versions that a stage runs: those of the topology, side by side, each on a consumer group of its own, without
 * retired ones.
 * @throws RangeError INFRA_JOB_VERSION when the version that serves is retired, a retired version is unknown, or two versions
 * read through one consumer group
 */
export function deployedJobs(
  stage: StageName,
  jobs: readonly StreamJob[] = topology.jobs,
  gone: readonly string[] = retired,
): DeployedJob[] {
  const named = ({ name, version }: StreamJob) => `${name}/${version}`;
  for (const entry of gone) {
    if (!jobs.some((job) => named(job) === entry)) {
      throw new RangeError(`INFRA_JOB_VERSION: "${entry}" is retired, and the topology does not know it`);
    }
  }
  const serving = (name: string) =>
    jobs === topology.jobs ? jobNamed(name) : jobs.findLast((job) => job.name === name)!;
  const groups = new Map<string, string>();
  return jobs.flatMap((job) => {
    const serves = serving(job.name).version === job.version;
    if (gone.includes(named(job))) {
      if (serves) {
        throw new RangeError(
          `INFRA_JOB_VERSION: ${named(job)} serves answers: move the pointer (its place in contracts/topology.json) first`,
        );
      }
      return [];
    }
    for (const { hub, consumerGroup } of job.inputs) {
      const other = groups.get(`${hub}/${consumerGroup}`);
      if (other !== undefined) {
        throw new RangeError(
          `INFRA_JOB_VERSION: ${named(job)} and ${other} read hub ${hub} through "${consumerGroup}"`,
        );
      }
      groups.set(`${hub}/${consumerGroup}`, named(job));
    }
    return [{ job, serves, firstStart: firstStarts[stage].includes(named(job)) }];
  });
}
