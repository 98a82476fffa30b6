import { defaultDataDir, RunningPlatform, readArguments } from "./running";

export async function batchVerb(args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, { data: { type: "string" } });
  const platform = RunningPlatform.find(values.data ?? defaultDataDir);
  process.stderr.write("running the batch layer ...\n");
  const answer = (await platform.call("POST", "/api/batch")) as {
    generation: unknown;
    batchHighWatermark: string;
  };
  process.stdout.write(`generation ${answer.generation} answers up to ${answer.batchHighWatermark}\n`);
  return 0;
}
