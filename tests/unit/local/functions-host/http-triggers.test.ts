import { once } from "node:events";
import { createServer } from "node:net";
import type { BindingInfo, FunctionMetadata, RpcHttp } from "../../../../local/functions-host/rpc";
import { fakeApp, HostFixture } from "./support";

const httpFunction = (name: string, route: string, methods = ["GET"]): FunctionMetadata => ({
  name,
  bindings: {
    request: { type: "httpTrigger", direction: "in", route, methods },
    $return: { type: "http", direction: "out" } as BindingInfo,
  },
});

describe("HTTP triggers", () => {
  let fixture: HostFixture;
  beforeEach(() => {
    fixture = new HostFixture();
  });
  afterEach(() => fixture.clean());

  const requests: { name: string; http: RpcHttp }[] = [];
  const start = async (answer: (http: RpcHttp) => RpcHttp = () => ({ statusCode: "200" })) => {
    requests.length = 0;
    const app = fakeApp(
      [
        httpFunction("getViews", "views/{job}/{key}"),
        httpFunction("getItem", "items/{id:int}"),
        httpFunction("getNamed", "items/latest"),
        httpFunction("replay", "items/{id}/replay", ["POST"]),
        httpFunction("files", "files/{*path}"),
        httpFunction("optional", "pages/{page?}"),
      ],
      (request, name) => {
        const http = request.inputData[0]?.data.http as RpcHttp;
        requests.push({ name, http });
        return { returnValue: { http: answer(http) } };
      },
    );
    const { port } = await fixture.start(app);
    return `http://127.0.0.1:${port}`;
  };

  it("hands route parameters, query, headers and body to the function", async () => {
    const base = await start();
    await fetch(`${base}/api/views/job%201/fab-01~line-01?grain=line&from=2026-01-05T08:00:00Z`, {
      headers: { "x-note": "n" },
    });
    expect(requests[0]).toEqual({
      name: "getViews",
      http: {
        method: "GET",
        url: `${base}/api/views/job%201/fab-01~line-01?grain=line&from=2026-01-05T08:00:00Z`,
        headers: expect.objectContaining({ "x-note": "n" }),
        query: { grain: "line", from: "2026-01-05T08:00:00Z" },
        params: { job: "job 1", key: "fab-01~line-01" },
        body: null,
      },
    });
    await fetch(`${base}/api/items/7/replay`, { method: "POST", body: "text" });
    expect(requests[1]).toMatchObject({ name: "replay", http: { params: { id: "7" } } });
    expect(Buffer.from(requests[1]?.http.body?.bytes ?? []).toString()).toBe("text");
  });

  it.each([
    ["items/7", "getItem", { id: "7" }],
    ["items/latest", "getNamed", {}],
    ["ITEMS/latest/", "getNamed", {}],
    ["files/a/b%2Fc", "files", { path: "a/b/c" }],
    ["files", "files", { path: "" }],
    ["pages", "optional", {}],
    ["pages/3", "optional", { page: "3" }],
  ])("sends %s to %s", async (path, name, params) => {
    const base = await start();
    await fetch(`${base}/api/${path}`);
    expect(requests).toEqual([{ name, http: expect.objectContaining({ params }) }]);
  });

  it("answers with the function's status, headers, cookies and bytes", async () => {
    const base = await start(() => ({
      statusCode: "201",
      headers: { "content-type": "application/x-test" },
      cookies: [
        { name: "a", value: "b c", path: { value: "/" }, httpOnly: { value: true }, sameSite: "lax" },
      ],
      body: { bytes: Uint8Array.of(0, 255) },
    }));
    const response = await fetch(`${base}/api/items/1`);
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toBe("application/x-test");
    expect(response.headers.get("set-cookie")).toBe("a=b%20c; Path=/; HttpOnly; SameSite=Lax");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.of(0, 255));
  });

  it.each([
    ["GET", "/api/nothing", 404],
    ["GET", "/views/a/b", 404],
    ["GET", "/api/items/seven", 404],
    ["POST", "/api/items/7", 405],
  ])("answers %s %s with problem details of status %p", async (method, path, status) => {
    const base = await start();
    const response = await fetch(`${base}${path}`, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ status, type: expect.stringContaining("problem:") });
    expect(requests).toEqual([]);
    if (status === 405) expect(response.headers.get("allow")).toBe("GET");
  });

  it("answers 500 with problem details when a function throws, and keeps the cause to itself", async () => {
    const base = await start(() => {
      throw new Error("secret");
    });
    const response = await fetch(`${base}/api/items/1`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
    expect(fixture.logs.join()).toContain("secret");
  });

  it("refuses a body that is too large", async () => {
    const base = await start();
    const response = await fetch(`${base}/api/items/7/replay`, {
      method: "POST",
      body: new Uint8Array((16 << 20) + 1),
    });
    expect(response.status).toBe(413);
    expect(requests).toEqual([]);
  });

  it("finishes a request under way before it closes", async () => {
    let finish = () => {};
    const started = new Promise<void>((resolve) => {
      const app = fakeApp([httpFunction("slow", "slow")], async () => {
        resolve();
        await new Promise<void>((done) => {
          finish = done;
        });
        return { returnValue: { http: { statusCode: "200", body: { string: "whole" } } } };
      });
      void fixture.start(app).then((host) => {
        answered = fetch(`http://127.0.0.1:${host.port}/api/slow`).then((response) => response.text());
        closing = started.then(() => fixture.stop(host));
      });
    });
    let answered: Promise<string> | undefined;
    let closing: Promise<void> | undefined;
    await started;
    finish();
    expect(await answered).toBe("whole");
    await closing;
  });

  it("names the port when it is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const address = holder.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await expect(
      fixture.start(
        fakeApp([], () => undefined),
        { port },
      ),
    ).rejects.toMatchObject({
      code: "LOCAL_PORT_IN_USE",
      message: expect.stringContaining(String(port)),
    });
    holder.close();
  });
});
