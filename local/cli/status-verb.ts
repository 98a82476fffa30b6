import { defaultDataDir, RunningPlatform, readArguments } from "./running";

export async function statusVerb(args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, { data: { type: "string" }, json: { type: "boolean" } });
  const platform = RunningPlatform.find(values.data ?? defaultDataDir);
  const state = await platform.state();
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify({ page: platform.origin, ...state }, undefined, 2)}\n`);
    return 0;
  }
  const { clock, batch } = state;
  const lines = [
    `page        ${platform.origin}`,
    `clock       ${clock.nowIso} at ${clock.speed}x${clock.reason === null ? "" : `, ${clock.reason}`}`,
    `data        ${state.run.dataDir}`,
    `batch       ${batch.status}${batch.batchHighWatermarkIso === null ? "" : `, answers up to ${batch.batchHighWatermarkIso}`}`,
    `quarantine  ${state.quarantine.total}     late  ${state.late.total}`,
    "",
    ...state.processes.flatMap(({ name, status, restarts, pid, endpoints }) => [
      `${name.padEnd(18)}${status.padEnd(10)}pid ${pid ?? "-"}${restarts > 0 ? `, restarted ${restarts} times` : ""}`,
      ...Object.entries(endpoints).map(([key, value]) => `    ${key.padEnd(22)}${value}`),
    ]),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return 0;
}
