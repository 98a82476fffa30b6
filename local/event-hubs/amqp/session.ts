import { EventHubsError } from "../errors";
import type { AmqpValue } from "./decode";
import { described, type Encodable, list, uint } from "./encode";
import { booleanAt, errorField, numberAt, requiredNumberAt } from "./fields";
import { codes, encodeFrame, frameTypeAmqp, type Performative } from "./frames";
import { IncomingLink, type Link, RefusedLink, readAttach } from "./link";
import { OutgoingLink } from "./outgoing-link";

/** Transfers that a peer may send before it hears of more. */
const incomingWindow = 4096;
const maxLinks = 4096;

/** What a session needs from its connection. */
export interface SessionHost {
  readonly peerMaxFrameBytes: number;
  write(bytes: Buffer): void;
  /** Opens the link or throws the reason why not. */
  attach(link: IncomingLink | OutgoingLink): void;
}

export interface FlowState {
  readonly handle: number;
  readonly deliveryCount: number;
  readonly credit: number;
  readonly drain?: boolean;
}

/** One session: numbers transfers, keeps both windows, and routes frames to its links. */
export class Session {
  readonly channel: number;
  readonly #host: SessionHost;
  readonly #links = new Map<number, IncomingLink | OutgoingLink>();
  /** Handles that the server closed and whose detach the peer has not answered yet. */
  readonly #leaving = new Set<number>();
  #nextIncomingId: number;
  #incomingLeft = incomingWindow;
  #nextOutgoingId = 0;
  #outgoingLeft: number;
  #deliveryId = 0;

  constructor(host: SessionHost, channel: number, begin: readonly AmqpValue[]) {
    this.#host = host;
    this.channel = channel;
    this.#nextIncomingId = requiredNumberAt(begin, 1);
    this.#outgoingLeft = requiredNumberAt(begin, 2);
    this.send(codes.begin, [
      uintShort(channel),
      uint(0),
      uint(incomingWindow),
      uint(incomingWindow),
      uint(maxLinks - 1),
    ]);
  }

  /** Transfers that the peer takes before it opens its window again. */
  get outgoingWindow(): number {
    return this.#outgoingLeft;
  }

  get maxFrameBytes(): number {
    return this.#host.peerMaxFrameBytes;
  }

  get links(): Iterable<IncomingLink | OutgoingLink> {
    return this.#links.values();
  }

  send(code: number, fields: readonly Encodable[], payload?: Uint8Array): void {
    this.#host.write(encodeFrame(frameTypeAmqp, this.channel, code, fields, payload));
  }

  write(bytes: Buffer): void {
    this.#host.write(bytes);
  }

  nextDeliveryId(): number {
    const id = this.#deliveryId;
    this.#deliveryId = (id + 1) >>> 0;
    return id;
  }

  countTransfers(count: number): void {
    this.#outgoingLeft -= count;
    this.#nextOutgoingId = (this.#nextOutgoingId + count) >>> 0;
  }

  sendOutcome(deliveryId: number, error: EventHubsError | undefined): void {
    const state =
      error === undefined
        ? described(codes.accepted, list([]))
        : described(codes.rejected, list([errorField(error)]));
    this.send(codes.disposition, [true, uint(deliveryId), null, true, state]);
  }

  sendFlow(link?: FlowState): void {
    this.#incomingLeft = incomingWindow;
    const fields: Encodable[] = [
      uint(this.#nextIncomingId),
      uint(incomingWindow),
      uint(this.#nextOutgoingId),
      uint(incomingWindow),
    ];
    if (link !== undefined) {
      fields.push(uint(link.handle), uint(link.deliveryCount), uint(link.credit), null, link.drain ?? false);
    }
    this.send(codes.flow, fields);
  }

  forget(link: Link): void {
    if (this.#links.get(link.request.handle) === link) this.#links.delete(link.request.handle);
  }

  expectDetach(handle: number): void {
    this.#leaving.add(handle);
  }

  /** Releases every link; the peer is gone or says goodbye. */
  release(): void {
    for (const link of [...this.#links.values()]) link.release();
  }

  /** @throws {EventHubsError} when the frame breaks the protocol; the connection closes the session with it. */
  receive({ code, fields, payload }: Performative): void {
    switch (code) {
      case codes.attach:
        this.#attach(fields);
        break;
      case codes.flow:
        this.#flow(fields);
        break;
      case codes.transfer:
        this.#transfer(fields, payload);
        break;
      case codes.disposition:
        // Deliveries are not tracked: a reader's position is its own business, as in the service.
        break;
      case codes.detach:
        this.#detach(fields);
        break;
      default:
        throw new EventHubsError(
          "amqp:not-allowed",
          `a frame of kind 0x${code.toString(16)} is not allowed here`,
        );
    }
  }

  #attach(fields: readonly AmqpValue[]): void {
    const request = readAttach(fields);
    if (this.#links.has(request.handle) || request.handle >= maxLinks) {
      throw new EventHubsError("amqp:not-allowed", `handle ${request.handle} is not free`);
    }
    this.#leaving.delete(request.handle);
    const link =
      request.role === "sender" ? new IncomingLink(this, request) : new OutgoingLink(this, request);
    try {
      this.#links.set(request.handle, link);
      this.#host.attach(link);
    } catch (error) {
      link.release();
      new RefusedLink(this, request).refuse(EventHubsError.from(error));
    }
  }

  #flow(fields: readonly AmqpValue[]): void {
    // next-incoming-id is absent while the peer has not seen our begin.
    const peerNext = numberAt(fields, 0, 0);
    this.#outgoingLeft = (peerNext + requiredNumberAt(fields, 1) - this.#nextOutgoingId) | 0;
    const handle = fields[4] ?? null;
    if (handle === null) {
      for (const link of this.#links.values()) if (link instanceof OutgoingLink) link.resume();
      if (booleanAt(fields, 9)) this.sendFlow();
      return;
    }
    const link = this.#links.get(numberAt(fields, 4, 0));
    if (link instanceof OutgoingLink) link.onFlow(fields);
    else link?.onFlow(booleanAt(fields, 9));
  }

  #transfer(fields: readonly AmqpValue[], payload: Buffer): void {
    const handle = requiredNumberAt(fields, 0);
    this.#nextIncomingId = (this.#nextIncomingId + 1) >>> 0;
    if (--this.#incomingLeft < 0) {
      throw new EventHubsError("amqp:session:window-violation", "more transfers than the window allows");
    }
    const link = this.#links.get(handle);
    if (link instanceof IncomingLink) link.onTransfer(fields, payload);
    else if (!this.#leaving.has(handle)) {
      throw new EventHubsError("amqp:session:unattached-handle", `no link has handle ${handle}`);
    }
    if (this.#incomingLeft < incomingWindow / 2) this.sendFlow();
  }

  #detach(fields: readonly AmqpValue[]): void {
    const handle = requiredNumberAt(fields, 0);
    const link = this.#links.get(handle);
    if (link === undefined) {
      this.#leaving.delete(handle);
      return;
    }
    this.send(codes.detach, [uint(handle), booleanAt(fields, 1)]);
    link.release();
  }
}

function uintShort(value: number): Encodable {
  return { type: "ushort", value };
}
