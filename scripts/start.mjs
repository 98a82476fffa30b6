// npm start: sets up what is missing, then runs the platform with the factory at ten times real time.
import { runModule } from "./run.mjs";
import { runScript } from "./setup/failure.mjs";
import { setUp } from "./setup.mjs";

await runScript(async () => {
  await setUp();
  const own = process.argv.slice(2);
  const chosen = own.some((argument) => argument === "--speed" || argument.startsWith("--speed="));
  runModule("local/cli.js", ["up", ...(chosen ? [] : ["--speed", "10x"]), ...own]);
});
