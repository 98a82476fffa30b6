import { getPriority } from "node:os";
import { join } from "node:path";
import type { ClockState } from "../../../../local/process/clock";
import {
  ManagedProcess,
  type ManagedProcessOptions,
  ProcessEndedError,
  type ProcessStatus,
} from "../../../../local/supervisor/managed-process";
import { builtModule } from "../../../support/build-dist";

const clock: ClockState = { wallAnchorMs: 0, eventAnchorMs: 1000, speed: 0, limitMs: null };

interface Change {
  readonly status: ProcessStatus;
  readonly detail: string | undefined;
}

describe("ManagedProcess", () => {
  const running: ManagedProcess[] = [];

  beforeAll(() => {
    builtModule("local/process/child.js");
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
  });

  const manage = (options: Partial<ManagedProcessOptions> = {}) => {
    const changes: Change[] = [];
    const waiting: { readonly status: ProcessStatus; readonly wake: () => void }[] = [];
    const managed = new ManagedProcess({
      name: "fixture",
      module: join(__dirname, "fixture-process.js"),
      config: () => ({}),
      clock: () => clock,
      restartDelaysMs: [0],
      onStatus: (status, detail) => {
        changes.push({ status, detail });
        for (const waiter of waiting.filter((each) => each.status === status)) waiter.wake();
      },
      onStats: () => {},
      onEvent: () => {},
      onLog: () => {},
      ...options,
    });
    running.push(managed);
    const reached = (status: ProcessStatus) => new Promise<void>((wake) => waiting.push({ status, wake }));
    return { managed, changes, reached };
  };

  it("steps back behind the others when it is told to", async () => {
    const { managed } = manage({ niceness: 5 });
    const { managed: other } = manage();
    await Promise.all([managed.start(), other.start()]);
    expect(getPriority(managed.pid)).toBe(Math.min(19, getPriority(other.pid) + 5));
  });

  it("starts, answers, tells its figures and its clock, and stops", async () => {
    const events: unknown[] = [];
    const logs: string[] = [];
    let told: () => void = () => {};
    const figures = new Promise<void>((resolve) => {
      told = resolve;
    });
    const { managed, changes } = manage({
      onEvent: (event) => events.push(event),
      onLog: (level, text) => logs.push(`${level} ${text}`),
      onStats: ({ counters }) => {
        if (counters["calls"] === 4) told();
      },
    });
    await managed.start();
    expect(managed.endpoints).toEqual({ port: 1234 });
    expect(await managed.call("echo", { big: 2n ** 70n })).toEqual({ big: 2n ** 70n });
    expect(await managed.call("now")).toBe(1000);
    managed.follow({ ...clock, eventAnchorMs: 5000 });
    expect(await managed.call("now")).toBe(5000);
    await managed.call("emit", 1);
    await figures;
    await expect(managed.call("unknown")).rejects.toThrow('no verb "unknown"');
    expect(events).toEqual([{ kind: "told", data: 1 }]);
    expect(logs).toContain("info started");
    const { pid } = managed;
    await managed.stop();
    expect(() => process.kill(pid!, 0)).toThrow();
    expect(changes.map(({ status }) => status)).toEqual(["starting", "running", "stopped"]);
    await expect(managed.call("echo")).rejects.toThrow("fixture is stopped");
  });

  it("comes back after a kill; a call that was under way is rejected, one during the restart waits", async () => {
    const { managed, changes } = manage();
    await managed.start();
    const first = managed.pid!;
    const lost = managed.call("never");
    lost.catch(() => {});
    // The answer to a later call says that the first is under way.
    await managed.call("echo", 0);
    process.kill(first, "SIGKILL");
    await expect(lost).rejects.toThrow(ProcessEndedError);
    expect(await managed.call("echo", "again")).toBe("again");
    expect(managed.pid).not.toBe(first);
    expect(managed.restarts).toBe(1);
    expect(changes).toContainEqual({ status: "down", detail: "SIGKILL" });
  });

  it("rejects its first start with the error of the process and its hint", async () => {
    const { managed, changes } = manage({ config: () => ({ refuse: true }) });
    await expect(managed.start()).rejects.toMatchObject({
      code: "LOCAL_PORT_IN_USE",
      message: "fixture: port 1 is taken",
      hint: "free it",
    });
    expect(changes.at(-1)).toEqual({ status: "failed", detail: "fixture: port 1 is taken" });
  });

  it("rejects its first start when the process dies without a word", async () => {
    const { managed } = manage({ config: () => ({ diesAtStart: true }) });
    await expect(managed.start()).rejects.toMatchObject({
      code: "LOCAL_CHILD_FAILED",
      message: "fixture ended by code 7 before it was ready",
    });
  });

  it("gives up when the process does not come back, and says why", async () => {
    let refuse = false;
    const { managed, reached, changes } = manage({ config: () => ({ refuse }) });
    await managed.start();
    refuse = true;
    const [down, failed] = [reached("down"), reached("failed")];
    process.kill(managed.pid!, "SIGKILL");
    await down;
    const waiting = managed.call("echo").catch((error: Error) => error);
    await failed;
    expect(await waiting).toMatchObject({ code: "LOCAL_PORT_IN_USE", message: "fixture: port 1 is taken" });
    await expect(managed.call("echo")).rejects.toMatchObject({ code: "LOCAL_PORT_IN_USE" });
    expect(changes.filter(({ status }) => status === "down").length).toBe(12);
  }, 60_000);

  it("stops while it starts", async () => {
    const { managed } = manage();
    const started = managed.start().catch((error: Error) => error.message);
    await managed.stop();
    expect(await started).toBe("fixture is stopped");
    expect(managed.status).toBe("stopped");
  });
});
