import { HttpRequest, type HttpResponseInit, InvocationContext } from "@azure/functions";
import { refusalOf } from "../../../functions/src/domain/quarantine";
import { getHealthHandler } from "../../../functions/src/triggers/get-health";
import { getQuarantineHandler } from "../../../functions/src/triggers/get-quarantine";
import { getViewsHandler } from "../../../functions/src/triggers/get-views";
import { replayQuarantineHandler } from "../../../functions/src/triggers/replay-quarantine";
import { message, reading } from "../support";

const context = () => new InvocationContext({ invocationId: "i-1", functionName: "f", logHandler: () => {} });

const get = (path: string, params: Record<string, string> = {}) =>
  new HttpRequest({ method: "GET", url: `http://localhost/api/${path}`, params });

const post = (path: string, body: string, params: Record<string, string>) =>
  new HttpRequest({ method: "POST", url: `http://localhost/api/${path}`, params, body: { string: body } });

const parsed = ({ status, headers, body }: HttpResponseInit) => ({
  status,
  type: (headers as Record<string, string>)["content-type"],
  body: JSON.parse(String(body)),
});

describe("getViewsHandler", () => {
  const params = { job: "factory-aggregates", key: "d1" };
  const empty = {
    pointer: async () => undefined,
    batchRows: async () => [],
    realtimeRows: async () => [],
  };

  it("hands route and query to the use case", async () => {
    const path = "views/factory-aggregates/d1?grain=line&window=5m&from=2026-01-05T08:00:00Z&version=v1";
    const answer = parsed(await getViewsHandler(empty)(get(path, params), context()));
    expect(answer).toMatchObject({
      status: 200,
      type: "application/json",
      body: { grain: "line", window: "5m", from: "2026-01-05T08:00:00.0000000Z", key: "d1", windows: [] },
    });
  });

  it("tells a mistake as problem details", async () => {
    const answer = parsed(
      await getViewsHandler(empty)(get("views/factory-aggregates/d1?grain=x", params), context()),
    );
    expect(answer).toEqual({
      status: 400,
      type: "application/problem+json",
      body: {
        type: "urn:lambda-platform:problem:invalid-parameter",
        title: "A parameter cannot be used",
        status: 400,
        detail: 'grain is "x", not one of device, line, factory',
        instance: "/api/views/factory-aggregates/d1",
        invocationId: "i-1",
        parameter: "grain",
        allowed: ["device", "line", "factory"],
      },
    });
  });

  it.each([
    [Object.assign(new Error("connect"), { code: "ECONNREFUSED" }), 503, "unavailable"],
    [new TypeError("secret detail"), 500, "internal"],
  ])("does not tell what went wrong inside: %s", async (error, status, code) => {
    const failing = { ...empty, pointer: () => Promise.reject(error) };
    const answer = parsed(
      await getViewsHandler(failing)(get("views/factory-aggregates/d1", params), context()),
    );
    expect(answer.status).toBe(status);
    expect(answer.body.type).toBe(`urn:lambda-platform:problem:${code}`);
    expect(JSON.stringify(answer.body)).not.toContain("secret");
  });
});

describe("getQuarantineHandler", () => {
  it("reads a page with the defaults", async () => {
    const page = jest.fn(async () => ({ items: [], continuation: null }));
    const answer = parsed(await getQuarantineHandler({ page })(get("quarantine"), context()));
    expect(answer.body).toEqual({ items: [], continuation: null });
    expect(page).toHaveBeenCalledWith({
      source: "telemetry",
      reason: undefined,
      replayed: undefined,
      pageSize: 50,
      continuation: undefined,
    });
  });

  it.each(["pageSize=0", "pageSize=201", "pageSize=x", "source=nowhere", "replayed=perhaps"])(
    "refuses %s",
    async (query) => {
      const page = async () => ({ items: [], continuation: null });
      const answer = parsed(await getQuarantineHandler({ page })(get(`quarantine?${query}`), context()));
      expect(answer.status).toBe(400);
      expect(answer.body.parameter).toBe(query.split("=")[0]);
    },
  );
});

describe("replayQuarantineHandler", () => {
  const corrected = JSON.stringify(reading());
  const setUp = () => {
    let stored = { message: refusalOf(message("{", { messageId: "m-1" })), etag: "1" } as never as Parameters<
      Parameters<typeof replayQuarantineHandler>[0]["mark"]
    >[0];
    const sent: string[] = [];
    const handler = replayQuarantineHandler(
      {
        find: async (_, id) => (id === "m-1" ? stored : undefined),
        mark: async (old, replay) => {
          stored = { message: { ...old.message, replay }, etag: `${old.etag}'` };
          return stored;
        },
      },
      { send: async ({ body }) => void sent.push(body) },
      () => "now",
    );
    const call = async (body: string, id = "m-1") =>
      parsed(await handler(post(`quarantine/${id}/replay`, body, { id }), context()));
    return { call, sent };
  };

  it.each([
    ["as text", JSON.stringify({ body: corrected })],
    ["as object", `{"body":${corrected}}`],
  ])("takes the corrected message %s, and answers 202 once and 200 afterwards", async (_, body) => {
    const { call, sent } = setUp();
    expect(await call(body)).toMatchObject({ status: 202, body: { sentNow: true } });
    expect(await call(body)).toMatchObject({ status: 200, body: { sentNow: false } });
    expect(sent).toEqual([corrected]);
  });

  it.each([
    ["", 422, "still-invalid"],
    ["not json", 400, "invalid-body"],
    ["[]", 400, "invalid-body"],
    ['{"body":3}', 400, "invalid-body"],
    ['{"body":"{}"}', 422, "still-invalid"],
  ])("answers %p with %p", async (body, status, code) => {
    const { call, sent } = setUp();
    expect(await call(body)).toMatchObject({
      status,
      type: "application/problem+json",
      body: { type: `urn:lambda-platform:problem:${code}` },
    });
    expect(sent).toEqual([]);
  });

  it("answers 404 for an unknown message", async () => {
    const { call } = setUp();
    expect(await call("", "m-2")).toMatchObject({ status: 404 });
  });
});

describe("getHealthHandler", () => {
  const probe = (name: string, check: () => Promise<void>) => ({ name, check });

  it("is healthy when every probe answers", async () => {
    const answer = parsed(
      await getHealthHandler([probe("cosmos", async () => {})])(get("health"), context()),
    );
    expect(answer).toMatchObject({ status: 200, body: { status: "healthy" } });
  });

  it("is not when one fails or keeps silent", async () => {
    const handler = getHealthHandler(
      [
        probe("good", async () => {}),
        probe("bad", () => Promise.reject(new Error("refused"))),
        probe("silent", () => new Promise(() => {})),
      ],
      10,
    );
    const answer = parsed(await handler(get("health"), context()));
    expect(answer.status).toBe(503);
    expect(answer.body.checks).toEqual([
      { name: "good", status: "healthy" },
      { name: "bad", status: "unhealthy", detail: "refused" },
      { name: "silent", status: "unhealthy", detail: "no answer within 10 ms" },
    ]);
  });
});
