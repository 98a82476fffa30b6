import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { Client, type DeviceMethodRequest, type DeviceMethodResponse, Message } from "azure-iot-device";
import { Mqtt } from "azure-iot-device-mqtt";
import { createSasToken } from "../../../local/iot-hub";
import { type Bench, groupKey, startBench, startMs } from "./setup";

/** The SDK would otherwise go on for minutes. */
const noRetry = { shouldRetry: () => false, nextRetryTimeout: () => 0 };

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

function message(text: string, id = "m-1"): Message {
  const made = new Message(text);
  made.messageId = id;
  made.contentType = "application/json";
  made.contentEncoding = "utf-8";
  made.properties.add("alert level", "1 & 2=3");
  return made;
}

async function eventually(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error("it did not happen within 10 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("telemetry through the device SDK", () => {
  it("reaches the log with the service's annotations", async () => {
    const device = await bench.device("press-0001");
    await device.open();
    await device.sendEvent(message('{"a":1}'));
    expect(bench.log.events).toHaveLength(1);
    const event = bench.log.events[0]!;
    expect(Buffer.from(event.body).toString()).toBe('{"a":1}');
    expect(event).toMatchObject({
      partitionKey: "press-0001",
      messageId: "m-1",
      properties: { "alert level": "1 & 2=3" },
      annotations: {
        "iothub-connection-device-id": "press-0001",
        "iothub-connection-auth-method":
          '{"scope":"device","type":"sas","issuer":"iothub","acceptingIpFilterRule":null}',
        "iothub-enqueuedtime": startMs,
        "iothub-message-source": "Telemetry",
        "content-type": "application/json",
        "content-encoding": "utf-8",
      },
    });
  });

  it("is acknowledged only after the append", async () => {
    let open = () => {};
    bench.log.gate = new Promise((resolve) => {
      open = resolve;
    });
    const device = await bench.device("press-0001");
    await device.open();
    let acknowledged = false;
    const sent = device.sendEvent(message("{}")).then(() => {
      acknowledged = true;
    });
    await device.getTwin();
    expect(acknowledged).toBe(false);
    open();
    await sent;
    expect(bench.log.events).toHaveLength(1);
  });

  it("is kept and appended later while the broker is away", async () => {
    bench.log.failures = 2;
    const device = await bench.device("press-0001");
    await device.open();
    await device.sendEvent(message("{}"));
    expect(bench.log.events).toHaveLength(1);
    expect(bench.server.hub.counters.appendRetries).toBe(2);
  });

  it("keeps its order over many messages", async () => {
    const device = await bench.device("press-0001");
    await device.open();
    await Promise.all(Array.from({ length: 700 }, (_, n) => device.sendEvent(message(String(n), `m-${n}`))));
    expect(bench.log.events.map(({ messageId }) => messageId)).toEqual(
      Array.from({ length: 700 }, (_, n) => `m-${n}`),
    );
  });

  it("is refused above 256 KB and counted", async () => {
    const device = await bench.device("press-0001");
    device.setRetryPolicy(noRetry);
    await device.open();
    await expect(device.sendEvent(message("x".repeat(256 * 1024)))).rejects.toThrow();
    expect(bench.log.events).toHaveLength(0);
    expect(bench.server.hub.counters).toMatchObject({ refused: 1, oversize: 1, messages: 0 });
  });
});

describe("device authentication", () => {
  const refusal = async (client: Client): Promise<string> => {
    client.setRetryPolicy(noRetry);
    return await client.open().then(
      () => "opened",
      (error: Error) => error.name,
    );
  };

  it("refuses a wrong key", async () => {
    expect(await refusal(await bench.device("press-0001", groupKey))).toBe("UnauthorizedError");
    expect(bench.refused).toEqual(["connect press-0001: wrong key"]);
    expect(bench.server.hub.counters.refused).toBe(1);
  });

  it("refuses an unknown device", async () => {
    expect(await refusal(await bench.device("stranger"))).toBe("UnauthorizedError");
    expect(bench.refused).toEqual(["connect stranger: unknown device"]);
  });

  it("refuses an expired token", async () => {
    const { hostName, caFile, hub } = bench.server;
    const token = createSasToken(
      `${hostName}/devices/press-0001`,
      hub.device("press-0001").primaryKey,
      Date.now() - 5_000,
    );
    const client = Client.fromSharedAccessSignature(token, Mqtt);
    await client.setOptions({ ca: readFileSync(caFile, "utf8") } as never);
    expect(await refusal(client)).toBe("UnauthorizedError");
    expect(bench.refused).toEqual(["connect press-0001: token expired"]);
  });

  it("closes the older connection when a device connects twice", async () => {
    const first = await bench.device("press-0001");
    first.setRetryPolicy(noRetry);
    await first.open();
    const gone = new Promise((resolve) => first.once("disconnect", resolve));
    const second = await bench.device("press-0001");
    await second.open();
    await gone;
    await second.sendEvent(message("{}"));
    expect(bench.server.hub.connectedDevices).toBe(1);
  });
});

describe("device twin", () => {
  it("carries reported and desired properties", async () => {
    const device = await bench.device("press-0001");
    await device.open();
    const twin = await device.getTwin();
    await new Promise<void>((resolve, reject) =>
      twin.properties.reported["update"]({ firmware: "1.2", gone: 1 }, (error: Error) =>
        error ? reject(error) : resolve(),
      ),
    );
    const changed = new Promise((resolve) =>
      twin.on("properties.desired", (delta: { intervalMs?: number }) => {
        if (delta.intervalMs !== undefined) resolve(delta);
      }),
    );
    await eventually(
      () =>
        bench.server.hub.device("press-0001").session?.["$iothub/twin/PATCH/properties/desired/#"] !==
        undefined,
    );
    bench.server.hub.patchTwin("press-0001", { desired: { intervalMs: 250 } }, (tags) => tags);
    expect(await changed).toEqual({ intervalMs: 250, $version: 2 });
    expect(bench.server.hub.device("press-0001").twin.reported).toMatchObject({
      properties: { firmware: "1.2", gone: 1 },
      version: 2,
    });
  });

  it("is the same after a restart of the hub", async () => {
    bench.server.hub.patchTwin("press-0002", { desired: { mode: "eco" } }, (tags) => tags);
    bench.server.hub.patchReported("press-0002", { ok: true });
    await bench.restart();
    const device = await bench.device("press-0002");
    await device.open();
    const twin = await device.getTwin();
    expect(twin.properties.desired).toMatchObject({ mode: "eco", $version: 2 });
    expect(twin.properties.reported).toMatchObject({ ok: true, $version: 2 });
  });
});

describe("direct method", () => {
  const call = {
    methodName: "reboot",
    payload: { delay: 5 },
    connectTimeoutMs: 0,
    responseTimeoutMs: 5_000,
  };

  it("returns the device's status and payload", async () => {
    const device = await bench.device("press-0001");
    await device.open();
    device.onDeviceMethod("reboot", (request: DeviceMethodRequest, response: DeviceMethodResponse) => {
      response.send(200, { echoed: request.payload }, () => {});
    });
    await eventually(
      () => bench.server.hub.device("press-0001").session?.["$iothub/methods/POST/#"] !== undefined,
    );
    expect(await bench.server.hub.callMethod("press-0001", call)).toEqual({
      status: 200,
      payload: { echoed: { delay: 5 } },
    });
  });

  it("says that the device is not online", async () => {
    await expect(bench.server.hub.callMethod("press-0001", call)).rejects.toMatchObject({
      errorName: "DeviceNotOnline",
      code: 404103,
    });
  });
});

describe("cloud-to-device message", () => {
  it("waits for the device over a restart and is delivered once completed", async () => {
    bench.server.hub.sendToDevice("press-0001", Buffer.from("first"), {
      system: { messageId: "c-1" },
      application: { reason: "a b&c" },
    });
    bench.server.hub.sendToDevice("press-0001", Buffer.from("second"), { system: {}, application: {} });
    await bench.restart();
    const device = await bench.device("press-0001");
    const received: Message[] = [];
    device.on("message", (taken: Message) => {
      received.push(taken);
      device.complete(taken, () => {});
    });
    await device.open();
    await eventually(() => received.length === 2);
    expect(received.map((taken) => taken.data.toString())).toEqual(["first", "second"]);
    expect(received[0]!.messageId).toBe("c-1");
    expect(received[0]!.properties.getValue("reason")).toBe("a b&c");
    await eventually(() => bench.server.hub.device("press-0001").cloudToDevice.length === 0);
  });
});

describe("restart of the hub", () => {
  it("keeps certificate and port, and a device goes on sending", async () => {
    const before = new X509Certificate(readFileSync(bench.server.caFile)).serialNumber;
    const device = await bench.device("press-0001");
    await device.open();
    await device.sendEvent(message("{}", "m-1"));
    await bench.restart();
    await device.sendEvent(message("{}", "m-2"));
    expect(bench.log.events.map(({ messageId }) => messageId)).toEqual(["m-1", "m-2"]);
    expect(new X509Certificate(readFileSync(bench.server.caFile)).serialNumber).toBe(before);
  });
});
