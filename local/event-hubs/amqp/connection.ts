import type { Socket } from "node:net";
import { EventHubsError } from "../errors";
import { uint, ushort } from "./encode";
import { errorField, numberAt, textAt } from "./fields";
import {
  codes,
  encodeFrame,
  type Frame,
  FrameCutter,
  frameTypeAmqp,
  frameTypeSasl,
  type Performative,
  readPerformative,
} from "./frames";
import type { IncomingLink } from "./link";
import type { OutgoingLink } from "./outgoing-link";
import { amqpHeader, mechanismsFrame, outcomeFrame, readSaslInit, type SaslChoice, saslHeader } from "./sasl";
import { Session } from "./session";
import { Transport } from "./transport";

/** Frames that the server takes: a whole message of the largest size fits in one. */
const maxFrameBytes = 1_310_720;
const maxChannels = 1024;
/** A peer must say something within this time; the service's own figure. */
const idleTimeoutMs = 240_000;
const handshakeTimeoutMs = 30_000;

/** What the broker decides for a connection. */
export interface ConnectionBroker {
  readonly containerId: string;
  /** Returns false when the user name or password is wrong. */
  authenticate(connection: Connection, choice: SaslChoice): boolean;
  /** Opens the link or throws the reason why not. */
  attach(connection: Connection, link: IncomingLink | OutgoingLink): void;
  log(level: "error" | "warn" | "info", text: string, fields?: Readonly<Record<string, unknown>>): void;
}

type Phase = "header" | "sasl" | "amqp-header" | "open" | "running" | "closed";

/** One client's connection: protocol headers, SASL, open, sessions by channel, and the end. */
export class Connection {
  readonly transport: Transport;
  readonly #socket: Socket;
  readonly #broker: ConnectionBroker;
  readonly #sessions = new Map<number, Session>();
  readonly #cutter = new FrameCutter(maxFrameBytes);
  readonly #onClosed: (() => void)[] = [];
  #phase: Phase = "header";
  #authenticated = false;
  #head: Buffer = Buffer.alloc(0);
  #peerMaxFrameBytes = 512;
  /** The host name that the client used, for texts. */
  hostName = "localhost";

  constructor(socket: Socket, broker: ConnectionBroker) {
    this.#socket = socket;
    this.#broker = broker;
    this.transport = new Transport(socket);
    this.transport.onWritable(() => this.#resumeLinks());
    socket.setNoDelay(true);
    socket.setTimeout(handshakeTimeoutMs, () => this.transport.destroy());
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#released());
  }

  get links(): (IncomingLink | OutgoingLink)[] {
    return [...this.#sessions.values()].flatMap((session) => [...session.links]);
  }

  onClosed(callback: () => void): void {
    this.#onClosed.push(callback);
  }

  /** Stops reading until `resume`, so that a peer does not outrun the disk. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Says goodbye, with the reason when there is one, and ends the connection. */
  close(error?: EventHubsError): void {
    if (this.#phase === "closed") return;
    if (this.#phase === "running" || this.#phase === "open") {
      this.#send(0, codes.close, [error === undefined ? null : errorField(error)]);
    }
    this.#phase = "closed";
    this.transport.end();
    // A peer that does not close its side must not keep the server from stopping.
    const timer = setTimeout(() => this.transport.destroy(), 1000);
    timer.unref();
    this.#socket.once("close", () => clearTimeout(timer));
    this.#released();
  }

  #released(): void {
    this.#phase = "closed";
    this.transport.flush();
    for (const session of this.#sessions.values()) session.release();
    this.#sessions.clear();
    for (const callback of this.#onClosed.splice(0)) callback();
    if (this.#socket.destroyed) this.transport.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      let rest = chunk;
      while (this.#phase === "header" || this.#phase === "amqp-header") {
        this.#head = Buffer.concat([this.#head, rest]);
        if (this.#head.length < 8) return;
        const header = this.#head.subarray(0, 8);
        rest = this.#head.subarray(8);
        this.#head = Buffer.alloc(0);
        if (!this.#takeHeader(header)) return;
        rest = this.#cut(rest);
      }
      if (rest.length > 0) this.#cut(rest);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Cuts frames; after the last SASL frame it returns the bytes that are a protocol header again. */
  #cut(chunk: Buffer): Buffer {
    if (this.#phase === "closed") return Buffer.alloc(0);
    this.#cutter.push(chunk, (frame) => this.#takeFrame(frame));
    return this.#phase === "amqp-header" ? this.#cutter.rest() : Buffer.alloc(0);
  }

  #takeHeader(header: Buffer): boolean {
    if (header.equals(saslHeader) && this.#phase === "header") {
      this.#phase = "sasl";
      this.transport.write(saslHeader);
      this.transport.write(mechanismsFrame());
      return true;
    }
    if (header.equals(amqpHeader)) {
      this.#phase = "open";
      this.transport.write(amqpHeader);
      return true;
    }
    // The protocol's answer to a header that is not understood: the one that would be, and the end.
    this.transport.write(saslHeader);
    this.#phase = "closed";
    this.transport.end();
    return false;
  }

  #takeFrame(frame: Frame): boolean {
    if (this.#phase === "sasl") this.#sasl(frame);
    else if (frame.type !== frameTypeAmqp) {
      throw new EventHubsError(
        "amqp:connection:framing-error",
        `a frame of type ${frame.type} is not allowed here`,
      );
    } else if (frame.body.length > 0) this.#amqp(frame.channel, readPerformative(frame.body));
    return this.#phase !== "closed" && this.#phase !== "amqp-header";
  }

  #sasl(frame: Frame): void {
    if (frame.type !== frameTypeSasl) {
      throw new EventHubsError("amqp:connection:framing-error", "a SASL frame was expected");
    }
    const choice = readSaslInit(readPerformative(frame.body));
    if (this.#broker.authenticate(this, choice)) {
      this.#authenticated = true;
      this.#phase = "amqp-header";
      this.transport.write(outcomeFrame(0));
    } else {
      this.#phase = "closed";
      this.transport.write(outcomeFrame(1));
      this.transport.end();
    }
  }

  #amqp(channel: number, performative: Performative): void {
    const { code, fields } = performative;
    if (this.#phase === "open") {
      if (code !== codes.open) throw new EventHubsError("amqp:not-allowed", "the first frame must be open");
      this.#open(fields);
      return;
    }
    switch (code) {
      case codes.begin:
        this.#begin(channel, fields);
        break;
      case codes.end:
        this.#end(channel);
        break;
      case codes.close:
        this.#send(0, codes.close, []);
        this.#phase = "closed";
        this.transport.end();
        this.#released();
        break;
      default:
        this.#toSession(channel, performative);
    }
  }

  #open(fields: Performative["fields"]): void {
    if (!this.#authenticated) this.#broker.authenticate(this, { mechanism: "ANONYMOUS" });
    this.hostName = textAt(fields, 1) ?? this.hostName;
    this.#peerMaxFrameBytes = Math.max(512, numberAt(fields, 2, 0xffff_ffff));
    const peerIdleMs = numberAt(fields, 4, 0);
    this.#phase = "running";
    this.#socket.setTimeout(idleTimeoutMs * 1.5);
    this.#send(0, codes.open, [
      this.#broker.containerId,
      null,
      uint(maxFrameBytes),
      ushort(maxChannels - 1),
      uint(idleTimeoutMs),
    ]);
    if (peerIdleMs > 0) this.transport.startHeartbeat(peerIdleMs);
  }

  #begin(channel: number, fields: Performative["fields"]): void {
    if (this.#sessions.has(channel) || channel >= maxChannels) {
      throw new EventHubsError("amqp:not-allowed", `channel ${channel} is not free`);
    }
    const host = {
      peerMaxFrameBytes: this.#peerMaxFrameBytes,
      write: (bytes: Buffer) => this.transport.write(bytes),
      attach: (link: IncomingLink | OutgoingLink) => this.#broker.attach(this, link),
    };
    this.#sessions.set(channel, new Session(host, channel, fields));
  }

  #end(channel: number): void {
    const session = this.#sessions.get(channel);
    if (session === undefined) return;
    this.#sessions.delete(channel);
    session.release();
    this.#send(channel, codes.end, []);
  }

  #toSession(channel: number, performative: Performative): void {
    const session = this.#sessions.get(channel);
    if (session === undefined) {
      throw new EventHubsError("amqp:not-allowed", `channel ${channel} has no session`);
    }
    session.receive(performative);
  }

  #send(channel: number, code: number, fields: Parameters<typeof encodeFrame>[3]): void {
    this.transport.write(encodeFrame(frameTypeAmqp, channel, code, fields));
  }

  #fail(error: unknown): void {
    const known = EventHubsError.from(error);
    if (known.code === "amqp:internal-error") {
      this.#broker.log("error", "connection failed", {
        error: known.message,
        stack: (error as Error)?.stack,
      });
    }
    if (this.#phase === "running" || this.#phase === "open") this.close(known);
    else this.transport.destroy();
  }

  #resumeLinks(): void {
    for (const session of this.#sessions.values()) {
      for (const link of session.links) if ("resume" in link) link.resume();
    }
  }
}
