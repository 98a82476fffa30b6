import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { LocalError } from "../process/errors";
import { defaultDataDir, RunningPlatform, readArguments } from "./running";
import { sendLines } from "./send-lines";
import { unreadable } from "./send-verb";

export const replayHelp = `npm run local -- replay quarantine [ID] [options]     send quarantined messages again, all or one
npm run local -- replay FILE [options]                send the messages of an earlier run's sent.ndjson again

  --body JSON   with an ID: the corrected message to send instead
  --data DIR    data folder of the platform (default .data/local)

A message that was stored before adds nothing: it is a copy. Of all of the quarantine, those that would be refused again
stay where they are and are counted.
`;

interface Page {
  readonly items: readonly { readonly id: string; readonly source?: string }[];
  readonly continuation?: string | null;
}

interface Outcome {
  readonly sentNow?: boolean;
}

/** Problem of a message that breaks the same rule as before. */
const stillInvalidStatus = 422;

async function* quarantined(platform: RunningPlatform): AsyncGenerator<Page["items"][number]> {
  let continuation: string | null | undefined;
  do {
    const query = continuation ? `?${new URLSearchParams({ continuation })}` : "";
    const page = (await platform.call("GET", `/api/quarantine${query}`)) as Page;
    yield* page.items;
    continuation = page.continuation;
  } while (continuation);
}

async function* bodiesOf(path: string): AsyncGenerator<string> {
  let number = 0;
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number += 1;
    if (line === "") continue;
    let body: unknown;
    try {
      ({ body } = JSON.parse(line) as { body?: unknown });
    } catch {
      body = undefined;
    }
    if (typeof body !== "string") {
      throw new LocalError(
        "LOCAL_FILE_UNREADABLE",
        `line ${number} of ${path} is not a line of a sent.ndjson`,
        {
          hint: "replay takes the sent.ndjson of a run; `send` takes messages as they are, a line each",
        },
      );
    }
    yield `${body.replaceAll(/[\r\n]+/g, " ")}\n`;
  }
}

async function replayFile(platform: RunningPlatform, path: string): Promise<number> {
  try {
    const sent = await sendLines(
      await platform.connectionString("event-hubs"),
      Readable.from(bodiesOf(path)),
    );
    process.stdout.write(`${sent} messages sent again\n`);
  } catch (error) {
    throw unreadable(path, error);
  }
  return 0;
}

async function replayOne(platform: RunningPlatform, id: string, body: string | undefined): Promise<number> {
  const answer = (await platform.call(
    "POST",
    `/api/quarantine/${encodeURIComponent(id)}/replay`,
    body === undefined ? {} : { body },
  )) as Outcome;
  process.stdout.write(answer.sentNow === false ? "was replayed before\n" : "1 message replayed\n");
  return 0;
}

async function replayAll(platform: RunningPlatform): Promise<number> {
  let [replayed, before, stillInvalid] = [0, 0, 0];
  for await (const { id, source } of quarantined(platform)) {
    const query = source === undefined ? "" : `?${new URLSearchParams({ source })}`;
    const path = `/api/quarantine/${encodeURIComponent(id)}/replay${query}`;
    const { status, answer } = await platform.ask("POST", path, {});
    if (status === stillInvalidStatus) stillInvalid += 1;
    else if (status >= 400) platform.fail(status, answer, `POST ${path}`);
    else if ((answer as Outcome).sentNow === false) before += 1;
    else replayed += 1;
  }
  process.stdout.write(
    `${replayed} messages replayed, ${before} were replayed before, ${stillInvalid} would be refused again\n`,
  );
  return 0;
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
  if (values.body !== undefined && (what !== "quarantine" || id === undefined)) {
    throw new LocalError("LOCAL_USAGE", "--body corrects one message", {
      hint: "replay quarantine ID --body JSON",
    });
  }
  const platform = RunningPlatform.find(values.data ?? defaultDataDir);
  if (what !== "quarantine") return await replayFile(platform, what);
  return id === undefined ? await replayAll(platform) : await replayOne(platform, id, values.body);
}
