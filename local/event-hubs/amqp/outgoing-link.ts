import type { AmqpValue } from "./decode";
import { uint } from "./encode";
import { booleanAt, numberAt } from "./fields";
import { codes } from "./frames";
import { type AttachAnswer, Link } from "./link";
import { patchTransfer, transferHeaderBytes, transferOverhead } from "./transfer";

/** A stretch of ready-made transfer frames, one a message. */
export interface FrameRun {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** A link on which the server sends. */
export class OutgoingLink extends Link {
  #credit = 0;
  #deliveryCount = 0;
  #drain = false;
  #onCredit: () => void = () => {};

  /** Accepts the attach; `onCredit` is called whenever the peer may take (more) messages. */
  open(answer: AttachAnswer, onCredit: () => void): void {
    this.#onCredit = onCredit;
    this.sendAttach(answer, true);
  }

  /** Messages that may go out now: credit and the session's window allow them. */
  get capacity(): number {
    return this.closed ? 0 : Math.min(this.#credit, this.session.outgoingWindow);
  }

  get credit(): number {
    return this.#credit;
  }

  onFlow(fields: readonly AmqpValue[]): void {
    // link-credit counts from the peer's delivery-count; deliveries under way are not in it yet.
    const peerCount = numberAt(fields, 5, 0);
    this.#credit = Math.max(0, (peerCount + numberAt(fields, 6, 0) - this.#deliveryCount) | 0);
    this.#drain = booleanAt(fields, 8);
    this.#onCredit();
    if (booleanAt(fields, 9)) this.#sendState();
  }

  /** Called when the session's window may have opened. */
  resume(): void {
    if (this.#credit > 0) this.#onCredit();
  }

  /** Tells a peer that drains that it has got all there is, using up what is left of the credit. */
  endDrain(): void {
    if (!this.#drain) return;
    this.#deliveryCount = (this.#deliveryCount + this.#credit) >>> 0;
    this.#credit = 0;
    this.#sendState();
    this.#drain = false;
  }

  /**
   * Sends one message, settled, in as many transfers as the peer's frame size asks for. Requests and answers use it.
   */
  sendMessage(payload: Buffer, settled = true): void {
    this.#take(1);
    const deliveryId = this.session.nextDeliveryId();
    const room = this.session.maxFrameBytes - transferOverhead;
    let at = 0;
    do {
      const chunk = payload.subarray(at, at + room);
      at += chunk.length;
      this.session.countTransfers(1);
      this.session.send(
        codes.transfer,
        [
          uint(this.request.handle),
          uint(deliveryId),
          tagOf(deliveryId),
          uint(0),
          settled,
          at < payload.length,
        ],
        chunk,
      );
    } while (at < payload.length);
  }

  /** Sends a run of stored frames as they are, with handle, delivery and settlement filled in. */
  sendRun(run: FrameRun, settled: boolean): void {
    this.#take(run.count);
    const bytes = Buffer.allocUnsafe(run.end - run.start);
    run.buffer.copy(bytes, 0, run.start, run.end);
    let at = 0;
    while (at < bytes.length) {
      const size = bytes.readUInt32BE(at);
      patchTransfer(
        bytes,
        at,
        this.session.channel,
        this.request.handle,
        this.session.nextDeliveryId(),
        settled,
      );
      at += size;
    }
    this.session.countTransfers(run.count);
    this.session.write(bytes);
  }

  /** Payloads of a run, for readers that the ready-made frames do not suit. */
  static *payloads(run: FrameRun): Generator<Buffer> {
    let at = run.start;
    while (at < run.end) {
      const size = run.buffer.readUInt32BE(at);
      yield run.buffer.subarray(at + transferHeaderBytes, at + size);
      at += size;
    }
  }

  #take(count: number): void {
    this.#credit -= count;
    this.#deliveryCount = (this.#deliveryCount + count) >>> 0;
  }

  #sendState(): void {
    this.session.sendFlow({
      handle: this.request.handle,
      deliveryCount: this.#deliveryCount,
      credit: this.#credit,
      drain: this.#drain,
    });
  }
}

function tagOf(deliveryId: number): Buffer {
  const tag = Buffer.allocUnsafe(4);
  tag.writeUInt32BE(deliveryId, 0);
  return tag;
}
