import type { Container, PatchOperation } from "@azure/cosmos";
import { openTarget, refusal, type Target } from "./target";

describe("Cosmos DB items", () => {
  let target: Target;
  let container: Container;

  beforeAll(async () => {
    target = await openTarget();
    container = await target.container();
  });
  afterAll(() => target.close());

  it("creates an item with the system properties and a quoted etag", async () => {
    const { resource, statusCode, etag, requestCharge } = await container.items.create({
      id: "a",
      pk: "p",
      n: 1,
    });
    expect(statusCode).toBe(201);
    expect(resource).toMatchObject({ id: "a", pk: "p", n: 1, _attachments: "attachments/" });
    expect(resource?._etag).toMatch(/^"[^"]+"$/);
    expect(etag).toBe(resource?._etag);
    expect(resource?._self).toContain(`docs/${resource?._rid}/`);
    expect(Math.abs((resource?._ts ?? 0) - Date.now() / 1000)).toBeLessThan(10);
    expect(requestCharge).toBeGreaterThan(0);
  });

  it("refuses a second item of the same id in a partition with 409, and takes it in another", async () => {
    await container.items.create({ id: "twice", pk: "p" });
    expect(await refusal(container.items.create({ id: "twice", pk: "p" }))).toMatchObject({ code: 409 });
    expect((await container.items.create({ id: "twice", pk: "q" })).statusCode).toBe(201);
  });

  it("makes an id when the client gives none", async () => {
    const { resource } = await container.items.create({ pk: "p" });
    expect(resource?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("reads an item and answers 404 for none", async () => {
    await container.items.create({ id: "read", pk: "p", text: "Grüße 𝄞" });
    const { resource } = await container.item("read", "p").read();
    expect(resource).toMatchObject({ text: "Grüße 𝄞" });
    const missing = await container.item("read", "other").read();
    expect(missing.statusCode).toBe(404);
    expect(missing.resource).toBeUndefined();
  });

  it("answers a conditional read with 304 when nothing has changed", async () => {
    const { etag } = await container.items.create({ id: "cached", pk: "p" });
    const condition = { accessCondition: { type: "IfNoneMatch", condition: etag } };
    expect((await container.item("cached", "p").read(condition)).statusCode).toBe(304);
    await container.items.upsert({ id: "cached", pk: "p", n: 2 });
    expect((await container.item("cached", "p").read(condition)).statusCode).toBe(200);
  });

  it("upserts with 201 for a new item and 200 for a known one, keeping its resource id", async () => {
    const first = await container.items.upsert({ id: "up", pk: "p", n: 1 });
    const second = await container.items.upsert({ id: "up", pk: "p", n: 2 });
    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    expect(second.resource?._rid).toBe(first.resource?._rid);
    expect(second.resource?._etag).not.toBe(first.resource?._etag);
  });

  it("replaces an item, and answers 404 when there is none", async () => {
    await container.items.create({ id: "rep", pk: "p", a: 1, b: 2 });
    const { resource, statusCode } = await container.item("rep", "p").replace({ id: "rep", pk: "p", a: 3 });
    expect(statusCode).toBe(200);
    expect(resource).toMatchObject({ a: 3 });
    expect(resource).not.toHaveProperty("b");
    expect(await refusal(container.item("none", "p").replace({ id: "none", pk: "p" }))).toMatchObject({
      code: 404,
    });
  });

  it.each(["replace", "delete", "patch", "upsert"])(
    "refuses %s with 412 when the etag is an old one",
    async (verb) => {
      const id = `etag-${verb}`;
      const { etag } = await container.items.create({ id, pk: "p" });
      await container.items.upsert({ id, pk: "p", n: 2 });
      const options = { accessCondition: { type: "IfMatch", condition: etag } };
      const item = container.item(id, "p");
      const operations: PatchOperation[] = [{ op: "set", path: "/n", value: 3 }];
      const call = {
        replace: () => item.replace({ id, pk: "p" }, options),
        delete: () => item.delete(options),
        patch: () => item.patch(operations, options),
        upsert: () => container.items.upsert({ id, pk: "p" }, options),
      }[verb] as () => Promise<unknown>;
      expect(await refusal(call())).toMatchObject({ code: 412 });
      expect((await item.read()).resource).toMatchObject({ n: 2 });
    },
  );

  it("replaces with the current etag", async () => {
    const { etag } = await container.items.create({ id: "fresh", pk: "p" });
    const options = { accessCondition: { type: "IfMatch", condition: etag } };
    expect(
      (await container.item("fresh", "p").replace({ id: "fresh", pk: "p", n: 1 }, options)).statusCode,
    ).toBe(200);
  });

  it("deletes an item with 204, then answers 404", async () => {
    await container.items.create({ id: "del", pk: "p" });
    expect((await container.item("del", "p").delete()).statusCode).toBe(204);
    expect(await refusal(container.item("del", "p").delete())).toMatchObject({ code: 404 });
  });

  it("deletes every item of a partition key", async () => {
    await Promise.all(["1", "2", "3"].map((id) => container.items.create({ id, pk: "gone" })));
    await container.items.create({ id: "1", pk: "stays" });
    await container.deleteAllItemsForPartitionKey("gone");
    const { resources } = await container.items
      .query("SELECT VALUE c.pk FROM c WHERE c.pk IN ('gone', 'stays')")
      .fetchAll();
    expect(resources).toEqual(["stays"]);
  });

  it.each([
    ["add to an object", [{ op: "add", path: "/new", value: { x: 1 } }], { new: { x: 1 } }],
    ["add into an array", [{ op: "add", path: "/list/1", value: 9 }], { list: [1, 9, 2] }],
    ["append to an array", [{ op: "add", path: "/list/-", value: 9 }], { list: [1, 2, 9] }],
    ["set", [{ op: "set", path: "/deep/value", value: "x" }], { deep: { value: "x" } }],
    ["set an element", [{ op: "set", path: "/list/0", value: 7 }], { list: [7, 2] }],
    ["replace", [{ op: "replace", path: "/n", value: 5 }], { n: 5 }],
    ["increment", [{ op: "incr", path: "/n", value: 2.5 }], { n: 3.5 }],
    ["increment what is absent", [{ op: "incr", path: "/m", value: 2 }], { m: 2 }],
    ["move", [{ op: "move", from: "/n", path: "/moved" }], { moved: 1 }],
  ] as [string, PatchOperation[], object][])("patches: %s", async (_, operations, expected) => {
    const { resource: created } = await container.items.create({
      pk: "patch",
      n: 1,
      list: [1, 2],
      deep: { value: 0 },
    });
    const { resource, statusCode } = await container.item(created?.id as string, "patch").patch(operations);
    expect(statusCode).toBe(200);
    expect(resource).toMatchObject(expected);
  });

  it("removes properties by patch and answers 400 for paths that do not exist", async () => {
    await container.items.create({ id: "remove", pk: "p", n: 1, list: [1, 2, 3] });
    const item = container.item("remove", "p");
    const { resource } = await item.patch([
      { op: "remove", path: "/n" },
      { op: "remove", path: "/list/1" },
    ]);
    expect(resource).toMatchObject({ list: [1, 3] });
    expect(resource).not.toHaveProperty("n");
    expect(await refusal(item.patch([{ op: "remove", path: "/n" }]))).toMatchObject({ code: 400 });
    expect(await refusal(item.patch([{ op: "replace", path: "/n", value: 1 }]))).toMatchObject({ code: 400 });
    expect(await refusal(item.patch([{ op: "set", path: "/x/y", value: 1 }]))).toMatchObject({ code: 400 });
  });

  it.each(["/id", "/pk", "/_ts"])("refuses to patch %s", async (path) => {
    await container.items.upsert({ id: "fixed", pk: "p" });
    const call = container.item("fixed", "p").patch([{ op: "set", path, value: "x" }]);
    expect(await refusal(call)).toMatchObject({ code: 400 });
  });

  it("patches only when the condition holds", async () => {
    await container.items.create({ id: "cond", pk: "p", n: 1 });
    const item = container.item("cond", "p");
    const operations: PatchOperation[] = [{ op: "incr", path: "/n", value: 1 }];
    await item.patch({ operations, condition: "from c where c.n = 1" });
    expect(await refusal(item.patch({ operations, condition: "from c where c.n = 1" }))).toMatchObject({
      code: 412,
    });
    expect((await item.read()).resource).toMatchObject({ n: 2 });
  });

  it("takes no more than ten patch operations", async () => {
    await container.items.create({ id: "eleven", pk: "p", n: 1 });
    const operations = Array.from(
      { length: 11 },
      (): PatchOperation => ({ op: "incr", path: "/n", value: 1 }),
    );
    expect(await refusal(container.item("eleven", "p").patch(operations))).toMatchObject({ code: 400 });
  });

  it("refuses an item of more than 2 MB with 413", async () => {
    const text = "x".repeat(2 * 1024 * 1024);
    expect(await refusal(container.items.create({ pk: "p", text }))).toMatchObject({ code: 413 });
    expect((await container.items.create({ pk: "p", text: text.slice(1024) })).statusCode).toBe(201);
  });

  it.each([
    ["text", "a"],
    ["number", 5],
    ["zero", 0],
    ["true", true],
    ["false", false],
    ["null", null],
  ])("keeps a partition key that is %s", async (name, pk) => {
    await container.items.create({ id: `key-${name}`, pk });
    const { resource } = await container.item(`key-${name}`, pk as never).read();
    expect(resource).toMatchObject({ pk });
  });

  it("keeps items without a partition key value", async () => {
    await container.items.create({ id: "no-key" });
    expect((await container.item("no-key", undefined).read()).resource).toMatchObject({ id: "no-key" });
    const { resources } = await container.items
      .query("SELECT VALUE c.id FROM c WHERE NOT IS_DEFINED(c.pk)")
      .fetchAll();
    expect(resources).toEqual(["no-key"]);
  });

  it("refuses an item whose key differs from the header with 400 and substatus 1001", async () => {
    await container.items.create({ id: "mis", pk: "p" });
    expect(await refusal(container.item("mis", "p").replace({ id: "mis", pk: "q" }))).toMatchObject({
      code: 400,
      substatus: 1001,
    });
  });

  it("keeps hierarchical partition keys apart on every level", async () => {
    const tree = await target.container({
      partitionKey: { paths: ["/tenant", "/user", "/session"], kind: "MultiHash", version: 2 } as never,
    });
    await tree.items.create({ id: "1", tenant: "t", user: "u", session: 1 });
    await tree.items.create({ id: "1", tenant: "t", user: "u", session: 2 });
    await tree.items.create({ id: "1", tenant: "t", user: "v", session: 1 });
    expect((await tree.item("1", ["t", "u", 2]).read()).resource).toMatchObject({ session: 2 });
    const query = "SELECT VALUE c.session FROM c ORDER BY c.session";
    const { resources } = await tree.items.query(query, { partitionKey: ["t", "u"] }).fetchAll();
    expect(resources).toEqual([1, 2]);
    expect((await tree.item("1", ["t", "u", 3]).read()).statusCode).toBe(404);
  });

  it("lists items page by page", async () => {
    const own = await target.container();
    for (let n = 0; n < 7; n++) await own.items.create({ id: `${n}`, pk: n % 2 });
    const pages: string[][] = [];
    for await (const { resources } of own.items
      .readAll<{ id: string }>({ maxItemCount: 3 })
      .getAsyncIterator()) {
      pages.push(resources.map(({ id }) => id));
    }
    expect(pages.flat().sort()).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
    expect(pages.every((page) => page.length <= 3)).toBe(true);
  });

  it("holds unique keys within a partition", async () => {
    const own = await target.container({ uniqueKeyPolicy: { uniqueKeys: [{ paths: ["/mail"] }] } });
    await own.items.create({ id: "1", pk: "p", mail: "a@x" });
    expect(await refusal(own.items.create({ id: "2", pk: "p", mail: "a@x" }))).toMatchObject({ code: 409 });
    expect((await own.items.create({ id: "2", pk: "q", mail: "a@x" })).statusCode).toBe(201);
    await own.items.upsert({ id: "1", pk: "p", mail: "b@x" });
    expect((await own.items.create({ id: "2", pk: "p", mail: "a@x" })).statusCode).toBe(201);
  });

  describe("time to live", () => {
    it("removes items after the container's default, each item's own first", async () => {
      if (!target.local) return;
      const own = await target.container({ defaultTtl: 100 });
      await own.items.create({ id: "default", pk: "p" });
      await own.items.create({ id: "short", pk: "p", ttl: 10 });
      await own.items.create({ id: "never", pk: "p", ttl: -1 });
      const ids = async () =>
        (await own.items.query("SELECT VALUE c.id FROM c ORDER BY c.id").fetchAll()).resources;
      expect(await ids()).toEqual(["default", "never", "short"]);
      target.advanceSeconds(11);
      expect(await ids()).toEqual(["default", "never"]);
      expect((await own.item("short", "p").read()).statusCode).toBe(404);
      target.advanceSeconds(100);
      expect(await ids()).toEqual(["never"]);
      expect((await own.items.create({ id: "default", pk: "p" })).statusCode).toBe(201);
    });

    it("counts from the last write", async () => {
      if (!target.local) return;
      const own = await target.container({ defaultTtl: 10 });
      await own.items.create({ id: "a", pk: "p" });
      target.advanceSeconds(8);
      await own.items.upsert({ id: "a", pk: "p" });
      target.advanceSeconds(8);
      expect((await own.item("a", "p").read()).statusCode).toBe(200);
    });

    it("ignores an item's own time when the container has none switched on", async () => {
      if (!target.local) return;
      const own = await target.container();
      await own.items.create({ id: "a", pk: "p", ttl: 1 });
      target.advanceSeconds(100);
      expect((await own.item("a", "p").read()).statusCode).toBe(200);
    });

    it("takes a changed default over for items that are there", async () => {
      if (!target.local) return;
      const own = await target.container();
      await own.items.create({ id: "a", pk: "p" });
      const { resource } = await own.read();
      await own.replace({ ...(resource as never as object), defaultTtl: 5 } as never);
      target.advanceSeconds(6);
      expect((await own.item("a", "p").read()).statusCode).toBe(404);
    });
  });
});
