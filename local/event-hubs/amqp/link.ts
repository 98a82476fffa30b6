import { EventHubsError } from "../errors";
import type { AmqpValue } from "./decode";
import { described, type Encodable, list, map, symbol, symbols, ubyte, uint, ulong } from "./encode";
import { booleanAt, describedAt, errorField, mapAt, numberAt, symbolsAt, textAt } from "./fields";
import { codes } from "./frames";
import type { Session } from "./session";

/** What a peer's attach asks for. */
export interface AttachRequest {
  readonly name: string;
  readonly handle: number;
  /** The peer's role: "sender" sends to us. */
  readonly role: "sender" | "receiver";
  readonly sendSettleMode: number;
  readonly sourceAddress: string | undefined;
  readonly targetAddress: string | undefined;
  /** Filters of the source by their key: descriptor's value. */
  readonly filters: ReadonlyMap<string, AmqpValue>;
  readonly initialDeliveryCount: number;
  readonly properties: ReadonlyMap<string, AmqpValue>;
  readonly desiredCapabilities: readonly string[];
  /** Echoed in the answer. */
  readonly source: AmqpValue;
  readonly target: AmqpValue;
}

export function readAttach(fields: readonly AmqpValue[]): AttachRequest {
  const source = describedAt(fields, 5, codes.source);
  const target = describedAt(fields, 6, codes.target);
  return {
    name: textAt(fields, 0) ?? "",
    handle: numberAt(fields, 1, 0),
    role: booleanAt(fields, 2) ? "receiver" : "sender",
    sendSettleMode: numberAt(fields, 3, 2),
    source: fields[5] ?? null,
    target: fields[6] ?? null,
    sourceAddress: source === undefined ? undefined : textAt(source, 0),
    targetAddress: target === undefined ? undefined : textAt(target, 0),
    filters: source === undefined ? new Map() : mapAt(source, 7),
    initialDeliveryCount: numberAt(fields, 9, 0),
    properties: mapAt(fields, 13),
    desiredCapabilities: symbolsAt(fields, 12),
  };
}

/** What the answer to an attach carries beyond the echo. */
export interface AttachAnswer {
  readonly maxMessageBytes?: number;
  readonly properties?: readonly (readonly [string, Encodable])[];
  readonly offeredCapabilities?: readonly string[];
}

/** One link of a session, seen from the server. */
export abstract class Link {
  readonly session: Session;
  readonly request: AttachRequest;
  #closed = false;
  #onClosed: (() => void)[] = [];

  constructor(session: Session, request: AttachRequest) {
    this.session = session;
    this.request = request;
  }

  get closed(): boolean {
    return this.#closed;
  }

  onClosed(callback: () => void): void {
    this.#onClosed.push(callback);
  }

  /** Forgets the link, without a word to the peer. */
  release(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.session.forget(this);
    for (const callback of this.#onClosed) callback();
  }

  /** Closes the link with an error. */
  detach(error?: EventHubsError): void {
    if (this.#closed) return;
    this.session.send(codes.detach, [
      uint(this.request.handle),
      true,
      error === undefined ? null : errorField(error),
    ]);
    this.session.expectDetach(this.request.handle);
    this.release();
  }

  protected sendAttach(answer: AttachAnswer, accepted: boolean): void {
    const { request } = this;
    const weReceive = request.role === "sender";
    this.session.send(codes.attach, [
      request.name,
      uint(request.handle),
      weReceive,
      ubyte(weReceive ? request.sendSettleMode : request.sendSettleMode === 0 ? 0 : 1),
      ubyte(0),
      accepted ? sourceField(request) : null,
      accepted ? targetField(request) : null,
      null,
      null,
      weReceive ? null : uint(0),
      answer.maxMessageBytes === undefined ? null : ulong(answer.maxMessageBytes),
      answer.offeredCapabilities === undefined ? null : symbols(answer.offeredCapabilities),
      null,
      answer.properties === undefined
        ? null
        : map(answer.properties.map(([key, value]) => [symbol(key), value] as const)),
    ]);
  }
}

function sourceField(request: AttachRequest): Encodable {
  return described(codes.source, list([request.sourceAddress ?? null]));
}

function targetField(request: AttachRequest): Encodable {
  return described(codes.target, list([request.targetAddress ?? null]));
}

/** Refuses an attach the way the protocol wants it: answered without ends, then closed with the reason. */
export class RefusedLink extends Link {
  refuse(error: EventHubsError): void {
    this.sendAttach({}, false);
    this.detach(error);
  }
}

/** A message that a peer sent, put together from its transfers. */
export interface IncomingMessage {
  readonly payload: Buffer;
  readonly messageFormat: number;
  /** Tells the peer the outcome, once; without an error the message is accepted. */
  settle(error?: EventHubsError): void;
}

interface PartialDelivery {
  readonly deliveryId: number;
  readonly messageFormat: number;
  readonly chunks: Buffer[];
  bytes: number;
  settled: boolean;
}

/** A link on which the peer sends. */
export class IncomingLink extends Link {
  #maxMessageBytes = 0;
  #creditWindow = 0;
  #credit = 0;
  #deliveryCount = 0;
  #unanswered = 0;
  #partial: PartialDelivery | undefined;
  #onMessage: (message: IncomingMessage) => void = () => {};

  /** Accepts the attach and grants credit at once: clients wait for it before their first message. */
  open(
    options: AttachAnswer & { readonly maxMessageBytes: number; readonly credit: number },
    onMessage: (message: IncomingMessage) => void,
  ): void {
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#creditWindow = options.credit;
    this.#deliveryCount = this.request.initialDeliveryCount;
    this.#onMessage = onMessage;
    this.sendAttach(options, true);
    this.#grant();
  }

  onFlow(echo: boolean): void {
    if (echo) this.#grant();
  }

  onTransfer(fields: readonly AmqpValue[], payload: Buffer): void {
    const more = booleanAt(fields, 5);
    let partial = this.#partial;
    if (partial === undefined) {
      if (this.#credit <= 0) {
        this.detach(new EventHubsError("amqp:link:transfer-limit-exceeded", "a message came without credit"));
        return;
      }
      partial = {
        deliveryId: numberAt(fields, 1, 0),
        messageFormat: numberAt(fields, 3, 0),
        chunks: [],
        bytes: 0,
        settled: false,
      };
      this.#partial = partial;
    }
    partial.settled ||= booleanAt(fields, 4);
    partial.bytes += payload.length;
    if (partial.bytes <= this.#maxMessageBytes) partial.chunks.push(payload);
    else partial.chunks.length = 0;
    if (booleanAt(fields, 9)) {
      this.#partial = undefined;
      this.#countDelivery();
      return;
    }
    if (more) return;
    this.#partial = undefined;
    this.#countDelivery();
    this.#deliver(partial);
  }

  #deliver(partial: PartialDelivery): void {
    this.#unanswered++;
    let open = true;
    const settle = (error?: EventHubsError) => {
      if (!open) return;
      open = false;
      this.#unanswered--;
      if (this.closed) return;
      if (!partial.settled) this.session.sendOutcome(partial.deliveryId, error);
      if (this.#credit < this.#creditWindow / 2) this.#grant();
    };
    if (partial.bytes > this.#maxMessageBytes) {
      settle(
        new EventHubsError(
          "amqp:link:message-size-exceeded",
          `The received message (delivery-id:${partial.deliveryId}, size:${partial.bytes} bytes) exceeds the limit (${this.#maxMessageBytes} bytes) currently allowed on the link.`,
        ),
      );
      return;
    }
    const payload =
      partial.chunks.length === 1
        ? (partial.chunks[0] as Buffer)
        : Buffer.concat(partial.chunks, partial.bytes);
    this.#onMessage({ payload, messageFormat: partial.messageFormat, settle });
  }

  #countDelivery(): void {
    this.#credit--;
    this.#deliveryCount = (this.#deliveryCount + 1) >>> 0;
  }

  /** Fills the credit up, less what is still being answered, so that a slow disk slows the sender. */
  #grant(): void {
    this.#credit = Math.max(this.#credit, this.#creditWindow - this.#unanswered);
    this.session.sendFlow({
      handle: this.request.handle,
      deliveryCount: this.#deliveryCount,
      credit: this.#credit,
    });
  }
}
