/** One event of a JSON file: its text, not yet parsed, and the line it begins on (1-based). */
export interface JsonEvent {
  readonly text: string;
  readonly line: number;
}

/**
 * Splits JSON text that comes in pieces into events: objects one per line, in an array, separated by commas, or written
 * one after the other over several lines. A byte order mark is ignored.
 *
 * Nothing is lost: text that is no object becomes an event of its own, for the reader of the event to refuse. An
 * object that is never closed costs its own first line only.
 */
export class JsonSplitter {
  private text = "";
  private line = 1;
  private begun = false;
  private inArray = false;
  /** How far the value at the front of `text` was looked at, and what is open there. */
  private at = 0;
  private depth = 0;

  /** The events that are complete with this text. */
  push(text: string): JsonEvent[] {
    this.text += text;
    return this.split(false);
  }

  /** The rest, when no more text comes. */
  end(): JsonEvent[] {
    return this.split(true);
  }

  private split(ended: boolean): JsonEvent[] {
    const events: JsonEvent[] = [];
    if (!this.begun && this.text !== "") {
      this.begun = true;
      if (this.text.charCodeAt(0) === 0xfeff) this.text = this.text.slice(1);
    }
    const { text } = this;
    let from = 0;
    while (from < text.length) {
      const character = text[from]!;
      if (this.at === 0 && (isBlank(character) || character === ",")) {
        if (character === "\n") this.line++;
        from++;
      } else if (this.at === 0 && character === "[" && !this.inArray) {
        this.inArray = true;
        from++;
      } else if (this.at === 0 && character === "]" && this.inArray) {
        this.inArray = false;
        from++;
      } else {
        const end = this.valueEnd(text, from, ended);
        if (end < 0) break;
        const value = text.slice(from, end);
        events.push({ text: value.trimEnd(), line: this.line });
        this.line += value.split("\n").length - 1;
        this.at = 0;
        this.depth = 0;
        from = end;
      }
    }
    this.text = text.slice(from);
    return events;
  }

  /**
   * Where the value at `start` ends: the end of its line when it is never closed, -1 when that cannot be said yet. Then `at`
   * and `depth` say where to go on.
   */
  private valueEnd(text: string, start: number, ended: boolean): number {
    for (let at = start + this.at; at < text.length; at++) {
      const character = text[at];
      if (character === '"') {
        const end = stringEnd(text, at);
        if (end === "open" && !ended) return this.pause(at - start);
        if (typeof end === "string") return this.restOfLine(text, start, ended);
        at = end - 1;
        if (this.depth === 0 && !this.inArray) return this.restOfLine(text, start, ended);
      } else if (character === "{" || character === "[") {
        this.depth++;
      } else if (character === "}" || character === "]") {
        if (this.depth === 0) return Math.max(at, start + 1);
        this.depth--;
        if (this.depth === 0) return at + 1;
      } else if (this.depth === 0 && (character === "\n" || (this.inArray && character === ","))) {
        return at;
      }
    }
    if (!ended) return this.pause(text.length - start);
    return this.depth === 0 ? text.length : this.restOfLine(text, start, ended);
  }

  private pause(at: number): -1 {
    this.at = at;
    return -1;
  }

  private restOfLine(text: string, start: number, ended: boolean): number {
    const end = text.indexOf("\n", start);
    if (end >= 0) return end;
    if (ended) return text.length;
    // The value is looked at again from its beginning once the line is there.
    this.at = 0;
    this.depth = 0;
    return -1;
  }
}

const isBlank = (character: string): boolean =>
  character === " " || character === "\t" || character === "\r" || character === "\n";

/** The offset after the text token that begins at `start`; `open` at the end of the text, `broken` by the end of its line. */
function stringEnd(text: string, start: number): number | "open" | "broken" {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code === 0x5c) at++;
    else if (code === 0x0a) return "broken";
  }
  return "open";
}

/** Splits the whole text of a JSON file into events. */
export function splitJsonEvents(text: string): JsonEvent[] {
  const splitter = new JsonSplitter();
  return [...splitter.push(text), ...splitter.end()];
}
