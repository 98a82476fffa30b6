// A process of the platform for tests: offers a count of its calls, and fails in the ways that it is asked to.
const { runChild } = require("../../../../dist/local/process/child.js");
const { LocalError } = require("../../../../dist/local/process/errors.js");

runChild(async ({ config, clock, emit, log }) => {
  if (config.refuse) throw new LocalError("LOCAL_PORT_IN_USE", "port 1 is taken", { hint: "free it" });
  if (config.diesAtStart) process.exit(7);
  let calls = 0;
  log("info", "started");
  return {
    endpoints: { port: 1234 },
    stats: () => ({ counters: { calls } }),
    async call(verb, argument) {
      calls += 1;
      if (verb === "echo") return argument;
      if (verb === "now") return clock.now();
      if (verb === "emit") return emit({ kind: "told", data: argument });
      if (verb === "never") return new Promise(() => {});
      if (verb === "hang") for (;;);
      throw new Error(`no verb "${verb}"`);
    },
    close: async () => {},
  };
});
