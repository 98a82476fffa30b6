import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { AsaToolError } from "../errors";
import type { Compression } from "./serialization";

/**
 * Returns the data as it was before compression. Data that is named as plain but begins with the GZip mark is
 * unpacked too when its file name ends in .gz.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID when the bytes are not compressed in that way
 */
export function decompress(bytes: Uint8Array, compression: Compression, file: string): Uint8Array {
  const gzipped = compression === "gzip" || (compression === "none" && /\.gz(ip)?$/i.test(file));
  if (compression === "none" && !gzipped) return bytes;
  try {
    return gzipped ? gunzipSync(bytes) : inflate(bytes);
  } catch (cause) {
    throw new AsaToolError("ASA_FORMAT_INVALID", `file is not ${gzipped ? "GZip" : "Deflate"} data`, {
      place: { file },
      detail: `The unpacker says: ${(cause as Error).message}.`,
      hint: "Correct CompressionType in the input's definition.",
      cause,
    });
  }
}

/** Deflate occurs with and without the zlib header. */
function inflate(bytes: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(bytes);
  } catch {
    return inflateSync(bytes);
  }
}
