import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { CosmosError } from "../../local/cosmos/cosmos-error";
import { type ObjectValue, prepareQuery } from "../../local/cosmos/sql";
import { candidateItems } from "../../local/cosmos/store/candidates";
import { Catalog } from "../../local/cosmos/store/catalog";
import { readLatestVersions } from "../../local/cosmos/store/change-feed";
import type { Container } from "../../local/cosmos/store/container";
import { WriteSession } from "../../local/cosmos/store/write-session";

const runs = 60 * Number(process.env["RUNS"] ?? 1);
const seed = process.env["SEED"] === undefined ? undefined : Number(process.env["SEED"]);

type Write = {
  do: "create" | "upsert" | "replace";
  pk: string;
  id: string;
  n: number;
  ttl: number | undefined;
};
type Step =
  | Write
  | { do: "delete"; pk: string; id: string }
  | { do: "patch"; pk: string; id: string }
  | { do: "batch"; pk: string; ids: string[] }
  | { do: "wait"; seconds: number }
  | { do: "restart" }
  | { do: "compact" }
  | { do: "read" };

const pk = fc.constantFrom("a", "b");
const id = fc.constantFrom("1", "2", "3", "4", "5");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("create", "upsert", "replace"),
      pk,
      id,
      n: fc.nat(9),
      ttl: fc.constantFrom(undefined, undefined, 2, -1),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("delete", "patch"), pk, id }) as fc.Arbitrary<Step>,
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("batch"),
      pk,
      ids: fc.array(id, { minLength: 1, maxLength: 4 }),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("wait"),
      seconds: fc.integer({ min: 1, max: 4 }),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("restart", "compact", "read") }) as fc.Arbitrary<Step>,
  },
);

interface Known {
  n: number;
  expiresAt: number;
  /** Counts changes; the feed must bring items in this order. */
  change: number;
}

/** What the store must hold, kept in the plainest way. */
class Model {
  items = new Map<string, Known>();
  nowSeconds = 1_000_000;
  changes = 0;

  put(key: string, n: number, ttl: number | undefined): void {
    const expiresAt = ttl === undefined || ttl === -1 ? Number.POSITIVE_INFINITY : this.nowSeconds + ttl;
    this.items.set(key, { n, expiresAt, change: ++this.changes });
  }

  wait(seconds: number): void {
    this.nowSeconds += seconds;
    for (const [key, { expiresAt }] of this.items) if (expiresAt <= this.nowSeconds) this.items.delete(key);
  }
}

describe("Cosmos DB store", () => {
  it("holds what a plain model holds over writes, batches, expiry, compaction and restart", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const folder = mkdtempSync(join(tmpdir(), "cosmos-store-"));
        let catalog = new Catalog(folder);
        catalog.createDatabase("d", 0);
        catalog.createContainer("d", { id: "c", partitionKey: { paths: ["/pk"] }, defaultTtl: -1 }, 0);
        const model = new Model();
        const reader = { lsn: 0, change: 0 };
        try {
          for (const current of steps) {
            if (current.do === "restart") {
              await catalog.close();
              catalog = new Catalog(folder);
            }
            const { container } = catalog.container("d", "c");
            if (current.do === "compact") await container.compact();
            applyStep(container, model, current);
            container.sweep(model.nowSeconds);
            expect(contentOf(container)).toEqual([...model.items].map(([key, { n }]) => [key, n]).sort());
            expect(container.count).toBe(model.items.size);
            if (current.do === "read") readFeed(container, model, reader);
          }
        } finally {
          await catalog.close();
          rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: runs, ...(seed !== undefined && { seed }) },
    );
  });

  it("finds by index what a scan finds, while items come and go", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ n: fc.integer({ min: 0, max: 999 }), keep: fc.boolean() }), {
          minLength: 300,
          maxLength: 500,
        }),
        fc.array(
          fc.tuple(
            fc.integer({ min: -5, max: 1005 }),
            fc.integer({ min: -5, max: 1005 }),
            fc.constantFrom(">", ">="),
            fc.constantFrom("<", "<="),
          ),
          { minLength: 1, maxLength: 5 },
        ),
        (rows, ranges) => {
          const folder = mkdtempSync(join(tmpdir(), "cosmos-index-"));
          const catalog = new Catalog(folder);
          try {
            catalog.createDatabase("d", 0);
            const { container } = catalog.createContainer(
              "d",
              { id: "c", partitionKey: { paths: ["/pk"] } },
              0,
            );
            const insert = (from: number, to: number) => {
              const session = new WriteSession(container, 0);
              rows.slice(from, to).forEach(({ n }, index) => {
                session.startGroup();
                session.create(["p"], { id: `${from + index}`, pk: "p", n });
              });
              session.commit();
            };
            insert(0, 280);
            const check = () => {
              for (const [low, high, from, to] of ranges) {
                const query = prepareQuery(
                  `SELECT VALUE c.id FROM c WHERE c.n ${from} @low AND c.n ${to} @high`,
                );
                const parameters = { "@low": low, "@high": high };
                const bodies = (items: Iterable<{ body: ObjectValue }>) => [...items].map(({ body }) => body);
                const indexed = candidateItems(
                  container,
                  { parts: ["p"], includes: undefined },
                  query.filters,
                  parameters,
                );
                const all = container.items.filter(({ live }) => live);
                expect(query.run(bodies(indexed), parameters)).toEqual(query.run(bodies(all), parameters));
              }
            };
            check();
            insert(280, rows.length);
            const session = new WriteSession(container, 0);
            rows.forEach(({ keep, n }, index) => {
              session.startGroup();
              if (!keep && index % 3 === 0) session.remove(["p"], `${index}`, {});
              else if (!keep) session.upsert(["p"], { id: `${index}`, pk: "p", n: 999 - n }, {});
            });
            session.commit();
            check();
          } finally {
            void catalog.close();
            rmSync(folder, { recursive: true, force: true });
          }
        },
      ),
      { numRuns: Math.ceil(runs / 4), ...(seed !== undefined && { seed }) },
    );
  });
});

/** Runs an operation and checks that it is refused exactly when the model says so; true when it was done. */
function attempt(refused: boolean, run: () => void): boolean {
  try {
    run();
  } catch (error) {
    if (!(error instanceof CosmosError)) throw error;
    expect(refused).toBe(true);
    return false;
  }
  expect(refused).toBe(false);
  return true;
}

function applyStep(container: Container, model: Model, current: Step): void {
  const session = new WriteSession(container, model.nowSeconds * 1000);
  switch (current.do) {
    case "wait":
      model.wait(current.seconds);
      break;
    case "batch":
      applyBatch(session, model, current.pk, current.ids);
      break;
    case "delete":
      applyDelete(session, model, current.pk, current.id);
      break;
    case "patch":
      applyIncrement(session, model, current.pk, current.id);
      break;
    case "create":
    case "upsert":
    case "replace":
      applyWrite(session, model, current);
      break;
    default:
      break;
  }
}

function applyBatch(session: WriteSession, model: Model, partition: string, ids: readonly string[]): void {
  const keys = ids.map((name) => `${partition}/${name}`);
  const clash = new Set(keys).size < keys.length || keys.some((key) => model.items.has(key));
  const done = attempt(clash, () => {
    for (const name of ids) session.create([partition], { id: name, pk: partition, n: 0 });
    session.commit();
  });
  if (done) for (const key of keys) model.put(key, 0, undefined);
}

function applyDelete(session: WriteSession, model: Model, partition: string, name: string): void {
  const key = `${partition}/${name}`;
  if (attempt(!model.items.has(key), () => session.remove([partition], name, {}))) model.items.delete(key);
  session.commit();
}

function applyIncrement(session: WriteSession, model: Model, partition: string, name: string): void {
  const key = `${partition}/${name}`;
  const known = model.items.get(key);
  const patch = { operations: [{ op: "incr" as const, path: "/n", value: 1 }], condition: undefined };
  let ttl: number | undefined;
  const done = attempt(known === undefined, () => {
    ttl = session.patch([partition], name, patch, {}).body["ttl"] as number | undefined;
  });
  if (done) model.put(key, (known?.n ?? 0) + 1, ttl);
  session.commit();
}

function applyWrite(session: WriteSession, model: Model, write: Write): void {
  const { pk: partition, id: name, n, ttl } = write;
  const key = `${partition}/${name}`;
  const present = model.items.has(key);
  const body = { id: name, pk: partition, n, ...(ttl !== undefined && { ttl }) };
  const refused = write.do === "create" ? present : write.do === "replace" && !present;
  const done = attempt(refused, () => {
    if (write.do === "create") session.create([partition], body);
    else if (write.do === "upsert") session.upsert([partition], body, {});
    else session.replace([partition], name, body, {});
  });
  if (done) model.put(key, n, ttl);
  session.commit();
}

function contentOf(container: Container): [string, unknown][] {
  return container.items
    .filter(({ live }) => live)
    .map(({ body }): [string, unknown] => [`${String(body["pk"])}/${String(body["id"])}`, body["n"]])
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

/** Reads on from where the reader stopped: exactly the items that have changed since, in the order of changes. */
function readFeed(container: Container, model: Model, reader: { lsn: number; change: number }): void {
  const keys: string[] = [];
  for (;;) {
    const page = readLatestVersions(container, {
      after: reader.lsn,
      sinceSeconds: undefined,
      includes: () => true,
      maxItems: 2,
    });
    reader.lsn = page.lsn;
    if (page.texts.length === 0) break;
    for (const text of page.texts) {
      const { pk: partition, id: name } = JSON.parse(text) as { pk: string; id: string };
      keys.push(`${partition}/${name}`);
    }
  }
  const expected = [...model.items].filter(([, { change }]) => change > reader.change);
  expect(keys).toEqual(
    expected.sort(([, left], [, right]) => left.change - right.change).map(([key]) => key),
  );
  reader.change = model.changes;
}
