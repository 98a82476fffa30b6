import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readHostConfig } from "../../../../local/functions-host";
import { retryPolicyOf } from "../../../../local/functions-host/retry";
import { resolveBindings } from "../../../../local/functions-host/settings";
import { fakeApp, HostFixture, hubFunction } from "./support";

describe("readHostConfig", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "host-config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const read = (document: unknown) => {
    writeFileSync(
      join(folder, "host.json"),
      typeof document === "string" ? document : JSON.stringify(document),
    );
    return readHostConfig(folder);
  };

  it("reads the app's own host.json", () => {
    expect(readHostConfig(resolve("functions"))).toEqual({
      routePrefix: "api",
      eventHubs: { maxEventBatchSize: 1000, initialOffset: "fromStart" },
    });
  });

  it("has the service's defaults", () => {
    expect(read({ version: "2.0" })).toEqual({
      routePrefix: "api",
      eventHubs: { maxEventBatchSize: 100, initialOffset: "fromStart" },
    });
  });

  it("takes an empty or a deep prefix", () => {
    const withPrefix = (routePrefix: string) =>
      read({ version: "2.0", extensions: { http: { routePrefix } } }).routePrefix;
    expect(withPrefix("")).toBe("");
    expect(withPrefix("/a/b/")).toBe("a/b");
  });

  it.each([
    ["{", "is not JSON"],
    [{}, "has version none"],
    [{ version: "2.0", extensions: { eventHubs: { maxEventBatchSize: 0 } } }, "maxEventBatchSize is 0"],
    [
      { version: "2.0", extensions: { eventHubs: { initialOffsetOptions: { type: "fromEnqueuedTime" } } } },
      'type is "fromEnqueuedTime"',
    ],
  ])("refuses %p", (document, text) => {
    expect(() => read(document)).toThrow(text);
  });

  it("names the missing file", () => {
    expect(() => readHostConfig(folder)).toThrow("host.json is missing");
  });
});

describe("resolveBindings", () => {
  it("replaces every %NAME% by its setting", () => {
    const metadata = hubFunction({ eventHubName: "%PREFIX%-%HUB%" });
    const { bindings } = resolveBindings(metadata, { PREFIX: "a", HUB: "b" });
    expect(bindings["messages"]?.["eventHubName"]).toBe("a-b");
  });

  it("names function, property and setting when there is none", () => {
    expect(() => resolveBindings(hubFunction({ eventHubName: "%HUB%" }), {})).toThrow(
      "onEvents: eventHubName refers to the app setting HUB, which is not set",
    );
  });
});

describe("retryPolicyOf", () => {
  it("waits equally long with a fixed delay", () => {
    const policy = retryPolicyOf({
      retryStrategy: "fixedDelay",
      maxRetryCount: 3,
      delayInterval: { seconds: 2 },
    });
    expect(policy?.maxRetryCount).toBe(3);
    expect([1, 2, 3].map((count) => policy?.delayMs(count))).toEqual([2_000, 2_000, 2_000]);
  });

  it("doubles the delay up to its maximum", () => {
    const policy = retryPolicyOf({
      retryStrategy: "exponentialBackoff",
      maxRetryCount: -1,
      minimumInterval: { seconds: 1 },
      maximumInterval: { seconds: 5 },
    });
    expect([1, 2, 3, 4, 2_000].map((count) => policy?.delayMs(count))).toEqual([
      1_000, 2_000, 4_000, 5_000, 5_000,
    ]);
  });

  it("is none without a registration", () => {
    expect(retryPolicyOf(undefined)).toBeUndefined();
  });
});

describe("startFunctionsHost", () => {
  const fixture = new HostFixture();
  afterAll(() => fixture.clean());

  it.each([
    [
      "a trigger that it does not serve",
      { name: "f", bindings: { q: { type: "queueTrigger", direction: "in" } } },
    ],
    [
      "an output that it does not serve",
      { name: "f", bindings: { ...hubFunction().bindings, o: { type: "queue", direction: "out" } } },
    ],
    [
      "an input that it does not serve",
      { name: "f", bindings: { ...hubFunction().bindings, i: { type: "blob", direction: "in" } } },
    ],
    ["a function without a trigger", { name: "f", bindings: {} }],
    ["a hub function without a hub", hubFunction({ eventHubName: "" })],
  ] as const)("refuses %s, with a hint", async (_, metadata) => {
    await expect(fixture.start(fakeApp([metadata], () => undefined))).rejects.toMatchObject({
      code: "LOCAL_CHILD_FAILED",
      hint: expect.stringMatching(/.+/),
    });
  });
});
