import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { EventData } from "@azure/event-hubs";
import { type HostProcess, LocalServices } from "./local-services";

jest.setTimeout(120_000);

/** A small app that uses what the platform's own does not: outputs, hooks, streams, a timer, settings in names. */
const source = `
const { app, output } = require("@azure/functions");
app.setup({ enableHttpStream: true });
const hooks = [];
app.hook.appStart(() => { hooks.push("start"); });
app.hook.preInvocation((context) => { if (context.invocationContext.functionName === "hooked") context.inputs[0].note = "before"; });
app.hook.postInvocation((context) => { if (context.invocationContext.functionName === "hooked") context.result.headers = { "x-after": "after" }; });
const toHub = output.eventHub({ connection: "EventHubs", eventHubName: "alerts" });
const toCosmos = output.cosmosDB({ connection: "Cosmos", databaseName: "lambda", containerName: "alerts" });
let failures = 0;
app.eventHub("relay", {
  connection: "EventHubs", eventHubName: "%SOURCE_HUB%", consumerGroup: "dashboards", cardinality: "many",
  extraOutputs: [toCosmos], return: toHub,
  retry: { strategy: "fixedDelay", maxRetryCount: 2, delayInterval: 0 },
  handler: (events, context) => {
    if (events.some((event) => event.fail) && failures++ < 2) throw new Error("not yet");
    context.extraOutputs.set(toCosmos, events.map(({ id }) => ({ id, deviceId: "d", retries: context.retryContext?.retryCount ?? 0 })));
    return events.map(({ id }) => ({ relayed: id, parsed: typeof id }));
  },
});
app.http("hooked", { route: "hooked", handler: async (request, context) => ({ body: request.note + " " + hooks }) });
app.http("echo", { route: "echo/{name}", methods: ["POST"], handler: async (request) => ({ status: 201, headers: { "x-name": request.params.name, "x-query": request.query.get("q") ?? "" }, body: request.body }) });
app.http("broken", { route: "broken", handler: () => { throw new Error("secret"); } });
app.timer("tick", { schedule: "*/1 * * * * *", handler: (timer, context) => { context.log("tick", timer.isPastDue, typeof timer.scheduleStatus.next); } });
`;

describe("an app that registers through the library", () => {
  let services: LocalServices;
  let host: HostProcess;

  beforeAll(async () => {
    services = await LocalServices.start();
    const appFolder = join(services.folder, "small-app");
    mkdirSync(appFolder);
    writeFileSync(join(appFolder, "index.js"), source);
    writeFileSync(join(appFolder, "package.json"), '{"main":"index.js"}');
    writeFileSync(
      join(appFolder, "host.json"),
      '{"version":"2.0","extensions":{"http":{"routePrefix":"app"}}}',
    );
    symlinkSync(resolve("node_modules"), join(appFolder, "node_modules"));
    host = await services.startHost({
      appFolder,
      settings: { ...services.settings, SOURCE_HUB: "view-changes" },
    });
  });
  afterAll(() => services?.close());

  const base = () => `http://127.0.0.1:${host.port}/app`;
  const eventually = async <T>(ask: () => Promise<T>, fits: (answer: T) => boolean) => {
    for (const deadline = Date.now() + 30_000; ; ) {
      const answer = await ask();
      if (fits(answer) || Date.now() > deadline) return answer;
      await new Promise((done) => setTimeout(done, 20));
    }
  };

  it("writes outputs to hub and database, after a failure too", async () => {
    const say = (id: string, fail = false): EventData => ({ body: { id, fail } });
    await services.send("k", [say("one"), say("two")], "view-changes");
    await services.send("k", [say("three", true)], "view-changes");
    const relayed = await eventually(
      () => services.events("alerts"),
      (events) => events.length >= 3,
    );
    expect(relayed.map(({ text }) => JSON.parse(text))).toEqual(
      ["one", "two", "three"].map((id) => ({ relayed: id, parsed: "string" })),
    );
    const documents = await services.documents<{ id: string; retries: number }>("alerts");
    expect(documents.map(({ id, retries }) => [id, retries])).toEqual(
      expect.arrayContaining([
        ["one", 0],
        ["two", 0],
        ["three", 2],
      ]),
    );
  });

  it("runs hooks around an invocation", async () => {
    const response = await fetch(`${base()}/hooked`);
    expect([await response.text(), response.headers.get("x-after")]).toEqual(["before start", "after"]);
  });

  it("streams request and response bodies", async () => {
    const chunks = Array.from({ length: 64 }, (_, index) => new Uint8Array(65_536).fill(index));
    const response = await fetch(`${base()}/echo/a%20b?q=1`, {
      method: "POST",
      body: new ReadableStream({
        pull(controller) {
          const chunk = chunks.shift();
          if (chunk === undefined) controller.close();
          else controller.enqueue(chunk);
        },
      }),
      duplex: "half",
    } as RequestInit);
    expect([response.status, response.headers.get("x-name"), response.headers.get("x-query")]).toEqual([
      201,
      "a b",
      "1",
    ]);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.length).toBe(64 * 65_536);
    expect(bytes.at(-1)).toBe(63);
  });

  it("answers 500 when a streaming function throws", async () => {
    const response = await fetch(`${base()}/broken`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
  });

  it("runs timers by the platform clock and logs what the app logs", async () => {
    const ticks = await eventually(
      async () => host.logs.filter((line) => line === "info tick false string"),
      (lines) => lines.length >= 1,
    );
    expect(ticks.length).toBeGreaterThanOrEqual(1);
  });
});

describe("an app that cannot be used", () => {
  let services: LocalServices;
  beforeAll(async () => {
    services = await LocalServices.start();
  });
  afterAll(() => services?.close());

  it("names the build when the app is not built", async () => {
    const appFolder = join(services.folder, "unbuilt");
    mkdirSync(appFolder);
    writeFileSync(join(appFolder, "package.json"), '{"main":"dist/main.js"}');
    await expect(services.startHost({ appFolder })).rejects.toThrow(/is not built.*npm run build/s);
  });

  it("tells which settings the platform's app misses", async () => {
    const { Cosmos } = services.settings as { Cosmos: string };
    await expect(services.startHost({ settings: { Cosmos } })).rejects.toThrow(
      /did not load.*neither EventHubs__fullyQualifiedNamespace/s,
    );
  });
});
