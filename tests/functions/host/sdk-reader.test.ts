import { join } from "node:path";
import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import { BlobServiceClient } from "@azure/storage-blob";
import type { QuarantinedMessage } from "../../../functions/src";
import { type StorageServer, startStorage } from "../../../local/storage";
import { validityTable } from "../support";
import { LocalServices } from "./local-services";

jest.setTimeout(240_000);

describe("the host that reads through the service's SDK", () => {
  let services: LocalServices;
  let storage: StorageServer;

  beforeAll(async () => {
    services = await LocalServices.start();
    storage = await startStorage({ port: 0, dataFolder: join(services.folder, "storage") });
  });
  afterAll(async () => {
    await services?.close();
    await storage?.close();
  });

  it("handles every event with checkpoints in blobs, and goes on from them after a restart", async () => {
    const settings = { ...services.settings, AzureWebJobsStorage: storage.connectionString };
    const first = await services.startHost({ settings, reader: { kind: "sdk" } });
    const refused = validityTable.filter(({ reason }) => reason !== null);
    const send = (prefix: string) =>
      services.send(
        prefix,
        refused.map(({ body }, index) => ({ body: Buffer.from(body), messageId: `${prefix}-${index}` })),
      );
    const eventuallyKept = async (prefix: string) => {
      for (const deadline = Date.now() + 90_000; ; ) {
        const own = (await services.documents<QuarantinedMessage>("quarantine"))
          .filter(({ id }) => id.startsWith(`${prefix}-`))
          .map(({ id, body, reason }) => ({ index: Number(id.split("-")[1]), body, reason }))
          .toSorted((a, b) => a.index - b.index);
        if (own.length >= refused.length || Date.now() > deadline) return own;
        await new Promise((done) => setTimeout(done, 50));
      }
    };
    const expected = refused.map(({ body, reason }, index) => ({ index, body, reason }));

    await send("first");
    expect(await eventuallyKept("first")).toEqual(expected);
    const store = new BlobCheckpointStore(
      BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient("checkpoints"),
    );
    const checkpoints = async () =>
      (await store.listCheckpoints("localhost", "telemetry", "quarantine")).map(
        ({ sequenceNumber }) => sequenceNumber,
      );
    for (
      const deadline = Date.now() + 30_000;
      (await checkpoints()).length === 0 && Date.now() < deadline;
    ) {
      await new Promise((done) => setTimeout(done, 50));
    }
    expect(await checkpoints()).toEqual([refused.length - 1]);

    await first.stop();
    const second = await services.startHost({ settings, reader: { kind: "sdk" } });
    await send("second");
    expect(await eventuallyKept("second")).toEqual(expected);
    expect(second.counters["quarantineTelemetry.events"] ?? 0).toBeLessThanOrEqual(refused.length);
  });
});
