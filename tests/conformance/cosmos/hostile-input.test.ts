import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CosmosServer, emulatorKey, startCosmos } from "../../../local/cosmos";

interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly message?: string } & Record<string, unknown>;
  readonly headers: Record<string, string | string[] | undefined>;
}

describe("Cosmos DB under hostile input", () => {
  let folder: string;
  let server: CosmosServer;
  let nowMs = 1_700_000_000_000;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "cosmos-hostile-"));
    const databases = [{ id: "db", containers: [{ id: "c", partitionKey: "/pk" }] }];
    server = await startCosmos({
      dataDir: folder,
      databases,
      requestUnitsPerSecond: 200,
      nowMs: () => nowMs,
    });
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A signed request with any body and headers. */
  function call(
    method: string,
    path: string,
    body = "",
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const date = new Date().toUTCString();
    const parts = path.split("/").filter((part) => part !== "");
    const single = parts.length % 2 === 0;
    const [type, link] = single
      ? [parts.at(-2), parts.join("/")]
      : [parts.at(-1), parts.slice(0, -1).join("/")];
    const text = `${method.toLowerCase()}\n${type ?? ""}\n${link}\n${date.toLowerCase()}\n\n`;
    const signature = createHmac("sha256", Buffer.from(emulatorKey, "base64")).update(text).digest("base64");
    const authorization = encodeURIComponent(`type=master&ver=1.0&sig=${signature}`);
    return new Promise((resolve, reject) => {
      const options = { method, agent: false, headers: { authorization, "x-ms-date": date, ...headers } };
      const outgoing = request(`${server.endpoint}${parts.join("/")}`, options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const answered = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode as number,
            body: answered === "" ? {} : JSON.parse(answered),
            headers: response.headers,
          });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  const docs = "dbs/db/colls/c/docs";
  const key = { "x-ms-documentdb-partitionkey": '["p"]' };
  const query = {
    "content-type": "application/query+json",
    "x-ms-documentdb-query-enablecrosspartition": "true",
  };

  it.each<[string, string, string, string, Record<string, string>, number]>([
    ["a body that is no JSON", "POST", docs, "{", key, 400],
    ["an empty body", "POST", docs, "", key, 400],
    ["an item that is a list", "POST", docs, "[1]", key, 400],
    ["an item that is null", "POST", docs, "null", key, 400],
    ["an item without an id", "POST", docs, '{"pk":"p"}', key, 400],
    ["an id that is a number", "POST", docs, '{"id":1,"pk":"p"}', key, 400],
    ["an id with a slash", "POST", docs, '{"id":"a/b","pk":"p"}', key, 400],
    ["an id that is too long", "POST", docs, `{"id":"${"x".repeat(1024)}","pk":"p"}`, key, 400],
    ["a key that is an object", "POST", docs, '{"id":"1","pk":{}}', {}, 400],
    [
      "a key header that is no JSON",
      "POST",
      docs,
      '{"id":"1","pk":"p"}',
      { "x-ms-documentdb-partitionkey": "p" },
      400,
    ],
    [
      "a key header that is no list",
      "POST",
      docs,
      '{"id":"1","pk":"p"}',
      { "x-ms-documentdb-partitionkey": '"p"' },
      400,
    ],
    ["another key than the body's", "POST", docs, '{"id":"1","pk":"q"}', key, 400],
    ["a time to live of zero", "POST", docs, '{"id":"1","pk":"p","ttl":0}', key, 400],
    ["a read without a key", "GET", `${docs}/1`, "", {}, 400],
    ["a patch without operations", "PATCH", `${docs}/1`, "{}", key, 400],
    ["a patch of an unknown kind", "PATCH", `${docs}/1`, '[{"op":"grow","path":"/a","value":1}]', key, 400],
    ["a query without a text", "POST", docs, "{}", query, 400],
    ["a query that is null", "POST", docs, "null", query, 400],
    ["parameters that are no list", "POST", docs, '{"query":"SELECT 1","parameters":{}}', query, 400],
    [
      "a page size of zero",
      "POST",
      docs,
      '{"query":"SELECT * FROM c"}',
      { ...query, "x-ms-max-item-count": "0" },
      400,
    ],
    [
      "a continuation that is none",
      "POST",
      docs,
      '{"query":"SELECT * FROM c"}',
      { ...query, "x-ms-continuation": "item.x" },
      400,
    ],
    [
      "a query over all keys that is not allowed",
      "POST",
      docs,
      '{"query":"SELECT * FROM c"}',
      { "content-type": "application/query+json" },
      400,
    ],
    ["a batch that is no list", "POST", docs, "{}", { ...key, "x-ms-cosmos-is-batch-request": "True" }, 400],
    [
      "a batch of 101",
      "POST",
      docs,
      JSON.stringify(Array.from({ length: 101 }, () => ({}))),
      { ...key, "x-ms-cosmos-is-batch-request": "True", "x-ms-cosmos-batch-atomic": "True" },
      400,
    ],
    [
      "a range that is none",
      "GET",
      docs,
      "",
      { "a-im": "Incremental Feed", "x-ms-documentdb-partitionkeyrangeid": "7" },
      410,
    ],
    ["a feed of an unknown kind", "GET", docs, "", { "a-im": "Everything" }, 400],
    [
      "a feed position that is none",
      "GET",
      docs,
      "",
      { "a-im": "Incremental Feed", "if-none-match": '"x"' },
      400,
    ],
    [
      "a feed date that is none",
      "GET",
      docs,
      "",
      { "a-im": "Incremental Feed", "if-modified-since": "never" },
      400,
    ],
    ["an unknown container", "GET", "dbs/db/colls/none/docs", "", {}, 404],
    ["an unknown database", "GET", "dbs/none/colls/c/docs", "", {}, 404],
    ["an unknown path", "GET", "dbs/db/colls/c/what", "", {}, 400],
    ["an unknown method", "PUT", docs, "{}", key, 405],
    ["a container without a body", "POST", "dbs/db/colls", "", {}, 400],
    [
      "four key paths",
      "POST",
      "dbs/db/colls",
      '{"id":"x","partitionKey":{"paths":["/a","/b","/c","/d"]}}',
      {},
      400,
    ],
  ])("answers %s with a plain error", async (_, method, path, body, headers, status) => {
    const answer = await call(method, path, body, headers);
    expect(answer).toMatchObject({ status });
    expect(answer.body.code).toEqual(expect.any(String));
    expect(answer.body.message).not.toContain("    at ");
    expect(answer.headers["x-ms-activity-id"]).toEqual(expect.any(String));
    expect((await call("POST", docs, '{"id":"still","pk":"p"}', key)).status).toBe(201);
  });

  it("tells apart what fails within a batch", async () => {
    const operations = [
      {},
      null,
      { operationType: "Grow" },
      { operationType: "Create", resourceBody: null },
      { operationType: "Read", id: "1" },
    ];
    const headers = { "x-ms-cosmos-is-batch-request": "True", "x-ms-cosmos-batch-continue-on-error": "True" };
    const answer = await call("POST", docs, JSON.stringify(operations), headers);
    expect(answer.status).toBe(207);
    expect((answer.body as unknown as { statusCode: number }[]).map(({ statusCode }) => statusCode)).toEqual([
      400, 400, 400, 400, 400,
    ]);
  });

  it("keeps properties whose names have a meaning in JavaScript", async () => {
    const item = '{"id":"1","pk":"p","__proto__":{"x":1},"constructor":2,"toString":3}';
    expect((await call("POST", docs, item, key)).status).toBe(201);
    const { body } = await call("GET", `${docs}/1`, "", key);
    expect(Object.getOwnPropertyDescriptor(body, "__proto__")?.value).toEqual({ x: 1 });
    expect(body["constructor"]).toBe(2);
    const patched = await call("PATCH", `${docs}/1`, '[{"op":"set","path":"/__proto__/y","value":2}]', key);
    expect(patched.status).toBe(200);
    expect(({} as Record<string, unknown>)["y"]).toBeUndefined();
  });

  it("refuses a body that is too large with 413 and goes on serving", async () => {
    const answer = await call("POST", docs, "x".repeat(9 * 1024 * 1024), key);
    expect(answer).toMatchObject({ status: 413, body: { code: "RequestEntityTooLarge" } });
    expect((await call("GET", "dbs")).status).toBe(200);
  });

  it("answers 400 to nesting that would exhaust the stack", async () => {
    const deep = `{"id":"1","pk":"p","x":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
    expect((await call("POST", docs, deep, key)).status).toBeLessThan(500);
    expect((await call("GET", "dbs")).status).toBe(200);
  });

  it("answers 429 with the time to wait once the second's request units are spent", async () => {
    const answers: Answer[] = [];
    for (let n = 0; n < 45; n++) answers.push(await call("POST", docs, `{"id":"${n}","pk":"p"}`, key));
    const refused = answers.at(-1) as Answer;
    expect(refused).toMatchObject({ status: 429, body: { code: "TooManyRequests" } });
    expect(refused.headers["x-ms-substatus"]).toBe("3200");
    expect(Number(refused.headers["x-ms-retry-after-ms"])).toBeGreaterThan(0);
    nowMs += 1_000;
    expect((await call("POST", docs, '{"id":"next","pk":"p"}', key)).status).toBe(201);
  });

  it("survives connections that say nothing sensible", async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => socket.write("\u0000\u0001nonsense\r\n\r\n"));
      socket.on("close", () => resolve());
      socket.on("error", () => resolve());
      socket.resume();
    });
    expect((await call("GET", "dbs")).status).toBe(200);
  });
});
