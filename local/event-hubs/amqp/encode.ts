/** A value with the AMQP type that it is written as. */
export interface Typed {
  readonly type:
    | "ubyte"
    | "ushort"
    | "uint"
    | "ulong"
    | "short"
    | "int"
    | "long"
    | "double"
    | "symbol"
    | "symbols"
    | "list"
    | "map"
    | "described";
  readonly value: unknown;
  /** Of a described value. */
  readonly code?: number | string;
}

/** What an encoder takes: plain strings, booleans, Dates (timestamp) and Buffers (binary) need no type of their own. */
export type Encodable = null | undefined | boolean | string | Date | Buffer | Typed;

export const ubyte = (value: number): Typed => ({ type: "ubyte", value });
export const ushort = (value: number): Typed => ({ type: "ushort", value });
export const uint = (value: number): Typed => ({ type: "uint", value });
export const ulong = (value: number | bigint): Typed => ({ type: "ulong", value });
export const short = (value: number): Typed => ({ type: "short", value });
export const int = (value: number): Typed => ({ type: "int", value });
export const long = (value: number | bigint): Typed => ({ type: "long", value });
export const double = (value: number): Typed => ({ type: "double", value });
export const symbol = (value: string): Typed => ({ type: "symbol", value });
export const symbols = (value: readonly string[]): Typed => ({ type: "symbols", value });
export const list = (value: readonly Encodable[]): Typed => ({ type: "list", value });
export const map = (value: Iterable<readonly [Encodable, Encodable]>): Typed => ({
  type: "map",
  value: [...value],
});
export const described = (code: number | string, value: Encodable): Typed => ({
  type: "described",
  value,
  code,
});

/** Writes AMQP 1.0 values into a buffer that grows. */
export class AmqpWriter {
  #buffer: Buffer;
  #length: number;

  /** Leaves `reserved` bytes free at the start, for a frame header. */
  constructor(reserved = 0, capacity = 256) {
    this.#buffer = Buffer.allocUnsafe(Math.max(capacity, reserved));
    this.#length = reserved;
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes written; later writes may not show in them. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  raw(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  write(value: Encodable): this {
    if (value === null || value === undefined) this.#byte(0x40);
    else if (typeof value === "boolean") this.#byte(value ? 0x41 : 0x42);
    else if (typeof value === "string") this.#variable(0xa1, 0xb1, Buffer.from(value, "utf8"));
    else if (value instanceof Date) this.#int64(0x83, BigInt(value.getTime()));
    else if (Buffer.isBuffer(value)) this.#variable(0xa0, 0xb0, value);
    else this.#typed(value);
    return this;
  }

  #typed({ type, value, code }: Typed): void {
    switch (type) {
      case "ubyte":
        this.#byte(0x50, value as number);
        break;
      case "ushort": {
        const at = this.#code(0x60, 2);
        this.#buffer.writeUInt16BE(value as number, at);
        break;
      }
      case "short": {
        const at = this.#code(0x61, 2);
        this.#buffer.writeInt16BE(value as number, at);
        break;
      }
      case "uint":
        this.#uint(value as number);
        break;
      case "ulong":
        this.#ulong(BigInt(value as number | bigint));
        break;
      case "int": {
        const at = this.#code(0x71, 4);
        this.#buffer.writeInt32BE(value as number, at);
        break;
      }
      case "long":
        this.#int64(0x81, BigInt(value as number | bigint));
        break;
      case "double": {
        const at = this.#code(0x82, 8);
        this.#buffer.writeDoubleBE(value as number, at);
        break;
      }
      case "symbol":
        this.#variable(0xa3, 0xb3, Buffer.from(value as string, "latin1"));
        break;
      case "symbols":
        this.#symbols(value as readonly string[]);
        break;
      case "list":
        this.#list(value as readonly Encodable[]);
        break;
      case "map":
        this.#map(value as readonly (readonly [Encodable, Encodable])[]);
        break;
      case "described":
        this.#byte(0x00);
        this.write(typeof code === "string" ? symbol(code) : ulong(code as number));
        this.write(value as Encodable);
        break;
    }
  }

  #list(values: readonly Encodable[]): void {
    let count = values.length;
    while (count > 0 && (values[count - 1] === null || values[count - 1] === undefined)) count--;
    if (count === 0) {
      this.#byte(0x45);
      return;
    }
    this.#compound(0xd0, count, () => {
      for (let i = 0; i < count; i++) this.write(values[i]);
    });
  }

  #map(pairs: readonly (readonly [Encodable, Encodable])[]): void {
    this.#compound(0xd1, pairs.length * 2, () => {
      for (const [key, value] of pairs) this.write(key).write(value);
    });
  }

  #symbols(values: readonly string[]): void {
    this.#compound(0xf0, values.length, () => {
      this.#byte(0xb3);
      for (const value of values) {
        const bytes = Buffer.from(value, "latin1");
        const at = this.#grow(4 + bytes.length);
        this.#buffer.writeUInt32BE(bytes.length, at);
        this.#buffer.set(bytes, at + 4);
      }
    });
  }

  #compound(code: number, count: number, content: () => void): void {
    const at = this.#code(code, 8);
    this.#buffer.writeUInt32BE(count, at + 4);
    content();
    this.#buffer.writeUInt32BE(this.#length - at - 4, at);
  }

  #uint(value: number): void {
    if (value === 0) this.#byte(0x43);
    else if (value < 256) this.#byte(0x52, value);
    else {
      const at = this.#code(0x70, 4);
      this.#buffer.writeUInt32BE(value, at);
    }
  }

  #ulong(value: bigint): void {
    if (value === 0n) this.#byte(0x44);
    else if (value < 256n) this.#byte(0x53, Number(value));
    else {
      const at = this.#code(0x80, 8);
      this.#buffer.writeBigUInt64BE(value, at);
    }
  }

  #int64(code: number, value: bigint): void {
    const at = this.#code(code, 8);
    this.#buffer.writeBigInt64BE(value, at);
  }

  #variable(shortCode: number, longCode: number, bytes: Uint8Array): void {
    if (bytes.length < 256) this.#byte(shortCode, bytes.length);
    else {
      const at = this.#code(longCode, 4);
      this.#buffer.writeUInt32BE(bytes.length, at);
    }
    this.raw(bytes);
  }

  #byte(first: number, second?: number): void {
    const at = this.#grow(second === undefined ? 1 : 2);
    this.#buffer[at] = first;
    if (second !== undefined) this.#buffer[at + 1] = second;
  }

  /** Writes a type code and returns where its `width` bytes belong. */
  #code(code: number, width: number): number {
    const at = this.#grow(1 + width);
    this.#buffer[at] = code;
    return at + 1;
  }

  #grow(bytes: number): number {
    const at = this.#length;
    const needed = at + bytes;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    this.#length = needed;
    return at;
  }
}

/** Encodes one value. */
export function encodeValue(value: Encodable): Buffer {
  return new AmqpWriter().write(value).bytes();
}
