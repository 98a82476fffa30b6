import type { Container, OperationInput } from "@azure/cosmos";
import { openTarget, refusal, type Target } from "./target";

describe("Cosmos DB batches", () => {
  let target: Target;
  let container: Container;

  beforeAll(async () => {
    target = await openTarget();
    container = await target.container();
  });
  afterAll(() => target.close());

  const read = async (id: string, pk = "p") => (await container.item(id, pk).read()).resource;

  it("runs every kind of operation in one transaction", async () => {
    await container.items.create({ id: "t-replace", pk: "p", n: 1 });
    await container.items.create({ id: "t-patch", pk: "p", n: 1 });
    await container.items.create({ id: "t-delete", pk: "p" });
    const { result, code } = await container.items.batch(
      [
        { operationType: "Create", resourceBody: { id: "t-create", pk: "p" } },
        { operationType: "Upsert", resourceBody: { id: "t-upsert", pk: "p" } },
        { operationType: "Replace", id: "t-replace", resourceBody: { id: "t-replace", pk: "p", n: 2 } },
        {
          operationType: "Patch",
          id: "t-patch",
          resourceBody: { operations: [{ op: "incr", path: "/n", value: 4 }] },
        },
        { operationType: "Read", id: "t-create" },
        { operationType: "Delete", id: "t-delete" },
      ] as OperationInput[],
      "p",
    );
    expect(code).toBe(200);
    expect(result?.map(({ statusCode }) => statusCode)).toEqual([201, 201, 200, 200, 200, 204]);
    expect(result?.[3]?.resourceBody).toMatchObject({ n: 5 });
    expect(await read("t-replace")).toMatchObject({ n: 2 });
    expect(await read("t-delete")).toBeUndefined();
  });

  it("changes nothing when one operation fails", async () => {
    await container.items.create({ id: "taken", pk: "p", n: 1 });
    const { result, code } = await container.items.batch(
      [
        { operationType: "Create", resourceBody: { id: "undone", pk: "p" } },
        { operationType: "Create", resourceBody: { id: "taken", pk: "p" } },
        { operationType: "Upsert", resourceBody: { id: "taken", pk: "p", n: 2 } },
      ] as OperationInput[],
      "p",
    );
    expect(code).toBe(207);
    expect(result?.map(({ statusCode }) => statusCode)).toEqual([424, 409, 424]);
    expect(await read("undone")).toBeUndefined();
    expect(await read("taken")).toMatchObject({ n: 1 });
  });

  it("honours an etag within a transaction", async () => {
    const { etag } = await container.items.create({ id: "b-etag", pk: "p" });
    const operation = (n: number) =>
      [
        { operationType: "Replace", id: "b-etag", ifMatch: etag, resourceBody: { id: "b-etag", pk: "p", n } },
      ] as OperationInput[];
    expect((await container.items.batch(operation(1), "p")).code).toBe(200);
    expect((await container.items.batch(operation(2), "p")).result?.[0]?.statusCode).toBe(412);
  });

  it("sees its own earlier operations", async () => {
    const { result } = await container.items.batch(
      [
        { operationType: "Create", resourceBody: { id: "own", pk: "p", n: 1 } },
        {
          operationType: "Patch",
          id: "own",
          resourceBody: { operations: [{ op: "incr", path: "/n", value: 1 }] },
        },
        { operationType: "Delete", id: "own" },
        { operationType: "Create", resourceBody: { id: "own", pk: "p", n: 9 } },
      ] as OperationInput[],
      "p",
    );
    expect(result?.map(({ statusCode }) => statusCode)).toEqual([201, 200, 204, 201]);
    expect(await read("own")).toMatchObject({ n: 9 });
  });

  it("runs bulk operations each for itself, over many keys", async () => {
    await container.items.create({ id: "there", pk: "k1" });
    const results = await container.items.bulk([
      { operationType: "Create", resourceBody: { id: "there", pk: "k1" } },
      { operationType: "Create", resourceBody: { id: "new", pk: "k2" } },
      { operationType: "Read", id: "there", partitionKey: "k1" },
      { operationType: "Delete", id: "absent", partitionKey: "k3" },
      {
        operationType: "Patch",
        id: "there",
        partitionKey: "k1",
        resourceBody: { operations: [{ op: "set", path: "/n", value: 1 }] },
      },
    ]);
    expect(results.map(({ statusCode }) => statusCode)).toEqual([409, 201, 200, 404, 200]);
    expect(await read("new", "k2")).toBeDefined();
    expect(await read("there", "k1")).toMatchObject({ n: 1 });
  });

  it("takes thousands of operations through executeBulkOperations", async () => {
    const operations = Array.from(
      { length: 1500 },
      (_, n): OperationInput => ({
        operationType: "Upsert",
        partitionKey: `bulk-${n % 7}`,
        resourceBody: { id: `${n}`, pk: `bulk-${n % 7}` },
      }),
    );
    const results = await container.items.executeBulkOperations(operations);
    expect(results.every(({ response }) => response?.statusCode === 201)).toBe(true);
    const { resources } = await container.items
      .query("SELECT VALUE COUNT(1) FROM c WHERE STARTSWITH(c.pk, 'bulk-')")
      .fetchAll();
    expect(resources).toEqual([1500]);
  });

  it("refuses more than 100 operations in a transaction", async () => {
    const operations = Array.from({ length: 101 }, (_, n) => ({
      operationType: "Create",
      resourceBody: { id: `many-${n}`, pk: "p" },
    })) as OperationInput[];
    expect((await refusal(container.items.batch(operations, "p"))).message).toMatch(/100/);
    expect(await read("many-0")).toBeUndefined();
  });
});
