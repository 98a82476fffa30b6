import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../../../local/cli/verbs";

/** Runs a verb and returns its exit code and what it wrote to standard error. */
async function run(args: readonly string[]): Promise<{ code: number; error: string }> {
  let error = "";
  const write = jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    error += String(text);
    return true;
  });
  try {
    return { code: await main(args), error };
  } finally {
    write.mockRestore();
  }
}

describe("the command line", () => {
  const folder = mkdtempSync(join(tmpdir(), "usage-"));
  const path = (name: string) => join(folder, name);
  const free = path("nothing-runs-here");

  beforeAll(() => {
    writeFileSync(path("map.yaml"), "source: plant\nfields: {}\n");
    writeFileSync(path("data.csv"), "time,machine\n");
    writeFileSync(path("large.ndjson"), `${"x".repeat(10)}\n`);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const usage: readonly (readonly [args: readonly string[], error: string])[] = [
    [
      ["up", "--rate", "fast"],
      'LOCAL_USAGE: --rate cannot be "fast"\n  hint: give a whole number from 1 to 1000000\n',
    ],
    [
      ["up", "--late", "101%"],
      'LOCAL_USAGE: --late cannot be "101%"\n  hint: give a share such as 2% or 0.02, at most 100%\n',
    ],
    [
      ["up", "--job-threads", "many"],
      'LOCAL_USAGE: --job-threads cannot be "many"\n  hint: give a whole number from 0 to 64\n',
    ],
    [
      ["up", "--speed", "0x"],
      'LOCAL_USAGE: --speed cannot be "0x"\n  hint: give a factor such as 1x or 30x, at most 1000x\n',
    ],
    [
      ["up", "--for", "soon"],
      'LOCAL_USAGE: --for cannot be "soon"\n  hint: give a duration such as 120s, 5m or 1h\n',
    ],
    [
      ["up", "--clock", "8 o'clock"],
      'LOCAL_USAGE: --clock cannot be "8 o\'clock"\n  hint: give a moment such as 2026-01-05T08:00:00Z\n',
    ],
    [
      ["up", "--clock", "2026-02-30T00:00:00Z"],
      'LOCAL_USAGE: --clock cannot be "2026-02-30T00:00:00Z"\n  hint: give a moment such as 2026-01-05T08:00:00Z\n',
    ],
    [
      ["up", "--for", "20s", "--speed", "1x", "--clock", "2026-01-05T08:04:30Z", "--data", path("short")],
      "LOCAL_RUN_TOO_SHORT: 20 s at 1 times real time (20 s of event time) end before the batch and the real-time layer both have a window\n" +
        "  Capture writes a file every 5 min of event time, so the first batch run answers up to 2026-01-05T08:09:00.000Z; the run starts at 2026-01-05T08:04:30.000Z\n" +
        "  hint: give --for 31s or more, a higher --speed, or another --clock\n",
    ],
    [
      ["up", "--for", "10s", "--late", "60%", "--duplicates", "50%"],
      "LOCAL_USAGE: the shares of all faults together are 110%\n" +
        "  hint: give --late, --duplicates, --out-of-order, --malformed and --invalid at most 100% together\n",
    ],
    [
      ["up", "--for", "10s", "--data", path("data.csv")],
      `LOCAL_USAGE: ${path("data.csv")} cannot be written to\n` +
        `  EEXIST: file already exists, mkdir '${path("data.csv")}'\n` +
        "  hint: name a folder of your own with --data\n",
    ],
    [
      ["up", "--for", "10s", "--data", path("short"), "--out", path("data.csv")],
      `LOCAL_USAGE: ${path("data.csv")} cannot be written to\n` +
        `  EEXIST: file already exists, mkdir '${path("data.csv")}'\n` +
        "  hint: name a folder of your own with --out\n",
    ],
    [
      ["up", "--devices", "0"],
      'LOCAL_USAGE: --devices cannot be "0"\n  hint: give a whole number from 1 to 100000\n',
    ],
    [
      ["up", "--file", "a.csv"],
      "LOCAL_USAGE: --file and --map go together\n  hint: give the data and the map that names its columns\n",
    ],
    [
      ["up", "--file", "a.csv", "--map", "b", "--for", "5s"],
      "LOCAL_USAGE: --for and --file exclude each other\n  hint: a file run ends with the file\n",
    ],
    [
      ["query", "factory-aggregates"],
      "LOCAL_USAGE: query needs a job and a key\n  hint: for example: query factory-aggregates press-0001\n",
    ],
    [["replay"], "LOCAL_USAGE: replay needs `quarantine` or a file\n  hint: add --help for examples\n"],
    [
      ["replay", "quarantine", "--body", "{}"],
      "LOCAL_USAGE: --body corrects one message\n  hint: replay quarantine ID --body JSON\n",
    ],
    [
      ["reset", "--data", folder],
      `LOCAL_USAGE: ${folder} is not a data folder of this platform\n  hint: name the folder that \`up --data\` was given\n`,
    ],
  ];
  it.each(usage)("%j is not understood", async (args, error) => {
    expect(await run(args)).toEqual({ code: 2, error });
  });

  it("names an option that does not exist, and where the options are listed", async () => {
    const { code, error } = await run(["up", "--fast"]);
    expect(code).toBe(2);
    expect(error).toMatch(/^LOCAL_USAGE: Unknown option '--fast'/);
    expect(error).toContain("hint: npm run local -- up --help lists the options");
  });

  it("names a job that does not exist", async () => {
    const { code, error } = await run(["query", "factory", "press-0001"]);
    expect(code).toBe(2);
    expect(error).toMatch(/^LOCAL_USAGE: there is no job "factory"\n {2}hint: jobs: factory-aggregates/);
  });

  it.each([
    ["query", "factory-aggregates", "press-0001"],
    ["status"],
    ["batch"],
    ["send"],
    ["replay", "quarantine"],
  ])("%s says that nothing runs", async (...args) => {
    expect(await run([...args, "--data", free])).toEqual({
      code: 3,
      error: `LOCAL_NOT_RUNNING: no platform runs over ${free}\n  hint: start one with \`npm start\`, or name its folder with --data\n`,
    });
  });

  it.each([
    ["nonsense", /^LOCAL_CONNECTION_STRING: .+\n {2}hint: it looks like Endpoint=sb:\/\/HOST;/],
    [
      "Endpoint=sb://localhost:1;UseDevelopmentEmulator=true",
      /^LOCAL_CONNECTION_STRING: .+\n {2}hint: it looks like/,
    ],
  ])("send --connection-string %s says what one looks like", async (text, error) => {
    const result = await run(["send", path("data.csv"), "--connection-string", text]);
    expect(result).toEqual({ code: 3, error: expect.stringMatching(error) });
  });

  it("names a file that is not there", async () => {
    const missing = path("missing.csv");
    const data = path("data-1");
    const { code, error } = await run(["up", "--file", missing, "--map", path("map.yaml"), "--data", data]);
    expect(code).toBe(3);
    expect(error).toMatch(/^LOCAL_(MAP_INVALID|FILE_UNREADABLE): /);
    expect(error).toContain("hint: ");
    const map = await run(["up", "--file", path("data.csv"), "--map", missing, "--data", data]);
    expect(map.error).toMatch(/^LOCAL_FILE_UNREADABLE: map .+missing\.csv/);
    // The folder is free again.
    expect((await run(["status", "--data", data])).error).toContain(
      "LOCAL_NOT_RUNNING: no platform runs over",
    );
  });

  it("names each mistake of a map with its place", async () => {
    const { code, error } = await run([
      "up",
      "--file",
      path("data.csv"),
      "--map",
      path("map.yaml"),
      "--data",
      path("data-2"),
    ]);
    expect(code).toBe(3);
    expect(error).toMatch(/^LOCAL_MAP_INVALID: /);
    expect(error).toContain("map.yaml:1:1: time is missing");
    expect(error).toContain("map.yaml:2:9: fields.deviceId is missing");
  });

  it("names a port that is taken and the server it is for", async () => {
    const holder = createServer();
    const base = await new Promise<number>((resolve) =>
      holder.listen(0, "127.0.0.1", () => resolve((holder.address() as { port: number }).port)),
    );
    try {
      const result = await run(["up", "--port-base", String(base), "--data", path("data-3")]);
      expect(result).toEqual({
        code: 3,
        error: `LOCAL_PORT_IN_USE: port ${base}, meant for dashboard, is taken\n  hint: stop what listens there, or choose another row with --port-base N (0: free ports)\n`,
      });
    } finally {
      holder.close();
    }
  });

  it("knows its verbs", async () => {
    const { code, error } = await run(["start"]);
    expect(code).toBe(2);
    expect(error).toMatch(/^LOCAL_USAGE: there is no verb "start"/);
  });
});
