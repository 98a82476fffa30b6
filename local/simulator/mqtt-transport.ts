import { Client, Message } from "azure-iot-device";
import { Mqtt } from "azure-iot-device-mqtt";
import type { OutgoingMessage } from "./message";
import { type Transport, type TransportEvents, untilSent, within } from "./transport";

export interface MqttTransportOptions extends TransportEvents {
  /** `localhost:port` */
  readonly hostName: string;
  /** Certificate authority, PEM. */
  readonly caPem: string;
  /** Base64 key of a device. */
  readonly keyOf: (deviceId: string) => string;
}

const attemptTimeoutMs = 15_000;
/** The transport repeats attempts by itself, with the same message id. */
const noRetry = { shouldRetry: () => false, nextRetryTimeout: () => 0 };

function messageOf({ body, messageId, properties = {} }: OutgoingMessage): Message {
  const message = new Message(Buffer.from(body));
  message.messageId = messageId;
  message.contentType = "application/json";
  message.contentEncoding = "utf-8";
  for (const [name, value] of Object.entries(properties)) message.properties.add(name, String(value));
  return message;
}

interface OpenedClient {
  readonly client: Client;
  /** Rejects when the connection is lost. */
  readonly lost: Promise<never>;
}

/** One device's connection, made at its first message and again after each loss. */
class DeviceLink {
  readonly #options: MqttTransportOptions;
  readonly #deviceId: string;
  #client: Promise<OpenedClient> | undefined;

  constructor(options: MqttTransportOptions, deviceId: string) {
    this.#options = options;
    this.#deviceId = deviceId;
  }

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    let startedMs = performance.now();
    let used: Promise<OpenedClient> | undefined;
    await untilSent(
      async () => {
        startedMs = performance.now();
        used = this.#client ??= this.#open();
        const { client, lost } = await used;
        await within(
          attemptTimeoutMs,
          Promise.race([client.sendEvent(messageOf(message)), lost]),
          "a device's send",
        );
      },
      (error) => {
        this.#options.onRetry(1, error);
        if (this.#client === used) void this.close();
      },
      signal,
    );
    this.#options.onAcknowledged(performance.now() - startedMs, 1);
  }

  async close(): Promise<void> {
    const opening = this.#client;
    this.#client = undefined;
    const opened = await opening?.catch(() => undefined);
    if (opened !== undefined) await within(5_000, opened.client.close(), "closing").catch(() => {});
  }

  async #open(): Promise<OpenedClient> {
    const { hostName, caPem, keyOf } = this.#options;
    const client = Client.fromConnectionString(
      `HostName=${hostName};DeviceId=${this.#deviceId};SharedAccessKey=${keyOf(this.#deviceId)}`,
      Mqtt,
    );
    client.setRetryPolicy(noRetry);
    const lost = new Promise<never>((_resolve, reject) => {
      client.on("disconnect", () => reject(new Error("the connection was lost")));
      client.on("error", reject);
    });
    // Only a message in progress cares; without one the loss shows at the next send.
    lost.catch(() => {});
    await client.setOptions({ ca: caPem } as never);
    try {
      await within(attemptTimeoutMs, client.open(), "a device's connect");
    } catch (error) {
      await client.close().catch(() => {});
      throw error;
    }
    return { client, lost };
  }
}

/** Sends through the official device SDK, one MQTT connection a device. */
export class MqttTransport implements Transport {
  readonly #options: MqttTransportOptions;
  readonly #links = new Map<string, DeviceLink>();

  constructor(options: MqttTransportOptions) {
    this.#options = options;
  }

  async send(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<void> {
    await Promise.all(messages.map((message) => this.#link(message.deviceId).send(message, signal)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    this.#links.clear();
  }

  #link(deviceId: string): DeviceLink {
    const known = this.#links.get(deviceId);
    if (known !== undefined) return known;
    const made = new DeviceLink(this.#options, deviceId);
    this.#links.set(deviceId, made);
    return made;
  }
}
