import { one } from "./page";

/** What one workload gave, as far as there are aims for it. */
export interface AimedAt {
  readonly name: string;
  readonly duckdbRatio: number;
  readonly workersRatio: number | null;
  readonly megabytes: number;
}

/** DuckDB's CPU per event against the engine's. */
const duckdbAim = (name: string): number => (name === "W6" ? 1 : 2);
const workersAim = 1.5;
const megabytesAim = 150;

/** Says which of the aims a run has missed, in a line each. */
export function missedAims(measured: readonly AimedAt[]): string[] {
  const missed = (title: string, text: (workload: AimedAt) => string | null): string => {
    const found = measured.flatMap((workload) => {
      const value = text(workload);
      return value === null ? [] : [`${workload.name} ${value}`];
    });
    return `- ${title}: ${found.length === 0 ? "reached" : `missed by ${found.join(", ")}`}.`;
  };
  return [
    missed("DuckDB µs / engine µs at least 2 (W6: 1)", ({ name, duckdbRatio }) =>
      duckdbRatio >= duckdbAim(name) ? null : one(duckdbRatio),
    ),
    missed("two workers at least 1.5 times one", ({ workersRatio }) =>
      workersRatio === null || workersRatio >= workersAim ? null : one(workersRatio),
    ),
    missed(`RSS below ${megabytesAim} MB`, ({ megabytes }) =>
      megabytes < megabytesAim ? null : `${megabytes} MB`,
    ),
  ];
}
