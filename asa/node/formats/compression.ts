import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { AsaToolError } from "../errors";
import type { Compression } from "./serialization";

/** The compression of a data file: what its definition names, or GZip when it names none and the file name ends in .gz. */
export const compressionOf = (compression: Compression, file: string): Compression =>
  compression === "none" && /\.gz(ip)?$/i.test(file) ? "gzip" : compression;

/**
 * Returns the data as it was before compression.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID when the bytes are not compressed in that way
 */
export async function* decompressed(
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression,
  file: string,
): AsyncGenerator<Uint8Array> {
  if (compression === "none") {
    yield* chunks;
    return;
  }
  const { first, all } = await peeked(chunks);
  const unpacker = compression === "gzip" ? createGunzip() : inflate(first);
  const source = Readable.from(all, { objectMode: true });
  // The error of the source or the unpacker comes out of the loop.
  pipeline(source, unpacker, () => {});
  try {
    yield* unpacker as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (cause instanceof AsaToolError) throw cause;
    throw new AsaToolError(
      "ASA_FORMAT_INVALID",
      `file is not ${compression === "gzip" ? "GZip" : "Deflate"} data`,
      {
        place: { file },
        detail: `The unpacker says: ${(cause as Error).message}.`,
        hint: "Correct CompressionType in the input's definition.",
        cause,
      },
    );
  }
}

/** Deflate occurs with and without the zlib header. */
function inflate(first: Uint8Array): Transform {
  const [method = 0, flags = 0] = first;
  return (method & 15) === 8 && (method * 256 + flags) % 31 === 0 ? createInflate() : createInflateRaw();
}

async function peeked(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  const begin = await iterator.next();
  const first: Uint8Array = begin.done === true ? new Uint8Array() : begin.value;
  async function* all(): AsyncGenerator<Uint8Array> {
    if (begin.done === true) return;
    yield first;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  }
  return { first, all: all() };
}
