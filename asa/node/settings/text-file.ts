import { readFileSync } from "node:fs";
import { AsaToolError } from "../errors";

/** Reads a text file, without its byte order mark; UTF-16 with a mark is accepted. */
export function readTextFile(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw fileError(file, cause);
  }
  const text = decodeText(bytes, file);
  // Every second byte of Latin text in UTF-16 is zero.
  if (text.includes("\u0000")) throw notText(file, "utf-8");
  return text;
}

/** The encoding that a byte order mark names; UTF-8 without one. */
export const encodingOf = (bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" =>
  bytes[0] === 0xff && bytes[1] === 0xfe
    ? "utf-16le"
    : bytes[0] === 0xfe && bytes[1] === 0xff
      ? "utf-16be"
      : "utf-8";

/** Decodes UTF-8 text, or UTF-16 when a byte order mark says so. @throws {AsaToolError} ASA_FILE_UNREADABLE */
export function decodeText(bytes: Uint8Array, file: string): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw notText(file, encoding, cause);
  }
}

/** The error of a file whose bytes are no text of the encoding. */
export function notText(file: string, encoding: string, cause?: unknown): AsaToolError {
  return new AsaToolError("ASA_FILE_UNREADABLE", `file is not ${encoding.toUpperCase()} text`, {
    place: { file },
    hint: "Save the file as UTF-8.",
    cause,
  });
}

export function fileError(file: string, cause: unknown): AsaToolError {
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  return new AsaToolError(
    missing ? "ASA_FILE_NOT_FOUND" : "ASA_FILE_UNREADABLE",
    missing ? `file "${file}" does not exist` : `file "${file}" cannot be read: ${(cause as Error).message}`,
    { place: { file }, hint: "Check the path and its letter case.", cause },
  );
}
