import {
  type ChangeFeedIteratorOptions,
  ChangeFeedMode,
  ChangeFeedPolicy,
  ChangeFeedRetentionTimeSpan,
  ChangeFeedStartFrom,
  type Container,
  StatusCodes,
} from "@azure/cosmos";
import { openTarget, type Target } from "./target";

describe("Cosmos DB change feed", () => {
  let target: Target;

  beforeAll(async () => {
    target = await openTarget();
  });
  afterAll(() => target.close());

  /** Reads until there is nothing new. */
  async function drain(container: Container, options: ChangeFeedIteratorOptions) {
    const pages: Record<string, unknown>[][] = [];
    const iterator = container.items.getChangeFeedIterator(options);
    for (;;) {
      const response = await iterator.readNext();
      if (response.statusCode === StatusCodes.NotModified) {
        return { pages, changes: pages.flat(), continuation: response.continuationToken as string };
      }
      pages.push(response.result as unknown as Record<string, unknown>[]);
    }
  }
  const ids = (changes: Record<string, unknown>[]) => changes.map(({ id }) => id);

  it("returns the latest version of each item in the order of changes", async () => {
    const container = await target.container();
    for (const id of ["a", "b", "c"]) await container.items.create({ id, pk: id });
    await container.items.upsert({ id: "a", pk: "a", n: 2 });
    await container.item("b", "b").delete();
    const { changes } = await drain(container, { changeFeedStartFrom: ChangeFeedStartFrom.Beginning() });
    expect(ids(changes)).toEqual(["c", "a"]);
    expect(changes[1]).toMatchObject({ n: 2 });
    expect((changes[1] as { _lsn: number })._lsn).toBeGreaterThan((changes[0] as { _lsn: number })._lsn);
  });

  it("pages, and goes on from a continuation", async () => {
    const container = await target.container();
    for (let n = 0; n < 7; n++) await container.items.create({ id: `${n}`, pk: "p" });
    const start = ChangeFeedStartFrom.Beginning();
    const { pages, continuation } = await drain(container, { changeFeedStartFrom: start, maxItemCount: 3 });
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    await container.items.create({ id: "later", pk: "p" });
    const { changes } = await drain(container, {
      changeFeedStartFrom: ChangeFeedStartFrom.Continuation(continuation),
    });
    expect(ids(changes)).toEqual(["later"]);
  });

  it("starts from now by default", async () => {
    const container = await target.container();
    await container.items.create({ id: "before", pk: "p" });
    const iterator = container.items.getChangeFeedIterator({
      changeFeedStartFrom: ChangeFeedStartFrom.Now(),
    });
    expect((await iterator.readNext()).statusCode).toBe(StatusCodes.NotModified);
    await container.items.create({ id: "after", pk: "p" });
    const { result } = await iterator.readNext();
    expect(ids(result as unknown as Record<string, unknown>[])).toEqual(["after"]);
  });

  it("starts from a moment", async () => {
    if (!target.local) return;
    const container = await target.container();
    await container.items.create({ id: "old", pk: "p" });
    target.advanceSeconds(10);
    const { resource } = await container.items.create({ id: "new", pk: "p" });
    const from = new Date(((resource?._ts as number) - 1) * 1000);
    const { changes } = await drain(container, { changeFeedStartFrom: ChangeFeedStartFrom.Time(from) });
    expect(ids(changes)).toEqual(["new"]);
  });

  it("reads one partition key", async () => {
    const container = await target.container();
    for (const id of ["a", "b", "c"]) await container.items.create({ id, pk: id === "b" ? "q" : "p" });
    const options = { changeFeedStartFrom: ChangeFeedStartFrom.Beginning("p") };
    const { changes, continuation } = await drain(container, options);
    expect(ids(changes)).toEqual(["a", "c"]);
    await container.items.create({ id: "d", pk: "p" });
    await container.items.create({ id: "e", pk: "q" });
    const next = await drain(container, {
      changeFeedStartFrom: ChangeFeedStartFrom.Continuation(continuation),
    });
    expect(ids(next.changes)).toEqual(["d"]);
  });

  it("reads the leading levels of a hierarchical key", async () => {
    const container = await target.container({
      partitionKey: { paths: ["/tenant", "/user"], kind: "MultiHash", version: 2 } as never,
    });
    await container.items.create({ id: "1", tenant: "t", user: "a" });
    await container.items.create({ id: "2", tenant: "s", user: "a" });
    await container.items.create({ id: "3", tenant: "t", user: "b" });
    const { changes } = await drain(container, { changeFeedStartFrom: ChangeFeedStartFrom.Beginning(["t"]) });
    expect(ids(changes)).toEqual(["1", "3"]);
  });

  it("splits the keys over two halves of a feed range without loss or overlap", async () => {
    const container = await target.container({ partitionKey: { paths: ["/pk"], version: 2 } as never });
    for (let n = 0; n < 20; n++) await container.items.create({ id: `${n}`, pk: `key-${n}` });
    const [range] = await container.getFeedRanges();
    expect(range).toMatchObject({ minInclusive: "", maxExclusive: "FF" });
    const halves = await Promise.all(
      [
        ["", "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"],
        ["1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "FF"],
      ].map(([minInclusive, maxExclusive]) => {
        const part = Object.assign(Object.create(Object.getPrototypeOf(range)), {
          minInclusive,
          maxExclusive,
        });
        return drain(container, { changeFeedStartFrom: ChangeFeedStartFrom.Beginning(part) });
      }),
    );
    const [low, high] = halves.map(({ changes }) => ids(changes));
    expect(low?.length).toBeGreaterThan(0);
    expect(high?.length).toBeGreaterThan(0);
    expect([...(low ?? []), ...(high ?? [])].map(Number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  it("never splits a transaction over pages", async () => {
    const container = await target.container();
    await container.items.create({ id: "first", pk: "p" });
    await container.items.batch(
      ["a", "b", "c"].map((id) => ({ operationType: "Create" as const, resourceBody: { id, pk: "p" } })),
      "p",
    );
    const options = { changeFeedStartFrom: ChangeFeedStartFrom.Beginning(), maxItemCount: 2 };
    const { pages } = await drain(container, options);
    expect(pages.map(ids)).toEqual([["first", "a", "b", "c"]]);
    expect(new Set(pages[0]?.slice(1).map(({ _lsn }) => _lsn)).size).toBe(1);
  });

  it("reads all versions and deletes", async () => {
    const container = await target.container({
      changeFeedPolicy: new ChangeFeedPolicy(ChangeFeedRetentionTimeSpan.fromMinutes(10)),
      defaultTtl: -1,
    });
    const iterator = container.items.getChangeFeedIterator({
      changeFeedMode: ChangeFeedMode.AllVersionsAndDeletes,
      changeFeedStartFrom: ChangeFeedStartFrom.Now(),
    });
    expect((await iterator.readNext()).statusCode).toBe(StatusCodes.NotModified);
    await container.items.create({ id: "a", pk: "p", n: 1 });
    await container.items.upsert({ id: "a", pk: "p", n: 2 });
    await container.item("a", "p").delete();
    const { result } = (await iterator.readNext()) as unknown as {
      result: { current: object; previous?: object; metadata: object }[];
    };
    expect(result.map(({ metadata }) => (metadata as { operationType: string }).operationType)).toEqual([
      "create",
      "replace",
      "delete",
    ]);
    expect(result[0]?.current).toMatchObject({ n: 1 });
    expect(result[1]?.current).toMatchObject({ n: 2 });
    expect(result[2]).toMatchObject({ previous: { n: 2 }, metadata: { id: "a", timeToLiveExpired: false } });
    if (!target.local) return;
    await container.items.create({ id: "ttl", pk: "p", ttl: 5 });
    target.advanceSeconds(6);
    const next = (await iterator.readNext()) as unknown as { result: { metadata: object }[] };
    expect(next.result[1]?.metadata).toMatchObject({ operationType: "delete", timeToLiveExpired: true });
  });

  it("refuses all versions for a container without a policy", async () => {
    const container = await target.container();
    const iterator = container.items.getChangeFeedIterator({
      changeFeedMode: ChangeFeedMode.AllVersionsAndDeletes,
      changeFeedStartFrom: ChangeFeedStartFrom.Now(),
    });
    await expect(iterator.readNext()).rejects.toMatchObject({ code: 400 });
  });
});
