import type { ChildContext, ChildServer, ProcessStats } from "../process/child";
import { LocalError } from "../process/errors";
import { Simulator, type SimulatorOptions } from "./simulator";

const loggedRetries = 20;

function statsOf(simulator: Simulator, retries: number): ProcessStats {
  const { counts } = simulator.ledger ?? {};
  const counters: Record<string, number> = {
    sent: counts?.sent ?? 0,
    redelivered: simulator.redelivered,
    retries,
  };
  for (const [via, count] of Object.entries(counts?.byVia ?? {})) counters[`via.${via}`] = count;
  for (const [fault, count] of Object.entries(counts?.byFault ?? {})) counters[`fault.${fault}`] = count;
  const latencies = simulator.takeLatenciesMs();
  return { counters, latenciesMs: { "send.mqtt": latencies.mqtt, "send.amqp": latencies.amqp } };
}

/**
 * Starts sending and returns at once. Tells its supervisor:
 * - `clock.release` {untilMs}: everything due before has been acknowledged; the clock may run on to then, no further;
 * - `clock.jump` {toMs}: the clock is to stand at that moment (foreign files);
 * - `sender.progress` {share}: 0 to 1, of what is to be sent;
 * - `sender.done` {sent, redelivered, endMs}: all is acknowledged and noted in the ledger;
 * - `sender.failed` {code, message, detail?, hint?}: nothing more will be sent.
 */
export async function startSimulator(context: ChildContext<SimulatorOptions>): Promise<ChildServer> {
  const { config, clock, emit, log } = context;
  let retries = 0;
  let closing = false;
  const simulator = new Simulator(config, clock, {
    release: (untilMs) => emit({ kind: "clock.release", data: { untilMs } }),
    progress: (share) => emit({ kind: "sender.progress", data: { share } }),
    jump: (toMs) => emit({ kind: "clock.jump", data: { toMs } }),
    retry: (via, messages, error) => {
      retries += 1;
      if (retries <= loggedRetries) {
        log("warn", "a send failed and is tried again", { via, messages, error: String(error) });
      }
    },
  });
  simulator.run().then(
    (result) => emit({ kind: "sender.done", data: result }),
    (error: unknown) => {
      if (closing) return;
      const full = (error as NodeJS.ErrnoException).code === "ENOSPC";
      const code = error instanceof LocalError ? error.code : full ? "LOCAL_DISK_FULL" : "LOCAL_CHILD_FAILED";
      const { message, detail, hint } = error as LocalError;
      log("error", `sending has stopped: ${message}`, { code });
      emit({ kind: "sender.failed", data: { code, message, detail, hint } });
    },
  );
  return {
    endpoints: {},
    stats: () => statsOf(simulator, retries),
    async close() {
      closing = true;
      await simulator.close();
    },
  };
}
