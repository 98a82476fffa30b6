import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { LocalError } from "../process/errors";
import { defaultDataDir, RunningPlatform, readArguments } from "./running";
import { sendLines } from "./send-verb";

export const replayHelp = `npm run local -- replay quarantine [ID] [options]     send quarantined messages again, all or one
npm run local -- replay FILE [options]                send the messages of an earlier run's sent.ndjson again

  --body JSON   with an ID: the corrected message to send instead
  --data DIR    data folder of the platform (default .data/local)

A message that was stored before adds nothing: it is a copy.
`;

interface Page {
  readonly items: readonly { readonly id: string }[];
  readonly continuation?: string | null;
}

async function* quarantinedIds(platform: RunningPlatform): AsyncGenerator<string> {
  let continuation: string | null | undefined;
  do {
    const query = continuation ? `?${new URLSearchParams({ continuation })}` : "";
    const page = (await platform.call("GET", `/api/quarantine${query}`)) as Page;
    for (const { id } of page.items) yield id;
    continuation = page.continuation;
  } while (continuation);
}

async function* bodiesOf(path: string): AsyncGenerator<string> {
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (line !== "") yield `${(JSON.parse(line) as { body: string }).body.replaceAll(/[\r\n]+/g, " ")}\n`;
  }
}

export async function replayVerb(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(
    args,
    { data: { type: "string" }, body: { type: "string" } },
    true,
  );
  const [what, id] = positionals;
  if (what === undefined) {
    throw new LocalError("LOCAL_USAGE", "replay needs `quarantine` or a file", {
      hint: "add --help for examples",
    });
  }
  const platform = RunningPlatform.find(values.data ?? defaultDataDir);
  if (what !== "quarantine") {
    const sent = await sendLines(
      await platform.connectionString("event-hubs"),
      Readable.from(bodiesOf(what)),
    );
    process.stdout.write(`${sent} messages sent again\n`);
    return 0;
  }
  let replayed = 0;
  for await (const each of id === undefined ? quarantinedIds(platform) : [id]) {
    const body = values.body === undefined ? undefined : { body: values.body };
    await platform.call("POST", `/api/quarantine/${encodeURIComponent(each)}/replay`, body ?? {});
    replayed += 1;
  }
  process.stdout.write(`${replayed} messages replayed\n`);
  return 0;
}
