import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { CosmosClient } from "@azure/cosmos";
import { openTarget, refusal, type Target } from "./target";

describe("Cosmos DB account, databases and containers", () => {
  let target: Target;

  beforeAll(async () => {
    target = await openTarget();
  });
  afterAll(() => target.close());

  it("describes the account with the address that the client has used", async () => {
    const { resource } = await target.client.getDatabaseAccount();
    expect(resource?.consistencyPolicy).toBe("Session");
    expect(resource?.writableLocations[0]?.databaseAccountEndpoint).toBe(target.endpoint);
  });

  it("makes, reads, lists, queries and deletes a database", async () => {
    const id = `db-${randomUUID()}`;
    const { database, statusCode } = await target.client.databases.create({ id });
    expect(statusCode).toBe(201);
    expect((await database.read()).resource?.id).toBe(id);
    expect(await refusal(target.client.databases.create({ id }))).toMatchObject({ code: 409 });
    const { resources } = await target.client.databases.readAll().fetchAll();
    expect(resources.map((entry) => entry.id)).toContain(id);
    const query = {
      query: "SELECT * FROM root r WHERE r.id = @id",
      parameters: [{ name: "@id", value: id }],
    };
    expect((await target.client.databases.query(query).fetchAll()).resources).toHaveLength(1);
    expect((await target.client.databases.createIfNotExists({ id })).statusCode).toBe(200);
    expect((await database.delete()).statusCode).toBe(204);
    expect(await refusal(database.read())).toMatchObject({ code: 404 });
  });

  it("makes, reads, replaces, lists and deletes a container", async () => {
    const { container, resource } = await target.database.containers.create({
      id: "life",
      partitionKey: { paths: ["/a/b"] },
      defaultTtl: 10,
    });
    expect(resource).toMatchObject({
      id: "life",
      defaultTtl: 10,
      partitionKey: { paths: ["/a/b"], kind: "Hash" },
    });
    expect(resource?.indexingPolicy).toMatchObject({ indexingMode: "consistent" });
    const replaced = await container.replace({ ...resource, defaultTtl: 20 } as never);
    expect(replaced.resource?.defaultTtl).toBe(20);
    const moved = { ...resource, partitionKey: { paths: ["/c"] } };
    expect(await refusal(container.replace(moved as never))).toMatchObject({ code: 400 });
    expect((await target.database.containers.readAll().fetchAll()).resources.map(({ id }) => id)).toContain(
      "life",
    );
    expect(
      await refusal(target.database.containers.create({ id: "life", partitionKey: "/a" })),
    ).toMatchObject({ code: 409 });
    await container.delete();
    expect(await refusal(container.read())).toMatchObject({ code: 404 });
  });

  it("gives a container that is made again another resource id, so that old continuations are refused", async () => {
    const make = () => target.database.containers.create({ id: "again", partitionKey: "/pk" });
    const first = await make();
    await first.container.delete();
    const second = await make();
    expect(second.resource?._rid).not.toBe(first.resource?._rid);
  });

  it.each(["", "a/b", "a\\b", "a?b", "a#b", "x".repeat(256)])("refuses the container id %j", async (id) => {
    const call = (async () => target.database.containers.create({ id, partitionKey: "/pk" }))();
    await expect(call).rejects.toBeDefined();
  });

  it("answers 404 for items of a container that is none", async () => {
    const call = target.database.container("none").items.query("SELECT * FROM c").fetchAll();
    expect(await refusal(call)).toMatchObject({ code: 404 });
  });

  it("lists what a container has none of, and names what is not supported", async () => {
    const container = await target.container();
    expect((await container.scripts.storedProcedures.readAll().fetchAll()).resources).toEqual([]);
    if (!target.local) return;
    const call = container.scripts.storedProcedures.create({ id: "s", body: "function () {}" });
    expect(await refusal(call)).toMatchObject({ code: 501 });
  });

  it("hands out session tokens that grow with the writes", async () => {
    const container = await target.container();
    const lsnOf = (token: unknown) => Number(String(token).split("#")[1]);
    const first = await container.items.create({ id: "1", pk: "p" });
    const second = await container.items.create({ id: "2", pk: "p" });
    expect(lsnOf(second.headers["x-ms-session-token"])).toBeGreaterThan(
      lsnOf(first.headers["x-ms-session-token"]),
    );
  });

  it("refuses a wrong key with 401 and says what it has signed", async () => {
    const client = new CosmosClient({
      endpoint: target.endpoint,
      key: Buffer.from("wrong").toString("base64"),
    });
    const { code, message } = await refusal(client.databases.readAll().fetchAll());
    expect(code).toBe(401);
    expect(message).toContain("The input authorization token can't serve the request");
    client.dispose();
  });

  it.each([
    ["no authorization", {}, 401],
    ["an authorization that is none", { authorization: "%" }, 401],
    ["another kind of authorization", { authorization: encodeURIComponent("type=aad&ver=1.0&sig=x") }, 401],
    [
      "a signature without a date",
      { authorization: encodeURIComponent("type=master&ver=1.0&sig=abcd") },
      401,
    ],
  ])("refuses %s", async (_, headers, status) => {
    if (!target.local) return;
    expect(await get(`${target.endpoint}dbs`, headers)).toBe(status);
  });

  it("refuses a signature of another time with 403", async () => {
    if (!target.local) return;
    const { createHmac } = await import("node:crypto");
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    const text = `get\ndbs\n\n${date.toLowerCase()}\n\n`;
    const signature = createHmac("sha256", Buffer.from(target.key, "base64")).update(text).digest("base64");
    const authorization = encodeURIComponent(`type=master&ver=1.0&sig=${signature}`);
    expect(await get(`${target.endpoint}dbs`, { authorization, "x-ms-date": date })).toBe(403);
  });
});

function get(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers, agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    });
    call.on("error", reject);
    call.end();
  });
}
