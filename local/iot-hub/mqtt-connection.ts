import type { Duplex } from "node:stream";
import * as mqtt from "mqtt-packet";

/** MQTT 3.1.1 return codes of CONNACK. */
export const connectReturnCodes = {
  accepted: 0,
  identifierRejected: 2,
  serverUnavailable: 3,
  badCredentials: 4,
  notAuthorized: 5,
} as const;

export interface ConnectVerdict {
  readonly returnCode: number;
  readonly sessionPresent?: boolean;
}

/** What a connection tells its owner. Every promise is awaited before the peer gets its acknowledgement. */
export interface MqttHandler {
  connect(packet: mqtt.IConnectPacket): ConnectVerdict;
  publish(packet: mqtt.IPublishPacket): Promise<void> | undefined;
  /** Returns the granted quality of service per filter, 0x80 for a refused one. */
  subscribe(packet: mqtt.ISubscribePacket): readonly number[];
  /** Called once the peer knows that its filters are in force. */
  subscribed(): void;
  unsubscribe(filters: readonly string[]): void;
  acknowledged(messageId: number): void;
  /** Called once; `graceful` after a DISCONNECT packet. */
  closed(graceful: boolean): void;
}

const connectTimeoutMs = 15_000;
/** Publishes in progress before the connection stops reading. */
const inFlightLimit = 500;

/**
 * One MQTT 3.1.1 connection over an established stream: framing, keep-alive, quality of service 0 and 1, order of
 * acknowledgements. What packets mean is the handler's business. A protocol violation closes the connection.
 */
export class MqttConnection {
  readonly #stream: Duplex;
  readonly #handler: MqttHandler;
  readonly #parser = mqtt.parser({ protocolVersion: 4 });
  #state: "new" | "open" | "closed" = "new";
  #graceful = false;
  #keepAliveMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #inFlight = 0;
  #nextMessageId = 1;
  /** Acknowledgements leave in the order in which publishes came, as the protocol demands. */
  #acknowledgements: { readonly messageId: number; ready: boolean }[] = [];

  constructor(stream: Duplex, handler: MqttHandler) {
    this.#stream = stream;
    this.#handler = handler;
    this.#timer = setTimeout(() => this.close(), connectTimeoutMs);
    this.#parser.on("packet", (packet: mqtt.Packet) => this.#receive(packet));
    this.#parser.on("error", () => this.close());
    stream.on("data", (chunk: Buffer) => {
      if (this.#keepAliveMs > 0) this.#timer?.refresh();
      this.#parser.parse(chunk);
    });
    stream.on("error", () => this.close());
    stream.on("close", () => this.#end());
  }

  get open(): boolean {
    return this.#state === "open";
  }

  /** Sends a message; returns its packet id when it awaits an acknowledgement. */
  publish(
    topic: string,
    payload: Buffer | string,
    qos: 0 | 1,
    options: { readonly dup?: boolean; readonly messageId?: number } = {},
  ): number | undefined {
    if (this.#state !== "open") return undefined;
    const messageId = qos === 0 ? undefined : (options.messageId ?? this.#takeMessageId());
    this.#send({
      cmd: "publish",
      topic,
      payload,
      qos,
      dup: options.dup ?? false,
      retain: false,
      ...(messageId !== undefined && { messageId }),
    });
    return messageId;
  }

  close(): void {
    this.#stream.destroy();
    this.#end();
  }

  #takeMessageId(): number {
    const taken = this.#nextMessageId;
    this.#nextMessageId = taken === 0xffff ? 1 : taken + 1;
    return taken;
  }

  #send(packet: mqtt.Packet): void {
    if (this.#state !== "closed" && this.#stream.writable) this.#stream.write(mqtt.generate(packet));
  }

  #end(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearTimeout(this.#timer);
    this.#handler.closed(this.#graceful);
  }

  #receive(packet: mqtt.Packet): void {
    if (this.#state === "closed") return;
    if (this.#state === "new") {
      if (packet.cmd === "connect") this.#connect(packet);
      else this.close();
      return;
    }
    switch (packet.cmd) {
      case "publish":
        this.#publish(packet);
        break;
      case "puback":
        this.#handler.acknowledged(packet.messageId ?? 0);
        break;
      case "subscribe":
        this.#send({
          cmd: "suback",
          messageId: packet.messageId ?? 0,
          granted: [...this.#handler.subscribe(packet)],
        });
        this.#handler.subscribed();
        break;
      case "unsubscribe":
        this.#handler.unsubscribe(packet.unsubscriptions);
        this.#send({ cmd: "unsuback", messageId: packet.messageId ?? 0 } as mqtt.IUnsubackPacket);
        break;
      case "pingreq":
        this.#send({ cmd: "pingresp" });
        break;
      case "disconnect":
        this.#graceful = true;
        this.#stream.end();
        this.#end();
        break;
      default:
        // A second CONNECT and the packets of quality of service 2, which the service does not offer.
        this.close();
    }
  }

  #connect(packet: mqtt.IConnectPacket): void {
    clearTimeout(this.#timer);
    const { returnCode, sessionPresent = false } = this.#handler.connect(packet);
    if (returnCode !== connectReturnCodes.accepted) {
      this.#stream.end(mqtt.generate({ cmd: "connack", returnCode, sessionPresent: false }));
      this.#end();
      return;
    }
    this.#state = "open";
    this.#keepAliveMs = (packet.keepalive ?? 0) * 1500;
    if (this.#keepAliveMs > 0) this.#timer = setTimeout(() => this.close(), this.#keepAliveMs);
    this.#send({ cmd: "connack", returnCode, sessionPresent });
    this.#handler.subscribed();
  }

  #publish(packet: mqtt.IPublishPacket): void {
    if (packet.qos === 2) {
      this.close();
      return;
    }
    const work = this.#handler.publish(packet);
    if (packet.qos === 0) return;
    const entry = { messageId: packet.messageId ?? 0, ready: work === undefined };
    this.#acknowledgements.push(entry);
    if (work === undefined) {
      this.#acknowledge();
      return;
    }
    this.#inFlight += 1;
    if (this.#inFlight === inFlightLimit) this.#stream.pause();
    work.then(
      () => {
        entry.ready = true;
        if (this.#inFlight === inFlightLimit) this.#stream.resume();
        this.#inFlight -= 1;
        this.#acknowledge();
      },
      () => this.close(),
    );
  }

  #acknowledge(): void {
    let done = 0;
    while (this.#acknowledgements[done]?.ready) {
      this.#send({ cmd: "puback", messageId: this.#acknowledgements[done]!.messageId });
      done += 1;
    }
    if (done > 0) this.#acknowledgements.splice(0, done);
  }
}
