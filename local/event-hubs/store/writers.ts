import { type Writer, writerKinds } from "./group";

const entryBytes = 24;
/** Writers that a partition remembers; the one that wrote longest ago is forgotten first. */
const maxWriters = 512;

/** The last group of each writer of a partition, by kind and id. */
export class WriterTable {
  readonly #last = new Map<string, Writer>();

  get(kind: Writer["kind"], id: bigint): Writer | undefined {
    return this.#last.get(`${kind}:${id}`);
  }

  /** Returns what stood there before, for `restore`. */
  set(writer: Writer): Writer | undefined {
    const key = `${writer.kind}:${writer.id}`;
    const before = this.#last.get(key);
    this.#last.delete(key);
    this.#last.set(key, writer);
    if (this.#last.size > maxWriters) this.#last.delete(this.#last.keys().next().value as string);
    return before;
  }

  /** Takes a `set` back. */
  restore(writer: Writer, before: Writer | undefined): void {
    const key = `${writer.kind}:${writer.id}`;
    if (before === undefined) this.#last.delete(key);
    else this.#last.set(key, before);
  }

  encode(): Buffer {
    const bytes = Buffer.alloc(this.#last.size * entryBytes);
    let at = 0;
    for (const writer of this.#last.values()) {
      bytes.writeUInt32BE(writerKinds.indexOf(writer.kind), at);
      bytes.writeBigInt64BE(writer.id, at + 4);
      bytes.writeInt32BE(writer.epoch, at + 12);
      bytes.writeUInt32BE(writer.sequence, at + 16);
      at += entryBytes;
    }
    return bytes;
  }

  load(bytes: Buffer): void {
    for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
      const kind = writerKinds[bytes.readUInt32BE(at)];
      if (kind === undefined) continue;
      this.set({
        kind,
        id: bytes.readBigInt64BE(at + 4),
        epoch: bytes.readInt32BE(at + 12),
        sequence: bytes.readUInt32BE(at + 16),
      });
    }
  }
}
