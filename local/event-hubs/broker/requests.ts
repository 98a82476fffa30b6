import {
  type AmqpValue,
  AmqpWriter,
  codes,
  described,
  type Encodable,
  list,
  map,
  type OutgoingLink,
  ulong,
} from "../amqp";
import { decodeMessage } from "../message";

/** A request of `$cbs` or `$management`. */
export interface Request {
  readonly operation: string;
  readonly replyTo: string | undefined;
  readonly messageId: AmqpValue;
  readonly correlationId: AmqpValue;
  readonly properties: ReadonlyMap<string, AmqpValue>;
  readonly payload: Buffer;
}

export function readRequest(payload: Buffer): Request {
  const { applicationProperties, properties } = decodeMessage(payload, 0, payload.length);
  const replyTo = properties[4];
  const operation = applicationProperties.get("operation");
  return {
    operation: typeof operation === "string" ? operation : "",
    replyTo: typeof replyTo === "string" ? replyTo : undefined,
    messageId: properties[0] ?? null,
    correlationId: properties[5] ?? null,
    properties: applicationProperties,
    payload,
  };
}

/** An answer: application properties and, when there is one, a body. */
export interface Answer {
  readonly properties: readonly (readonly [string, Encodable])[];
  readonly body?: Encodable;
}

function idField(id: AmqpValue): Encodable {
  if (typeof id === "string" || Buffer.isBuffer(id)) return id;
  return typeof id === "number" || typeof id === "bigint" ? ulong(id) : null;
}

export function encodeAnswer(request: Request, answer: Answer): Buffer {
  const correlation = request.correlationId ?? request.messageId;
  return new AmqpWriter()
    .write(described(codes.properties, list([null, null, null, null, null, idField(correlation)])))
    .write(described(codes.applicationProperties, map(answer.properties)))
    .write(described(codes.value, answer.body ?? null))
    .bytes();
}

/** The reply links of one connection, by every name that a request can call them. */
export class ReplyLinks {
  readonly #links = new Map<string, OutgoingLink>();
  readonly #waiting = new Map<OutgoingLink, Buffer[]>();

  add(link: OutgoingLink): void {
    const names = [link.request.name, link.request.targetAddress].filter((name) => name !== undefined);
    for (const name of names) this.#links.set(name, link);
    this.#waiting.set(link, []);
    link.onClosed(() => {
      for (const name of names) if (this.#links.get(name) === link) this.#links.delete(name);
      this.#waiting.delete(link);
    });
  }

  /** Sends the answer, or holds it until the link has credit; false when nobody waits for it. */
  answer(request: Request, answer: Answer): boolean {
    const link = request.replyTo === undefined ? undefined : this.#links.get(request.replyTo);
    if (link === undefined) return false;
    this.#waiting.get(link)?.push(encodeAnswer(request, answer));
    this.flush(link);
    return true;
  }

  flush(link: OutgoingLink): void {
    const waiting = this.#waiting.get(link);
    while (waiting !== undefined && waiting.length > 0 && link.capacity > 0) {
      link.sendMessage(waiting.shift() as Buffer);
    }
    link.endDrain();
  }
}
