import { createReadStream } from "node:fs";
import { LocalError } from "../process/errors";
import { defaultDataDir, RunningPlatform, readArguments } from "./running";
import { checkConnectionString, sendLines } from "./send-lines";

export const sendHelp = `npm run local -- send [FILE|-] [options]     messages of your own to the hub "telemetry", a line each

  FILE                       a file of JSON lines; - or nothing reads standard input
  --data DIR                 data folder of the platform (default .data/local)
  --connection-string TEXT   send to that namespace instead: another platform's, or Azure's

A line is sent as it stands, with its deviceId as the partition key; what breaks the contract ends in quarantine.
Rows in another layout: npm run local -- up --file DATA --map MAP
`;

export async function sendVerb(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(
    args,
    { data: { type: "string" }, "connection-string": { type: "string" } },
    true,
  );
  const given = values["connection-string"];
  const connectionString =
    given === undefined
      ? await RunningPlatform.find(values.data ?? defaultDataDir).connectionString("event-hubs")
      : checkConnectionString(given);
  const [path = "-"] = positionals;
  const input = path === "-" ? process.stdin : createReadStream(path);
  try {
    const sent = await sendLines(connectionString, input);
    process.stdout.write(`${sent} messages sent\n`);
  } catch (error) {
    throw unreadable(path, error);
  }
  return 0;
}

/** Names the file when it is the cause. */
export function unreadable(path: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== "open" && syscall !== "read") return error;
  return new LocalError("LOCAL_FILE_UNREADABLE", `${path} cannot be read (${code})`, {
    hint: "name a file of one message a line",
    cause: error,
  });
}
