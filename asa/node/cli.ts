#!/usr/bin/env node
import { runCli } from "./cli/main";

// A reader such as head may close the pipe early; that is no failure of the command.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

/**
 * Node waits at its end for compilations in the background, which may wait for a collection of garbage by the main thread:
 * both would wait for ever (nodejs/node#54918). In an idle moment before the end they finish.
 */
const idleAtEndMs = 50;

runCli(process.argv.slice(2), {
  cwd: process.cwd(),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  now: () => Date.now(),
  ...(process.stderr.isTTY === true
    ? { progress: (line: string) => process.stderr.write(`\r\u001b[K${line}`) }
    : {}),
})
  .then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`asa: internal error, please report it\n${(error as Error).stack ?? error}\n`);
      process.exitCode = 3;
    },
  )
  .finally(() => setTimeout(() => {}, idleAtEndMs));
