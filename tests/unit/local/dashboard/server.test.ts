import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Dashboard, type PageState, startDashboard } from "../../../../local/dashboard";
import { LocalError } from "../../../../local/process/errors";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

describe("startDashboard", () => {
  const folder = mkdtempSync(join(tmpdir(), "dashboard-"));
  const seen: {
    method: string | undefined;
    url: string | undefined;
    body: string;
    host: string | undefined;
  }[] = [];
  let functions: Server;
  let dashboard: Dashboard;
  let runBatch: () => Promise<unknown>;
  let functionsPort: number;

  beforeAll(async () => {
    mkdirSync(join(folder, "page"));
    mkdirSync(join(folder, "page-of-others"));
    writeFileSync(join(folder, "page", "index.html"), "<p>page</p>");
    writeFileSync(join(folder, "page", "app.js"), "1");
    writeFileSync(join(folder, "page", "notes.txt"), "not for readers");
    writeFileSync(join(folder, "secrets.json"), "{}");
    writeFileSync(join(folder, "page-of-others", "x.json"), "{}");
    functions = createServer((incoming, response) => {
      let body = "";
      incoming.on("data", (chunk) => {
        body += chunk;
      });
      incoming.on("end", () => {
        seen.push({ method: incoming.method, url: incoming.url, body, host: incoming.headers.host });
        response.writeHead(422, { "content-type": "application/problem+json", "x-own": "1" });
        response.end('{"title":"from the functions"}');
      });
    });
    await new Promise<void>((resolve) => functions.listen(0, "127.0.0.1", resolve));
    functionsPort = (functions.address() as AddressInfo).port;
    let reads = 0;
    dashboard = await startDashboard({
      port: 0,
      pageDir: join(folder, "page"),
      state: () => ({ reads: ++reads }) as unknown as PageState,
      functionsPort: () => functionsPort,
      runBatch: () => runBatch(),
    });
  });

  afterAll(async () => {
    await dashboard.close();
    functions.closeAllConnections();
    await new Promise((resolve) => functions.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ) =>
    new Promise<Answer>((resolve, reject) => {
      const { method = "GET", headers = {}, body } = options;
      const outgoing = request(
        { host: "127.0.0.1", port: dashboard.port, path, method, headers },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
          });
          answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });

  it("serves the page with a policy that keeps everything foreign out", async () => {
    const page = await ask("/");
    expect(page).toMatchObject({ status: 200, text: "<p>page</p>" });
    expect(page.headers["content-security-policy"]).toContain("default-src 'self'");
    expect(page.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect((await ask("/app.js")).headers["content-type"]).toBe("text/javascript; charset=utf-8");
  });

  it.each([
    "/../secrets.json",
    "/%2e%2e/secrets.json",
    "/..%2fsecrets.json",
    "/..%2fpage-of-others/x.json",
    "/page/../../secrets.json",
    "/%2fetc/passwd",
    "/notes.txt",
    "/missing.js",
    "/%",
    "//",
  ])("has no page at %s", async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  it("takes a path with a zero byte for an error of its own, not for a file", async () => {
    expect((await ask("/app.js%00.html")).status).toBeGreaterThanOrEqual(404);
  });

  it.each([
    [{ host: "attacker.example" }, 403],
    [{ host: "127.0.0.1.attacker.example" }, 403],
    [{ origin: "http://attacker.example" }, 403],
    [{ origin: "null" }, 403],
    [{ origin: "http://127.0.0.1:1" }, 403],
    [{ host: "localhost:1", origin: "http://localhost:1" }, 200],
  ])("answers %j with %i", async (headers, status) => {
    expect((await ask("/api/state", { headers: headers as Record<string, string> })).status).toBe(status);
    expect((await ask("/events-not", { headers: headers as Record<string, string> })).status).toBe(
      status === 200 ? 404 : status,
    );
  });

  it("passes on what is under /api/ as it stands, and answers with what comes back", async () => {
    seen.length = 0;
    const answer = await ask("/api/quarantine/a%2Fb/replay?x=1", { method: "POST", body: '{"body":"ü"}' });
    expect(answer).toMatchObject({ status: 422, text: '{"title":"from the functions"}' });
    expect(answer.headers["x-own"]).toBe("1");
    expect(seen).toEqual([
      {
        method: "POST",
        url: "/api/quarantine/a%2Fb/replay?x=1",
        body: '{"body":"ü"}',
        host: `127.0.0.1:${functionsPort}`,
      },
    ]);
  });

  it("says that the functions host does not answer", async () => {
    const port = functionsPort;
    functionsPort = 1;
    try {
      const answer = await ask("/api/views/a/b");
      expect(answer.status).toBe(502);
      expect(JSON.parse(answer.text)).toMatchObject({ title: "the functions host does not answer" });
    } finally {
      functionsPort = port;
    }
  });

  it("runs a batch, and says why one did not finish", async () => {
    runBatch = async () => ({ generation: 3 });
    expect(await ask("/api/batch", { method: "POST" })).toMatchObject({
      status: 200,
      text: '{"generation":3}',
    });
    runBatch = () =>
      Promise.reject(new LocalError("LOCAL_RUN_INCOMPLETE", "nothing is captured yet", { hint: "wait" }));
    const refused = await ask("/api/batch", { method: "POST" });
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.text)).toMatchObject({
      title: "the batch run did not finish",
      detail: "nothing is captured yet; wait",
    });
  });

  it("sends the state at once and again and again, and closes with its readers connected", async () => {
    const socket = connect(dashboard.port, "127.0.0.1");
    socket.write(`GET /events HTTP/1.1\r\nHost: 127.0.0.1:${dashboard.port}\r\n\r\n`);
    let text = "";
    await new Promise<void>((resolve) => {
      socket.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if ((text.match(/^data: \{"reads":\d+\}$/gm) ?? []).length >= 3) resolve();
      });
    });
    expect(text).toContain("content-type: text/event-stream");
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.destroy();
    await ended;
    expect((await ask("/api/state")).status).toBe(200);
  });

  it("names a port that is taken", async () => {
    await expect(
      startDashboard({
        port: dashboard.port,
        pageDir: folder,
        state: () => ({}) as PageState,
        functionsPort: () => 1,
        runBatch: async () => null,
      }),
    ).rejects.toMatchObject({
      code: "LOCAL_PORT_IN_USE",
      message: `port ${dashboard.port} for the page is taken`,
      hint: expect.stringContaining("--port-base"),
    });
  });
});
