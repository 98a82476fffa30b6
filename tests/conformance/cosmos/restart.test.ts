import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChangeFeedStartFrom, type Container, CosmosClient, StatusCodes } from "@azure/cosmos";
import { type CosmosServer, emulatorKey, startCosmos } from "../../../local/cosmos";
import { builtModule } from "../../support/build-dist";

const databases = [{ id: "db", containers: [{ id: "c", partitionKey: "/pk" }] }];

describe("Cosmos DB data folder", () => {
  let folder: string;
  const closing: (() => Promise<unknown> | unknown)[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cosmos-restart-"));
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(): Promise<{ server: CosmosServer; container: Container; stop: () => Promise<void> }> {
    const server = await startCosmos({ dataDir: folder, databases });
    const client = new CosmosClient({ endpoint: server.endpoint, key: emulatorKey });
    let open = true;
    const stop = async () => {
      if (!open) return;
      open = false;
      client.dispose();
      await server.close();
    };
    closing.push(stop);
    return { server, container: client.database("db").container("c"), stop };
  }

  const journalPath = () =>
    join(folder, readdirSync(folder).find((name) => name.endsWith(".journal")) as string);
  const idsOf = async (container: Container) =>
    (await container.items.query<string>("SELECT VALUE c.id FROM c").fetchAll()).resources;

  it("keeps items, etags, resource ids and feed positions over a restart", async () => {
    const first = await open();
    await first.container.items.create({ id: "a", pk: "p", n: 1 });
    await first.container.items.create({ id: "b", pk: "p" });
    await first.container.items.upsert({ id: "a", pk: "p", n: 2 });
    await first.container.items.create({ id: "gone", pk: "q" });
    const iterator = first.container.items.getChangeFeedIterator({
      changeFeedStartFrom: ChangeFeedStartFrom.Beginning(),
    });
    const { continuationToken } = await iterator.readNext();
    await first.container.item("gone", "q").delete();
    const before = (await first.container.item("a", "p").read()).resource;
    const { resource: rid } = await first.container.read();
    await first.stop();

    const second = await open();
    expect((await second.container.read()).resource?._rid).toBe(rid?._rid);
    expect((await second.container.item("a", "p").read()).resource).toEqual(before);
    expect(await idsOf(second.container)).toEqual(["a", "b"]);
    const resumed = second.container.items.getChangeFeedIterator({
      changeFeedStartFrom: ChangeFeedStartFrom.Continuation(continuationToken as string),
    });
    expect((await resumed.readNext()).statusCode).toBe(StatusCodes.NotModified);
    const { resource } = await second.container.items.create({ id: "c", pk: "p" });
    expect(resource?._rid).not.toBe(before?._rid);
    expect((await resumed.readNext()).result).toHaveLength(1);
  });

  it("never uses a log sequence number again, also when the last item was deleted before a compaction", async () => {
    const first = await open();
    await first.container.items.create({ id: "a", pk: "p" });
    await first.container.item("a", "p").delete();
    const { headers } = await first.container.items.create({ id: "last", pk: "p" });
    await first.container.item("last", "p").delete();
    await first.server.compact();
    await first.stop();
    const second = await open();
    const { headers: after } = await second.container.items.create({ id: "b", pk: "p" });
    const lsnOf = (all: unknown) => Number((all as Record<string, string>)["lsn"]);
    expect(lsnOf(after)).toBe(lsnOf(headers) + 2);
  });

  it("shrinks the journal by compaction and loses no write that comes meanwhile", async () => {
    const first = await open();
    for (let round = 0; round < 20; round++) {
      await first.container.items.bulk(
        Array.from({ length: 100 }, (_, n) => ({
          operationType: "Upsert" as const,
          resourceBody: { id: `${n}`, pk: "p", round },
        })),
      );
    }
    const size = statSync(journalPath()).size;
    const writes = [first.server.compact(), first.container.items.create({ id: "meanwhile", pk: "p" })];
    writes.push(first.container.item("5", "p").delete());
    await Promise.all(writes);
    expect(statSync(journalPath()).size).toBeLessThan(size / 5);
    const before = await idsOf(first.container);
    await first.stop();
    const second = await open();
    expect(await idsOf(second.container)).toEqual(before);
    expect((await second.container.item("7", "p").read()).resource).toMatchObject({ round: 19 });
    expect(before).toHaveLength(100);
  });

  it.each([
    ["a half record", (path: string) => truncateSync(path, statSync(path).size - 5)],
    ["bytes that are no record", (path: string) => appendFileSync(path, Buffer.from([9, 0, 0, 0, 1, 2, 3]))],
    ["an impossible length", (path: string) => appendFileSync(path, Buffer.alloc(64, 0xff))],
  ])("cuts off a torn tail: %s", async (_, damage) => {
    const first = await open();
    await first.container.items.create({ id: "a", pk: "p" });
    const whole = statSync(journalPath()).size;
    await first.container.items.create({ id: "b", pk: "p" });
    await first.stop();
    const path = journalPath();
    damage(path);
    const second = await open();
    expect(existsSync(`${path}.torn`)).toBe(true);
    const left = await idsOf(second.container);
    expect(left.slice(0, 1)).toEqual(["a"]);
    expect(statSync(path).size).toBeGreaterThanOrEqual(whole);
    await second.container.items.create({ id: "c", pk: "p" });
    await second.stop();
    const third = await open();
    expect(await idsOf(third.container)).toEqual([...left, "c"]);
  });

  it("says so when the list of containers is damaged, and overwrites nothing", async () => {
    const first = await open();
    await first.stop();
    const path = join(folder, "catalog.json");
    truncateSync(path, 10);
    await expect(startCosmos({ dataDir: folder })).rejects.toMatchObject({ code: "LOCAL_FILE_UNREADABLE" });
    expect(statSync(path).size).toBe(10);
  });

  it("names the port when it is taken", async () => {
    const { server } = await open();
    const other = mkdtempSync(join(tmpdir(), "cosmos-port-"));
    closing.push(() => rmSync(other, { recursive: true, force: true }));
    await expect(startCosmos({ dataDir: other, port: server.port })).rejects.toMatchObject({
      code: "LOCAL_PORT_IN_USE",
    });
  });

  it("loses no acknowledged write when the process is killed", async () => {
    const main = builtModule("local/cosmos/main.js");
    const config = { dataDir: folder, databases };
    const begin = async (): Promise<{ child: ChildProcess; container: Container; client: CosmosClient }> => {
      const child = fork(main, {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      });
      closing.push(() => child.kill("SIGKILL"));
      const clock = { wallAnchorMs: 0, eventAnchorMs: 0, speed: 1, limitMs: null };
      child.send({ type: "start", config, clock });
      for (;;) {
        const [message] = (await once(child, "message")) as [
          { type: string; endpoints: { endpoint: string } },
        ];
        if (message.type !== "ready") continue;
        const client = new CosmosClient({
          endpoint: message.endpoints.endpoint,
          key: emulatorKey,
          connectionPolicy: {
            retryOptions: { maxRetryAttemptCount: 0 } as never,
            enableBackgroundEndpointRefreshing: false,
          },
        });
        closing.push(() => client.dispose());
        return { child, container: client.database("db").container("c"), client };
      }
    };
    const first = await begin();
    const acknowledged = new Set<string>();
    let next = 0;
    const writer = async () => {
      for (;;) {
        const id = `${next++}`;
        try {
          await first.container.items.create({ id, pk: `${Number(id) % 5}` });
        } catch {
          return;
        }
        acknowledged.add(id);
        if (acknowledged.size === 200) first.child.kill("SIGKILL");
      }
    };
    await Promise.all(Array.from({ length: 8 }, writer));
    const second = await begin();
    const stored = new Set(await idsOf(second.container));
    expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
    expect(acknowledged.size).toBeGreaterThanOrEqual(200);
  });
});
