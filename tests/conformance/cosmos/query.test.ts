import type { Container } from "@azure/cosmos";
import { openTarget, refusal, type Target } from "./target";

const items = [
  { id: "1", pk: "a", name: "anna", age: 30, tags: ["x", "y"], address: { city: "Bern" }, score: 1.5 },
  { id: "2", pk: "a", name: "Ben", age: 25, tags: ["y"], address: { city: "Basel" }, score: null },
  { id: "3", pk: "b", name: "carl", age: 41, tags: [], active: true },
  {
    id: "4",
    pk: "b",
    name: "dora",
    age: 25,
    children: [
      { n: "e", g: 3 },
      { n: "f", g: 5 },
    ],
    active: false,
  },
  { id: "5", pk: "c", name: "anton", tags: ["z", "x"], when: "2026-11-21T10:05:00.0000000Z" },
];

describe("Cosmos DB queries", () => {
  let target: Target;
  let container: Container;

  beforeAll(async () => {
    target = await openTarget();
    container = await target.container();
    await container.items.bulk(
      items.map((resourceBody) => ({ operationType: "Create" as const, resourceBody })),
    );
  });
  afterAll(() => target.close());

  const query = async (text: string, values: Record<string, unknown> = {}, options = {}) => {
    const parameters = Object.entries(values).map(([name, value]) => ({ name, value: value as never }));
    return (await container.items.query({ query: text, parameters }, options).fetchAll()).resources;
  };

  it.each<[string, unknown[]]>([
    ["SELECT VALUE c.id FROM c WHERE c.age > 25 ORDER BY c.id", ["1", "3"]],
    ["SELECT VALUE c.id FROM c WHERE c.age BETWEEN 25 AND 30 ORDER BY c.id", ["1", "2", "4"]],
    ["SELECT VALUE c.id FROM c WHERE c.name LIKE 'an%' ORDER BY c.id", ["1", "5"]],
    ["SELECT VALUE c.id FROM c WHERE c.name NOT LIKE '%a%' ORDER BY c.id", ["2"]],
    ["SELECT VALUE c.id FROM c WHERE c.age IN (41, 30) ORDER BY c.id", ["1", "3"]],
    ["SELECT VALUE c.id FROM c WHERE c.pk NOT IN ('a', 'b')", ["5"]],
    ["SELECT c.name, c.age AS years FROM c WHERE c.id = '2'", [{ name: "Ben", years: 25 }]],
    ["SELECT c.id, c.age FROM c WHERE c.id = '5'", [{ id: "5" }]],
    ["SELECT TOP 2 VALUE c.id FROM c ORDER BY c.age DESC, c.id DESC", ["3", "1"]],
    ["SELECT VALUE c.id FROM c ORDER BY c.age ASC, c.name DESC", ["5", "4", "2", "1", "3"]],
    ["SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 1 LIMIT 2", ["2", "3"]],
    ["SELECT DISTINCT VALUE c.age FROM c WHERE IS_DEFINED(c.age) ORDER BY c.age", [25, 30, 41]],
    ["SELECT VALUE t FROM c JOIN t IN c.tags WHERE c.pk = 'a' ORDER BY t", ["x", "y", "y"]],
    ["SELECT c.id, k.n FROM c JOIN k IN c.children WHERE k.g > 3", [{ id: "4", n: "f" }]],
    ["SELECT VALUE COUNT(1) FROM c", [5]],
    [
      "SELECT COUNT(1) AS n, SUM(c.age) AS s, AVG(c.age) AS a, MIN(c.age) AS lo, MAX(c.age) AS hi FROM c",
      [{ n: 5, s: 121, a: 30.25, lo: 25, hi: 41 }],
    ],
    ["SELECT COUNT(1) FROM c WHERE c.pk = 'none'", [{ $1: 0 }]],
    [
      "SELECT VALUE { city: c.address.city, n: ARRAY_LENGTH(c.tags) } FROM c WHERE c.id = '1'",
      [{ city: "Bern", n: 2 }],
    ],
    ["SELECT VALUE [c.id, c['name']] FROM c WHERE c.id = '3'", [["3", "carl"]]],
    ["SELECT VALUE c.id FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = 'z')", ["5"]],
    ["SELECT VALUE ARRAY(SELECT VALUE UPPER(t) FROM t IN c.tags) FROM c WHERE c.id = '1'", [["X", "Y"]]],
    ["SELECT VALUE (SELECT VALUE SUM(k.g) FROM k IN c.children) FROM c WHERE c.id = '4'", [8]],
    [
      "SELECT c.id, s.total FROM c JOIN (SELECT SUM(k.g) AS total FROM k IN c.children) AS s WHERE c.id = '4'",
      [{ id: "4", total: 8 }],
    ],
    ["SELECT VALUE c.nick ?? c.name FROM c WHERE c.id = '1'", ["anna"]],
    ["SELECT VALUE (c.age >= 30 ? 'old' : 'young') FROM c WHERE c.pk = 'a' ORDER BY c.id", ["old", "young"]],
    ["SELECT VALUE c.name || '!' FROM c WHERE c.id = '1'", ["anna!"]],
    ["SELECT VALUE c.id FROM c WHERE CONTAINS(c.name, 'B', true)", ["2"]],
    ["SELECT VALUE c.id FROM c WHERE STARTSWITH(c.name, 'an') AND ARRAY_CONTAINS(c.tags, 'z')", ["5"]],
    ["SELECT VALUE c.id FROM c WHERE IS_NULL(c.score)", ["2"]],
    ["SELECT VALUE c.id FROM c WHERE c.score = null", ["2"]],
    ["SELECT VALUE c.id FROM c WHERE NOT IS_DEFINED(c.age)", ["5"]],
    ["SELECT VALUE c.id FROM c WHERE c.missing = 1 OR c.id = '1'", ["1"]],
    ["SELECT VALUE c.id FROM c WHERE NOT (c.missing = 1)", []],
    ["SELECT VALUE DateTimePart('mi', c.when) FROM c WHERE c.id = '5'", [5]],
    ["SELECT VALUE DateTimeAdd('mm', 1, c.when) FROM c WHERE c.id = '5'", ["2026-12-21T10:05:00.0000000Z"]],
    ["SELECT VALUE ROUND(POWER(2, 0.5) * 100) FROM c WHERE c.id = '1'", [141]],
    ["SELECT 1 + 1 AS two", [{ two: 2 }]],
    ["SELECT VALUE c.city FROM c.address WHERE true ORDER BY c.city", []],
  ])("%s", async (text, expected) => {
    if (text.includes("FROM c.address")) {
      expect(await query("SELECT VALUE a.city FROM c.address a ORDER BY a.city")).toEqual(["Basel", "Bern"]);
      return;
    }
    expect(await query(text)).toEqual(expected);
  });

  it("groups by several expressions", async () => {
    const rows = await query("SELECT c.pk, COUNT(1) AS n, MAX(c.age) AS oldest FROM c GROUP BY c.pk");
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(
      expect.arrayContaining([
        { pk: "a", n: 2, oldest: 30 },
        { pk: "c", n: 1 },
      ]),
    );
    const byTwo = await query(
      "SELECT c.pk, c.age, COUNT(1) AS n FROM c WHERE IS_DEFINED(c.age) GROUP BY c.pk, c.age",
    );
    expect(byTwo).toHaveLength(4);
  });

  it("takes parameters of every type", async () => {
    const values = { "@n": 25, "@list": ["Ben", "dora"], "@o": { n: "e", g: 3 } };
    expect(
      await query(
        "SELECT VALUE c.id FROM c WHERE c.age = @n AND ARRAY_CONTAINS(@list, c.name) ORDER BY c.id",
        values,
      ),
    ).toEqual(["2", "4"]);
    expect(await query("SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.children, @o)", values)).toEqual([
      "4",
    ]);
    expect(await query("SELECT TOP @k VALUE c.id FROM c ORDER BY c.id", { "@k": 1 })).toEqual(["1"]);
  });

  it("stays within a partition key", async () => {
    expect(await query("SELECT VALUE c.id FROM c", {}, { partitionKey: "a" })).toEqual(["1", "2"]);
    expect(await query("SELECT VALUE c.id FROM c WHERE c.pk = @pk", { "@pk": "b" })).toEqual(["3", "4"]);
    expect(await query("SELECT VALUE c.id FROM c", {}, { partitionKey: "none" })).toEqual([]);
  });

  it.each([
    ["item by item", "SELECT VALUE c.id FROM c"],
    ["sorted", "SELECT VALUE c.id FROM c ORDER BY c.name"],
    ["with joins", "SELECT VALUE t FROM c JOIN t IN c.tags"],
    ["distinct", "SELECT DISTINCT VALUE c.pk FROM c"],
  ])("pages without loss or repetition: %s", async (_, text) => {
    const whole = await query(text);
    const paged: unknown[] = [];
    const iterator = container.items.query(text, { maxItemCount: 2 });
    while (iterator.hasMoreResults()) {
      const { resources } = await iterator.fetchNext();
      expect((resources ?? []).length).toBeLessThanOrEqual(2);
      paged.push(...(resources ?? []));
    }
    expect(paged).toEqual(whole);
  });

  it("goes on from a continuation token in another client's iterator", async () => {
    const text = "SELECT VALUE c.id FROM c ORDER BY c.id";
    const first = await container.items.query(text, { maxItemCount: 3, partitionKey: "a" }).fetchNext();
    expect(first.resources).toEqual(["1", "2"]);
    const page = await container.items
      .query("SELECT VALUE c.id FROM c", { maxItemCount: 1, partitionKey: "a" })
      .fetchNext();
    const { continuationToken } = page;
    const rest = await container.items
      .query("SELECT VALUE c.id FROM c", {
        continuationToken: continuationToken as string,
        partitionKey: "a",
      })
      .fetchAll();
    expect(rest.resources).toEqual(["2"]);
  });

  it("refuses a continuation token of another query", async () => {
    const page = await container.items
      .query("SELECT VALUE c.id FROM c", { maxItemCount: 1, partitionKey: "a" })
      .fetchNext();
    const options = { continuationToken: page.continuationToken as string, partitionKey: "a" };
    expect(
      await refusal(container.items.query("SELECT VALUE c.pk FROM c", options).fetchAll()),
    ).toMatchObject({ code: 400 });
  });

  it("answers with a forced query plan", async () => {
    const options = { forceQueryPlan: true };
    expect(await query("SELECT VALUE c.id FROM c WHERE c.pk = 'a' ORDER BY c.id", {}, options)).toEqual([
      "1",
      "2",
    ]);
    expect(await query("SELECT VALUE COUNT(1) FROM c", {}, options)).toEqual([5]);
  });

  it.each([
    ["SELEC 1", "SC1001"],
    ["SELECT * FROM c WHERE", "SC1001"],
    ["SELECT VALUE x.id FROM c", "SC2001"],
    ["SELECT VALUE NOSUCH(c.id) FROM c", "SC2005"],
    ["SELECT VALUE UPPER() FROM c", "SC2050"],
  ])("refuses %s with 400 and %s", async (text, code) => {
    const { code: status, message } = await refusal(query(text));
    expect(status).toBe(400);
    expect(message).toContain(code);
  });

  it("reports a request charge and the number of rows", async () => {
    const { requestCharge, resources } = await container.items.query("SELECT * FROM c").fetchAll();
    expect(requestCharge).toBeGreaterThan(0);
    expect(resources).toHaveLength(5);
    expect(resources[0]).toMatchObject(items[0] as object);
  });

  it("serves a range within one large partition as it serves a scan", async () => {
    const own = await target.container();
    const rows = Array.from({ length: 600 }, (_, n) => ({
      id: `row-${n}`,
      pk: "device",
      windowEnd: new Date(Date.UTC(2026, 0, 1, 0, (n * 7) % 600)).toISOString(),
    }));
    for (let at = 0; at < rows.length; at += 100) {
      await own.items.bulk(
        rows.slice(at, at + 100).map((resourceBody) => ({ operationType: "Create" as const, resourceBody })),
      );
    }
    const ask = async (from: string, to: string) => {
      const parameters = [
        { name: "@from", value: from },
        { name: "@to", value: to },
      ];
      const text =
        "SELECT VALUE c.windowEnd FROM c WHERE c.pk = 'device' AND c.windowEnd > @from AND c.windowEnd <= @to ORDER BY c.windowEnd";
      return (await own.items.query({ query: text, parameters }).fetchAll()).resources;
    };
    const expected = (from: string, to: string) =>
      rows
        .map((row) => row.windowEnd)
        .filter((end) => end > from && end <= to)
        .sort();
    const [from, to] = ["2026-01-01T01:00:00.000Z", "2026-01-01T03:30:00.000Z"];
    expect(await ask(from, to)).toEqual(expected(from, to));
    rows.push({ id: "late", pk: "device", windowEnd: "2026-01-01T02:00:30.000Z" });
    await own.items.create(rows.at(-1) as object);
    await own.item("row-0", "device").delete();
    rows.shift();
    expect(await ask(from, to)).toEqual(expected(from, to));
    const prefix = await own.items
      .query("SELECT VALUE c.id FROM c WHERE c.pk = 'device' AND STARTSWITH(c.id, 'row-59')")
      .fetchAll();
    expect(prefix.resources.sort()).toEqual(
      rows
        .map(({ id }) => id)
        .filter((id) => id.startsWith("row-59"))
        .sort(),
    );
  });
});
