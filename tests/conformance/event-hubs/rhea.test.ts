import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, type ConnectionOptions, create_container, type EventContext, message } from "rhea";
import { connectLog, type EventHubsServer, startEventHubs } from "../../../local/event-hubs";
import { codes, list, map, symbol, uint } from "../../../local/event-hubs/amqp";
import { encodeFrame } from "../../../local/event-hubs/amqp/frames";
import { amqpHeader, saslHeader } from "../../../local/event-hubs/amqp/sasl";
import { wallClock } from "../../../local/process/clock";

const key = { name: "RootManageSharedAccessKey", key: "secret" };
const listenOnly = { name: "listen", key: "other", rights: ["Listen"] } as const;
let folder: string;
let server: EventHubsServer;
const connections: Connection[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "event-hubs-"));
  server = await startEventHubs({
    dataDir: folder,
    clock: wallClock(),
    hubs: [{ name: "hub", partitions: 2, retentionHours: 1, consumerGroups: ["g"] }],
    keys: [key, listenOnly],
    internalToken: "token",
  });
});

afterEach(async () => {
  for (const connection of connections.splice(0)) {
    if (!connection.is_open()) continue;
    await new Promise((resolve) => {
      connection.once("connection_close", resolve);
      connection.once("disconnected", resolve);
      connection.close();
    });
  }
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<ConnectionOptions> = {}): Connection {
  const connection = create_container().connect({
    host: "127.0.0.1",
    port: server.port,
    username: key.name,
    password: key.key,
    reconnect: false,
    ...options,
  } as ConnectionOptions);
  connection.on("error", () => {});
  connections.push(connection);
  return connection;
}

function once(
  target: { once(event: string, listener: (context: EventContext) => void): unknown },
  event: string,
) {
  return new Promise<EventContext>((resolve) => target.once(event, resolve));
}

async function send(body: Buffer, connection = open()): Promise<EventContext> {
  const sender = connection.open_sender("hub/Partitions/0");
  await once(sender, "sendable");
  const settled = Promise.race([once(sender, "accepted"), once(sender, "rejected")]);
  sender.send({ body: message.data_section(body) });
  return settled;
}

describe("rhea against the server", () => {
  it("sends and reads messages in many frames when its frames are small", async () => {
    const body = Buffer.alloc(300_000, "0123456789");
    const connection = open({ max_frame_size: 4096 });
    const outcome = await send(body, connection);
    expect(outcome.delivery?.remote_settled ?? true).toBe(true);
    const receiver = connection.open_receiver({ source: "hub/ConsumerGroups/g/Partitions/0" });
    const { message: got } = await once(receiver, "message");
    expect(Buffer.compare(got?.body.content ?? got?.body, body)).toBe(0);
  });

  it("gives exactly the credit that a reader grants, and ends a drain", async () => {
    const connection = open();
    for (let n = 0; n < 5; n++) await send(Buffer.from(`message ${n}`), connection);
    const receiver = connection.open_receiver({
      source: "hub/ConsumerGroups/g/Partitions/0",
      credit_window: 0,
    });
    let got = 0;
    receiver.on("message", () => got++);
    await once(receiver, "receiver_open");
    receiver.drain_credit();
    receiver.add_credit(3);
    await once(receiver, "receiver_drained").catch(() => {});
    expect(got).toBe(3);
  });

  it("refuses a wrong password and a right that the key does not have", async () => {
    const wrong = open({ password: "wrong" });
    const failed = await Promise.race([
      once(wrong, "connection_error"),
      once(wrong, "disconnected"),
      once(wrong, "error" as never),
    ]);
    expect(failed).toBeDefined();
    const reader = open({ username: listenOnly.name, password: listenOnly.key });
    const sender = reader.open_sender("hub");
    await once(sender, "sender_close");
    expect(sender.error).toMatchObject({
      condition: "amqp:unauthorized-access",
      description: expect.stringContaining("'Send' claim(s) are required"),
    });
  });

  it("refuses links without any token and addresses that lead nowhere", async () => {
    const anonymous = open({ username: "any", password: undefined } as never);
    const sender = anonymous.open_sender("hub");
    await once(sender, "sender_close");
    expect(sender.error).toMatchObject({ condition: "amqp:unauthorized-access" });
    const nowhere = open().open_receiver("hub/nothing/here");
    await once(nowhere, "receiver_close");
    expect(nowhere.error).toMatchObject({ condition: "amqp:not-found" });
  });

  it("keeps an idle connection open with heartbeats", async () => {
    const connection = open({ idle_time_out: 300 });
    await once(connection, "connection_open");
    let lost = false;
    connection.on("disconnected", () => {
      lost = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(lost).toBe(false);
    expect(connection.is_open()).toBe(true);
  });

  it("rejects a message that is no AMQP and goes on", async () => {
    const connection = open();
    const sender = connection.open_sender("hub/Partitions/1");
    await once(sender, "sendable");
    const rejected = once(sender, "rejected");
    sender.send(Buffer.from([0x00, 0x53, 0x99, 0x40]), undefined, 0);
    expect((await rejected).delivery?.remote_state?.["error"]).toMatchObject({
      condition: "amqp:decode-error",
    });
    const accepted = once(sender, "accepted");
    sender.send({ body: message.data_section(Buffer.from("fine")) });
    await accepted;
  });
});

describe("hostile bytes", () => {
  let seed = Number(process.env["SEED"] ?? 20_260_101);
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed;
  };
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => random() >>> 24));
  const saslInit = encodeFrame(1, 0, 0x41, [symbol("ANONYMOUS")]);
  const talk: Buffer[] = [
    saslHeader,
    saslInit,
    amqpHeader,
    encodeFrame(0, 0, codes.open, ["container", "localhost", uint(65_536)]),
    encodeFrame(0, 0, codes.begin, [null, uint(0), uint(100), uint(100)]),
    encodeFrame(0, 0, codes.attach, [
      "link",
      uint(0),
      false,
      null,
      null,
      null,
      { type: "described", code: 0x29, value: list(["$cbs"]) },
    ]),
    encodeFrame(
      0,
      0,
      codes.transfer,
      [uint(0), uint(0), Buffer.from("t"), uint(0), true],
      Buffer.from([0, 0x53, 0x77, 0xa1, 1, 65]),
    ),
    encodeFrame(0, 0, codes.flow, [uint(0), uint(100), uint(0), uint(100)]),
    encodeFrame(0, 0, codes.attach, [
      "r",
      uint(1),
      true,
      null,
      null,
      {
        type: "described",
        code: 0x28,
        value: list(["hub/ConsumerGroups/g/Partitions/0", null, null, null, null, null, null, map([])]),
      },
    ]),
  ];

  /** Says the bytes and waits until the server ends the connection, or has said all it will. */
  function say(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const socket: Socket = connect(server.port, "127.0.0.1", () => socket.end(bytes));
      socket.on("error", () => resolve());
      socket.on("close", () => resolve());
      socket.resume();
    });
  }

  it("never stop the server", async () => {
    for (let round = 0; round < 60; round++) {
      await say(noise(1 + (random() % 400)));
      await say(Buffer.concat([saslHeader, noise(200)]));
      const parts = talk.slice(0, 3 + (random() % (talk.length - 2)));
      const mutated = Buffer.concat(parts);
      for (let flips = random() % 6; flips >= 0; flips--)
        mutated[random() % mutated.length] = random() >>> 24;
      await say(mutated);
      await say(Buffer.concat([...parts, noise(random() % 100)]));
    }
    await new Promise<void>((resolve) => {
      const socket = connect(server.internalPort, "127.0.0.1", () => socket.end(noise(500)));
      socket.on("close", () => resolve());
      socket.on("error", () => resolve());
      socket.resume();
    });
    const client = connectLog({ port: server.internalPort, token: "token" });
    expect(await client.partitionCount("hub")).toBe(2);
    await client.close();
    expect((await send(Buffer.from("still here"))).delivery).toBeDefined();
  });
});
