import { LocalError } from "../process/errors";
import { batchVerb } from "./batch-verb";
import { queryHelp, queryVerb } from "./query-verb";
import { replayHelp, replayVerb } from "./replay-verb";
import { resetVerb } from "./reset-verb";
import { sendHelp, sendVerb } from "./send-verb";
import { statusVerb } from "./status-verb";
import { upHelp } from "./up-options";
import { upVerb } from "./up-verb";

const help = `npm run local -- VERB [options]     the platform on one machine

  up       start everything; with --for or --file run unattended, compare and report
  send     send messages of your own to the running platform
  query    ask for windows of a view, merged from batch and real time
  batch    run the batch layer now
  replay   send quarantined messages or an earlier run's messages again
  status   ports, connection strings and figures of the running platform  [--json]
  reset    remove the data folder of a stopped platform

npm run local -- VERB --help explains a verb.
`;

interface Verb {
  readonly help: string;
  readonly run: (args: readonly string[]) => Promise<number>;
}

/** Calls that ask for what cannot be done; nothing was started. */
const notUnderstood: ReadonlySet<string> = new Set(["LOCAL_USAGE", "LOCAL_RUN_TOO_SHORT"]);

const dataOption = "  --data DIR   data folder of the platform (default .data/local)\n";

const verbs: Readonly<Record<string, Verb>> = {
  up: { help: upHelp, run: upVerb },
  send: { help: sendHelp, run: sendVerb },
  query: { help: queryHelp, run: queryVerb },
  batch: {
    help: `npm run local -- batch [options]     run the batch layer now\n\n${dataOption}`,
    run: batchVerb,
  },
  replay: { help: replayHelp, run: replayVerb },
  status: { help: `npm run local -- status [--json]\n\n${dataOption}`, run: statusVerb },
  reset: {
    help: `npm run local -- reset     remove the data folder of a stopped platform\n\n${dataOption}`,
    run: resetVerb,
  },
};

/** Runs one verb; returns the exit code: 0 done, 1 the run did not close, 2 the call was not understood, 3 it failed. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "help") {
    process.stdout.write(help);
    return name === undefined ? 2 : 0;
  }
  const verb = verbs[name];
  if (verb === undefined) {
    process.stderr.write(`LOCAL_USAGE: there is no verb "${name}"\n\n${help}`);
    return 2;
  }
  if (rest.includes("--help")) {
    process.stdout.write(verb.help);
    return 0;
  }
  try {
    return await verb.run(rest);
  } catch (error) {
    const known = error instanceof LocalError;
    process.stderr.write(`${known ? error.describe() : ((error as Error).stack ?? String(error))}\n`);
    return known && notUnderstood.has(error.code) ? 2 : 3;
  }
}
