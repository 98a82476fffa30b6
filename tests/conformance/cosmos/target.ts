import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Container, type ContainerRequest, CosmosClient, type Database } from "@azure/cosmos";
import { type CosmosServer, emulatorKey, startCosmos } from "../../../local/cosmos";

/** The server under test: our own, or another one named by COSMOS_ENDPOINT and COSMOS_KEY. */
export interface Target {
  readonly client: CosmosClient;
  readonly database: Database;
  readonly endpoint: string;
  readonly key: string;
  /** False when the suite runs against another server. */
  readonly local: boolean;
  /** Seconds that the local server's clock is ahead; see `advanceSeconds`. */
  advanceSeconds(seconds: number): void;
  container(request?: Partial<ContainerRequest>): Promise<Container>;
  close(): Promise<void>;
}

export async function openTarget(): Promise<Target> {
  const remote = process.env["COSMOS_ENDPOINT"];
  let aheadMs = 0;
  let server: CosmosServer | undefined;
  let folder: string | undefined;
  if (remote === undefined) {
    folder = mkdtempSync(join(tmpdir(), "cosmos-"));
    server = await startCosmos({ dataDir: folder, nowMs: () => Date.now() + aheadMs });
  }
  const endpoint = remote ?? (server as CosmosServer).endpoint;
  const key = process.env["COSMOS_KEY"] ?? emulatorKey;
  const client = new CosmosClient({ endpoint, key });
  const { database } = await client.databases.createIfNotExists({ id: `conformance-${randomUUID()}` });
  return {
    client,
    database,
    endpoint,
    key,
    local: server !== undefined,
    advanceSeconds: (seconds) => {
      aheadMs += seconds * 1000;
    },
    async container(request = {}) {
      const { container } = await database.containers.create({
        id: `c-${randomUUID()}`,
        partitionKey: { paths: ["/pk"] },
        ...request,
      } as ContainerRequest);
      return container;
    },
    async close() {
      await database.delete();
      client.dispose();
      await server?.close();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Status, substatus and text of the error that a call ends with. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ code: unknown; substatus: unknown; message: string }> {
  try {
    await call;
  } catch (error) {
    const { code, substatus, message } = error as { code?: unknown; substatus?: unknown; message: string };
    return { code, substatus, message };
  }
  throw new Error("the call was not refused");
}
