import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import type { DeviceMethodRequest, DeviceMethodResponse } from "azure-iot-device";
import { Client, Registry } from "azure-iothub";
import { type Bench, startBench } from "./setup";

let bench: Bench;
let agent: Agent;
beforeEach(async () => {
  bench = await startBench();
  const { port, caFile } = bench.server;
  // The service SDK takes no port from a connection string; an agent carries port and authority.
  agent = new Agent({ host: "localhost", port, ca: readFileSync(caFile), servername: "localhost" } as object);
});
afterEach(async () => {
  agent.destroy();
  await bench.close();
});

interface WithRestClient {
  readonly _restApiClient: { setOptions(options: object): void };
}

function through<T>(client: T): T {
  (client as unknown as WithRestClient)._restApiClient.setOptions({ http: { agent } });
  return client;
}

function registry(connectionString = bench.server.serviceConnectionString): Registry {
  return through(Registry.fromConnectionString(connectionString));
}

describe("service SDK", () => {
  it("adds, reads, lists and deletes devices", async () => {
    const added = await registry().create({ deviceId: "pump-0009" });
    expect(added.responseBody.authentication?.symmetricKey?.primaryKey).toMatch(/=$/);
    expect((await registry().get("pump-0009")).responseBody).toMatchObject({ status: "enabled" });
    expect((await registry().list()).responseBody.map(({ deviceId }) => deviceId)).toEqual([
      "press-0001",
      "press-0002",
      "pump-0009",
    ]);
    const device = await bench.device("pump-0009");
    await device.open();
    expect((await registry().get("pump-0009")).responseBody).toMatchObject({ connectionState: "Connected" });
    await registry().delete("pump-0009");
    await expect(registry().get("pump-0009")).rejects.toMatchObject({ name: "DeviceNotFoundError" });
  });

  it("updates a twin, and refuses a stale etag", async () => {
    const { responseBody: twin } = await registry().getTwin("press-0001");
    await twin.update({ tags: { hall: "north" }, properties: { desired: { mode: "eco" } } });
    const { responseBody: read } = await registry().getTwin("press-0001");
    expect(read.tags).toEqual({ hall: "north" });
    expect(read.properties.desired).toMatchObject({ mode: "eco", $version: 2 });
    await expect(
      registry().updateTwin("press-0001", { tags: { hall: "south" } }, "AAAA"),
    ).rejects.toMatchObject({ name: "InvalidEtagError" });
  });

  it("calls a direct method", async () => {
    const device = await bench.device("press-0001");
    await device.open();
    device.onDeviceMethod("stop", (_request: DeviceMethodRequest, response: DeviceMethodResponse) => {
      response.send(202, { stopped: true }, () => {});
    });
    // Twin requests travel behind the subscription, so its answer shows that the hub knows the listener.
    await device.getTwin();
    const client = through(Client.fromConnectionString(bench.server.serviceConnectionString));
    const { result } = await client.invokeDeviceMethod("press-0001", {
      methodName: "stop",
      responseTimeoutInSeconds: 5,
    });
    expect(result).toEqual({ status: 202, payload: { stopped: true } });
  });

  it("is refused with a wrong key", async () => {
    const wrong = bench.server.serviceConnectionString.replace(
      /SharedAccessKey=.*/,
      `SharedAccessKey=${Buffer.alloc(32).toString("base64")}`,
    );
    await expect(registry(wrong).get("press-0001")).rejects.toMatchObject({ name: "UnauthorizedError" });
  });
});
