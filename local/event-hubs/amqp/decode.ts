import { EventHubsError } from "../errors";

/** A value with a descriptor, such as a performative, a filter or a delivery state. */
export class Described {
  readonly descriptor: AmqpValue;
  readonly value: AmqpValue;

  constructor(descriptor: AmqpValue, value: AmqpValue) {
    this.descriptor = descriptor;
    this.value = value;
  }
}

/**
 * A decoded AMQP value. Symbols, strings, chars and UUIDs are strings; 64-bit integers are numbers when they are exact
 * and bigints otherwise; timestamps are Dates; binary and decimals are views of the input.
 */
export type AmqpValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Buffer
  | readonly AmqpValue[]
  | ReadonlyMap<AmqpValue, AmqpValue>
  | Described;

const maxDepth = 32;
/** Elements without bytes of their own (null, true, empty list) cost memory but no input; no sane array has more. */
const maxEmptyElements = 1024;

function malformed(what: string): EventHubsError {
  return new EventHubsError("amqp:decode-error", `malformed AMQP data: ${what}`);
}

/** Reads AMQP 1.0 values (OASIS AMQP 1.0 part 1) from a buffer; never reads past `end`, never trusts a count. */
export class AmqpReader {
  readonly buffer: Buffer;
  readonly end: number;
  position: number;

  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer;
    this.position = position;
    this.end = end;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  /** @throws {EventHubsError} amqp:decode-error when the bytes are no value. */
  read(depth = 0): AmqpValue {
    if (depth > maxDepth) throw malformed("nested too deep");
    const code = this.#byte();
    if (code !== 0) return this.#primitive(code, depth);
    const descriptor = this.read(depth + 1);
    return new Described(descriptor, this.read(depth + 1));
  }

  /** Moves behind the next value without making it. */
  skip(depth = 0): void {
    if (depth > maxDepth) throw malformed("nested too deep");
    const code = this.#byte();
    if (code === 0) {
      this.skip(depth + 1);
      this.skip(depth + 1);
      return;
    }
    switch (code >> 4) {
      case 0x4:
        return;
      case 0x5:
        this.#take(1);
        return;
      case 0x6:
        this.#take(2);
        return;
      case 0x7:
        this.#take(4);
        return;
      case 0x8:
        this.#take(8);
        return;
      case 0x9:
        this.#take(16);
        return;
      case 0xa:
      case 0xc:
      case 0xe:
        this.#take(this.#byte());
        return;
      case 0xb:
      case 0xd:
      case 0xf:
        this.#take(this.#uint32());
        return;
      default:
        throw malformed(`unknown type 0x${code.toString(16)}`);
    }
  }

  #take(length: number): number {
    const start = this.position;
    if (length > this.end - start) throw malformed("a value ends behind its frame");
    this.position = start + length;
    return start;
  }

  #byte(): number {
    return this.buffer[this.#take(1)] as number;
  }

  #uint32(): number {
    return this.buffer.readUInt32BE(this.#take(4));
  }

  #primitive(code: number, depth: number): AmqpValue {
    const { buffer } = this;
    switch (code) {
      case 0x40:
        return null;
      case 0x41:
        return true;
      case 0x42:
        return false;
      case 0x43:
      case 0x44:
        return 0;
      case 0x45:
        return [];
      case 0x50:
      case 0x52:
      case 0x53:
        return this.#byte();
      case 0x51:
      case 0x54:
      case 0x55:
        return buffer.readInt8(this.#take(1));
      case 0x56:
        return this.#byte() !== 0;
      case 0x60:
        return buffer.readUInt16BE(this.#take(2));
      case 0x61:
        return buffer.readInt16BE(this.#take(2));
      case 0x70:
        return this.#uint32();
      case 0x71:
        return buffer.readInt32BE(this.#take(4));
      case 0x72:
        return buffer.readFloatBE(this.#take(4));
      case 0x73:
        return this.#char();
      case 0x80:
        return exact(buffer.readBigUInt64BE(this.#take(8)));
      case 0x81:
        return exact(buffer.readBigInt64BE(this.#take(8)));
      case 0x82:
        return buffer.readDoubleBE(this.#take(8));
      case 0x83:
        return new Date(Number(buffer.readBigInt64BE(this.#take(8))));
      case 0x74:
        return this.#slice(4);
      case 0x84:
        return this.#slice(8);
      case 0x94:
        return this.#slice(16);
      case 0x98:
        return this.#uuid();
      case 0xa0:
        return this.#slice(this.#byte());
      case 0xb0:
        return this.#slice(this.#uint32());
      case 0xa1:
        return this.#text(this.#byte(), "utf8");
      case 0xb1:
        return this.#text(this.#uint32(), "utf8");
      case 0xa3:
        return this.#text(this.#byte(), "latin1");
      case 0xb3:
        return this.#text(this.#uint32(), "latin1");
      case 0xc0:
        return this.#list(this.#byte(), 1, depth);
      case 0xd0:
        return this.#list(this.#uint32(), 4, depth);
      case 0xc1:
        return this.#map(this.#byte(), 1, depth);
      case 0xd1:
        return this.#map(this.#uint32(), 4, depth);
      case 0xe0:
        return this.#array(this.#byte(), 1, depth);
      case 0xf0:
        return this.#array(this.#uint32(), 4, depth);
      default:
        throw malformed(`unknown type 0x${code.toString(16)}`);
    }
  }

  #slice(length: number): Buffer {
    const start = this.#take(length);
    return this.buffer.subarray(start, start + length);
  }

  #text(length: number, encoding: "utf8" | "latin1"): string {
    const start = this.#take(length);
    return encoding === "utf8"
      ? this.buffer.toString("utf8", start, start + length)
      : this.buffer.toString("latin1", start, start + length);
  }

  #char(): string {
    const point = this.#uint32();
    if (point > 0x10ffff) throw malformed("a char beyond Unicode");
    return String.fromCodePoint(point);
  }

  #uuid(): string {
    const hex = this.#slice(16).toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** Enters a compound: returns a reader of its elements and their count. */
  #compound(size: number, width: 1 | 4): { readonly inner: AmqpReader; readonly count: number } {
    if (size < width) throw malformed("a compound without its count");
    const start = this.#take(size);
    const inner = new AmqpReader(this.buffer, start, start + size);
    return { inner, count: width === 1 ? inner.#byte() : inner.#uint32() };
  }

  #list(size: number, width: 1 | 4, depth: number): AmqpValue[] {
    const { inner, count } = this.#compound(size, width);
    if (count > inner.end - inner.position) throw malformed("a list longer than its bytes");
    const values: AmqpValue[] = [];
    for (let i = 0; i < count; i++) values.push(inner.read(depth + 1));
    return values;
  }

  #map(size: number, width: 1 | 4, depth: number): Map<AmqpValue, AmqpValue> {
    const { inner, count } = this.#compound(size, width);
    if (count % 2 !== 0) throw malformed("a map with a key but no value");
    if (count > inner.end - inner.position) throw malformed("a map longer than its bytes");
    const values = new Map<AmqpValue, AmqpValue>();
    for (let i = 0; i < count; i += 2) {
      const key = inner.read(depth + 1);
      values.set(key, inner.read(depth + 1));
    }
    return values;
  }

  #array(size: number, width: 1 | 4, depth: number): AmqpValue[] {
    const { inner, count } = this.#compound(size, width);
    if (count === 0) return [];
    const code = inner.#byte();
    const descriptor = code === 0 ? inner.read(depth + 1) : undefined;
    const elementCode = code === 0 ? inner.#byte() : code;
    const empty = elementCode >> 4 === 0x4;
    if (count > (empty ? maxEmptyElements : inner.end - inner.position)) {
      throw malformed("an array longer than its bytes");
    }
    if (elementCode === 0) throw malformed("an array of described descriptors");
    const values: AmqpValue[] = [];
    for (let i = 0; i < count; i++) {
      const value = inner.#primitive(elementCode, depth + 1);
      values.push(descriptor === undefined ? value : new Described(descriptor, value));
    }
    return values;
  }
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Decodes one value that fills the buffer's start. */
export function decodeValue(buffer: Buffer): AmqpValue {
  return new AmqpReader(buffer).read();
}
