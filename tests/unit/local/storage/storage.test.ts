import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServiceClient } from "@azure/storage-blob";
import { topology } from "../../../../contracts";
import { type StorageServer, startStorage } from "../../../../local/storage";

describe("startStorage", () => {
  let dataFolder: string;
  const running: StorageServer[] = [];

  beforeEach(() => {
    dataFolder = mkdtempSync(join(tmpdir(), "storage-"));
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.close()));
    rmSync(dataFolder, { recursive: true, force: true });
  });

  const start = async (port = 0) => {
    const server = await startStorage({ port, dataFolder });
    running.push(server);
    return server;
  };

  it("serves the topology's containers, and has them and their blobs after a stop and after a kill", async () => {
    const serviceOf = (server: StorageServer) =>
      BlobServiceClient.fromConnectionString(server.connectionString);
    const blobOf = (server: StorageServer) =>
      serviceOf(server).getContainerClient("lake").getBlockBlobClient("a/b.avro");

    const first = await start();
    const names: string[] = [];
    for await (const container of serviceOf(first).listContainers()) names.push(container.name);
    expect(names).toEqual(topology.lake.containers.map(({ name }) => name).toSorted());
    await blobOf(first).upload("body", 4);
    await first.close();

    const second = await start(first.port);
    expect(second.port).toBe(first.port);
    expect((await blobOf(second).downloadToBuffer()).toString()).toBe("body");
    process.kill(second.pid, "SIGKILL");
    expect(await second.exited).toEqual({ code: null, signal: "SIGKILL" });

    const third = await start(first.port);
    expect((await blobOf(third).downloadToBuffer()).toString()).toBe("body");
  }, 180_000);

  it("names the port when it is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const address = holder.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      await expect(startStorage({ port, dataFolder })).rejects.toMatchObject({
        code: "LOCAL_PORT_IN_USE",
        message: expect.stringContaining(String(port)),
        hint: expect.stringContaining("--port-base"),
      });
    } finally {
      holder.close();
    }
  });
});
