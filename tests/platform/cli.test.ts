import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PageState } from "../../local/dashboard";
import { PlatformRun, runVerb } from "./run-platform";

jest.setTimeout(600_000);

interface Served {
  readonly windows: readonly {
    readonly end: string;
    readonly source: "batch" | "realtime";
    readonly version: string;
    readonly asOf: string;
    readonly values: Readonly<Record<string, number>>;
  }[];
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe("the verbs over a running platform", () => {
  const folder = mkdtempSync(join(tmpdir(), "verbs-"));
  const data = join(folder, "data");
  const here = ["--data", data];
  let run: PlatformRun;

  const up = async () => {
    const started = new PlatformRun([
      ...["--port-base", "0", "--rate", "50", "--devices", "8", "--speed", "30x", "--no-batch"],
      ...["--malformed", "5%", "--invalid", "0%", "--clock", "2026-01-05T08:00:00Z", ...here],
    ]);
    await started.printed(/^Ctrl-C stops it/);
    return started;
  };
  const status = async () =>
    JSON.parse((await runVerb(["status", "--json", ...here])).out) as PageState & { page: string };
  const query = async (...options: readonly string[]) => {
    const { code, out, error } = await runVerb([
      ...["query", "factory-aggregates", "press-0001", "--from", "2026-01-05T08:00:00Z", "--json"],
      ...[...options, ...here],
    ]);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    return (JSON.parse(out) as Served).windows;
  };

  beforeAll(async () => {
    run = await up();
  });

  afterAll(() => {
    run.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("status lists every server's port and connection string", async () => {
    const { code, out } = await runVerb(["status", ...here]);
    expect(code).toBe(0);
    for (const name of [
      "storage",
      "event-hubs",
      "cosmos",
      "iot-hub",
      "functions",
      "capture",
      "stream-analytics",
    ]) {
      expect(out).toMatch(new RegExp(`^${name} +running +pid \\d+`, "m"));
    }
    expect(out).toMatch(/connectionString +Endpoint=sb:\/\/localhost:\d+;SharedAccessKeyName=/);
    expect(out).toMatch(/connectionString +AccountEndpoint=http:\/\/127\.0\.0\.1:\d+\//);
    expect(out).toMatch(/connectionString +DefaultEndpointsProtocol=http;/);
  });

  it("a second up over the same folder says who holds it", async () => {
    const { code, error } = await runVerb(["up", "--port-base", "0", ...here]);
    expect(code).toBe(3);
    expect(error).toMatch(
      new RegExp(`^LOCAL_DATA_LOCKED: process ${run.pid} runs over ${data} since .+\\n {2}hint: stop it`),
    );
    expect((await runVerb(["reset", ...here])).error).toContain(`LOCAL_DATA_LOCKED: process ${run.pid}`);
  });

  it("query answers from real time before a batch run, and from both after it", async () => {
    const before = await until(async () => {
      const windows = await query();
      return windows.length >= 6 ? windows : undefined;
    });
    expect(new Set(before.map(({ source }) => source))).toEqual(new Set(["realtime"]));
    const batch = await until(async () => {
      const ran = await runVerb(["batch", ...here]);
      return ran.code === 0 ? ran : undefined;
    });
    const watermarkMs = Date.parse(/answers up to (\S+)/.exec(batch.out)![1]!);
    const after = await until(async () => {
      const windows = await query();
      return windows.some(({ end }) => Date.parse(end) > watermarkMs) ? windows : undefined;
    });
    for (const { end, source, version, asOf } of after) {
      expect({ end, source }).toEqual({ end, source: Date.parse(end) <= watermarkMs ? "batch" : "realtime" });
      expect(version).toBe("v1");
      expect(Date.parse(asOf)).toBeGreaterThan(Date.parse(end));
    }
    expect(new Set(after.map(({ source }) => source))).toEqual(new Set(["batch", "realtime"]));
  });

  it("query prints a line for each window", async () => {
    const { code, out } = await runVerb([
      ...["query", "factory-aggregates", "fab-01", "--grain", "factory", "--window", "5m", ...here],
    ]);
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toMatch(/^end +source +version +count/);
  });

  it("query passes on what the serving API says of a wrong parameter", async () => {
    const { code, error } = await runVerb([
      "query",
      "factory-aggregates",
      "press-0001",
      "--grain",
      "shelf",
      ...here,
    ]);
    expect(code).toBe(2);
    expect(error).toMatch(/^LOCAL_USAGE: A parameter cannot be used\n {2}.*grain/);
  });

  it("send takes lines as they are; what breaks the contract ends in quarantine and replay counts it", async () => {
    const total = async () => (await status()).quarantine.total;
    const before = await total();
    const sent = await runVerb(["send", ...here], '{"not":"telemetry"}\nnot json\n\n');
    expect(sent).toEqual({ code: 0, out: "2 messages sent\n", error: "" });
    await until(async () => ((await total()) >= before + 2 ? true : undefined));
    const replayed = await runVerb(["replay", "quarantine", ...here]);
    expect({ code: replayed.code, error: replayed.error }).toEqual({ code: 0, error: "" });
    expect(replayed.out).toMatch(
      /^0 messages replayed, 0 were replayed before, \d+ would be refused again\n$/,
    );
    expect(Number(/(\d+) would/.exec(replayed.out)![1])).toBeGreaterThanOrEqual(before + 2);
  });

  it("send names a line that is too large and sends the others", async () => {
    const { code, error } = await runVerb(["send", ...here], `{"a":1}\n${"x".repeat(1_000_001)}\n{"b":2}\n`);
    expect({ code, error }).toEqual({
      code: 3,
      error: [
        "LOCAL_MESSAGE_REFUSED: 1 of 3 lines are larger than a message may be (1000000 bytes)",
        "  line 2; the other 2 messages are sent",
        "  hint: a line is one event; split what holds several",
        "",
      ].join("\n"),
    });
  });

  it("send says that a key is wrong", async () => {
    const { processes } = await status();
    const connectionString = String(
      processes.find(({ name }) => name === "event-hubs")!.endpoints["connectionString"],
    ).replace(/SharedAccessKey=[^;]+/, `SharedAccessKey=${Buffer.from("wrong").toString("base64")}`);
    const { code, error } = await runVerb(["send", "--connection-string", connectionString], "{}\n");
    expect(code).toBe(3);
    expect(error).toMatch(/^LOCAL_CONNECTION_STRING: the server refuses the connection string's key/);
    expect(error).toContain("hint: `npm run local -- status` lists the connection strings of this platform");
  });

  it("replay sends an earlier run's messages again and names a file of another kind", async () => {
    const file = join(folder, "sent.ndjson");
    writeFileSync(file, `${JSON.stringify({ messageId: "m", body: '{"again":true}' })}\n`);
    expect((await runVerb(["replay", file, ...here])).out).toBe("1 messages sent again\n");
    writeFileSync(file, '{"messageId":"m"}\n');
    expect((await runVerb(["replay", file, ...here])).error).toMatch(
      /^LOCAL_FILE_UNREADABLE: line 1 of .+ is not a line of a sent\.ndjson\n {2}hint: /,
    );
    expect((await runVerb(["replay", join(folder, "none"), ...here])).error).toMatch(
      /^LOCAL_FILE_UNREADABLE: .+none cannot be read \(ENOENT\)\n/,
    );
  });

  it("Ctrl-C stops everything; the next start goes on where the clock stood, with the windows as they were", async () => {
    const { processes, clock } = await status();
    const pids = [run.pid, ...processes.flatMap(({ pid }) => (pid === null ? [] : [pid]))];
    expect(pids.length).toBeGreaterThanOrEqual(9);
    const stoppedMs = Date.parse(clock.nowIso);
    const closed = ["--to", new Date(Math.floor(stoppedMs / 60_000) * 60_000 - 60_000).toISOString()];
    const before = await query(...closed);
    run.interrupt();
    expect({ code: await run.exited, log: run.log }).toEqual({
      code: 0,
      log: expect.stringContaining("stopping"),
    });
    expect(pids.filter(alive)).toEqual([]);
    expect((await runVerb(["status", ...here])).error).toContain("LOCAL_NOT_RUNNING");

    run = await up();
    expect(Date.parse((await status()).clock.nowIso)).toBeGreaterThan(stoppedMs);
    expect(await query(...closed)).toEqual(before);
    run.interrupt();
    expect(await run.exited).toBe(0);
  });

  it("reset removes the folder of a stopped platform", async () => {
    expect(await runVerb(["reset", ...here])).toMatchObject({ code: 0, out: `removed ${data}\n` });
    expect(existsSync(data)).toBe(false);
  });
});
