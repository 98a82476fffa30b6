import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchmarkData } from "./data";
import { once, taskOf } from "./measure";

/** The functions with the largest share of a run's own time. */
export function profile(workload: string, data: BenchmarkData): string {
  const folder = mkdtempSync(join(tmpdir(), "asa-profile-"));
  once("run-engine", taskOf("engine", workload, data), ["--cpu-prof", `--cpu-prof-dir=${folder}`]);
  const file = readdirSync(folder).find((name) => name.endsWith(".cpuprofile"))!;
  const recorded = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
    nodes: { id: number; callFrame: { functionName: string; url: string } }[];
    samples: number[];
    timeDeltas: number[];
  };
  rmSync(folder, { recursive: true });
  const nodes = new Map(recorded.nodes.map((node) => [node.id, node.callFrame]));
  const shares = new Map<string, number>();
  let whole = 0;
  for (const [index, id] of recorded.samples.entries()) {
    const { functionName, url } = nodes.get(id)!;
    const name = url === "" && functionName === "" ? "generated code" : functionName || "callback";
    const file = url.startsWith("wasm:") ? "kernel" : url.split("/").at(-1)?.replace(".js", "");
    const key = url === "" ? name : `${name.split("/").at(-1)} (${file})`;
    shares.set(key, (shares.get(key) ?? 0) + recorded.timeDeltas[index]!);
    whole += recorded.timeDeltas[index]!;
  }
  return [...shares]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([name, time]) => `${name} ${Math.round((time / whole) * 100)} %`)
    .join(", ");
}
