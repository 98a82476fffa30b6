import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { encodingOf, notText } from "../settings";
import { type JsonEvent, JsonSplitter } from "./json-splitter";

/** Events of a JSON file that come together: whole lines with one object each, or texts of events. */
export type JsonPiece =
  | { readonly kind: "lines"; readonly lines: Uint8Array }
  | { readonly kind: "texts"; readonly texts: readonly JsonEvent[] };

/** A first line longer than this is split as any other JSON. */
const longestFirstLine = 1 << 20;
const [lineFeed, openBrace, closeBrace] = [0x0a, 0x7b, 0x7d];

const isBlank = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0d || byte === 0x09 || byte === lineFeed;

/**
 * Reads a JSON file whose bytes come in pieces. A file with one object in a line is handed on as lines as long as it is
 * that; anything else, and everything behind it, is split into events.
 *
 * @throws {AsaToolError} ASA_FILE_UNREADABLE for bytes that are no text
 */
export async function* jsonPieces(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  asLines: boolean,
): AsyncGenerator<JsonPiece> {
  let rest: Uint8Array = new Uint8Array();
  let splitter: TextSplitter | null = asLines ? null : new TextSplitter(file);
  let first = true;
  for await (const chunk of chunks) {
    if (splitter !== null) {
      yield { kind: "texts", texts: splitter.push(chunk) };
      continue;
    }
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(lineFeed) + 1;
    const whole = bytes.subarray(0, end);
    const usable = first ? beginsAsLines(bytes, end) : holdsLines(whole);
    if (usable === "unknown") {
      rest = bytes;
    } else if (usable) {
      first = false;
      rest = bytes.subarray(end);
      if (end > 0) yield { kind: "lines", lines: asText(whole, file) };
    } else {
      splitter = new TextSplitter(file);
      yield { kind: "texts", texts: splitter.push(bytes) };
    }
  }
  if (splitter === null && !first && holdsLines(rest)) {
    if (rest.length > 0) yield { kind: "lines", lines: asText(rest, file) };
    return;
  }
  if (splitter === null) {
    splitter = new TextSplitter(file);
    yield { kind: "texts", texts: splitter.push(rest) };
  }
  yield { kind: "texts", texts: splitter.end() };
}

/** Whether a file that begins so has one object in a line; unknown before its first line is whole. */
function beginsAsLines(bytes: Uint8Array, end: number): boolean | "unknown" {
  let at = 0;
  while (isBlank(bytes[at])) at++;
  if (at === bytes.length) return "unknown";
  if (bytes[at] !== openBrace) return false;
  const feed = bytes.indexOf(lineFeed, at);
  if (feed < 0) return bytes.length > longestFirstLine ? false : "unknown";
  try {
    JSON.parse(Buffer.from(bytes.subarray(at, feed)).toString());
  } catch {
    return false;
  }
  return holdsLines(bytes.subarray(0, end));
}

/** True when each line is blank or begins and ends as an object does. */
function holdsLines(lines: Uint8Array): boolean {
  for (let from = 0; from < lines.length; ) {
    const feed = lines.indexOf(lineFeed, from);
    let end = feed < 0 ? lines.length : feed;
    const next = end + 1;
    while (from < end && isBlank(lines[from])) from++;
    while (end > from && isBlank(lines[end - 1])) end--;
    if (from < end && (lines[from] !== openBrace || lines[end - 1] !== closeBrace)) return false;
    from = next;
  }
  return true;
}

function asText(lines: Uint8Array, file: string): Uint8Array {
  if (!isUtf8(lines)) throw notText(file, "utf-8");
  return lines;
}

/** Splits bytes of UTF-8, or of UTF-16 when a byte order mark says so. */
class TextSplitter {
  private readonly file: string;
  private readonly splitter = new JsonSplitter();
  private decoder: TextDecoder | null = null;
  private head: Uint8Array = new Uint8Array();

  constructor(file: string) {
    this.file = file;
  }

  push(bytes: Uint8Array): JsonEvent[] {
    let decoded = bytes;
    if (this.decoder === null) {
      decoded = this.head.length === 0 ? bytes : Buffer.concat([this.head, bytes]);
      this.head = decoded;
      if (decoded.length < 2) return [];
      this.decoder = new TextDecoder(encodingOf(decoded), { fatal: true });
    }
    return this.splitter.push(this.decode(decoded, true));
  }

  end(): JsonEvent[] {
    this.decoder ??= new TextDecoder("utf-8", { fatal: true });
    const last = this.head.length < 2 ? this.head : new Uint8Array();
    return [...this.splitter.push(this.decode(last, false)), ...this.splitter.end()];
  }

  private decode(bytes: Uint8Array, stream: boolean): string {
    try {
      return this.decoder!.decode(bytes, { stream });
    } catch (cause) {
      throw notText(this.file, this.decoder!.encoding, cause);
    }
  }
}
