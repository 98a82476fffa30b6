/** One event of a JSON file: its text, not yet parsed, and the line it begins on (1-based). */
export interface JsonEvent {
  readonly text: string;
  readonly line: number;
}

/**
 * Splits a JSON file into events: objects one per line, in an array, separated by commas, or written one after the
 * other over several lines. A byte order mark is ignored.
 *
 * Nothing is lost: text that is no object becomes an event of its own, for the reader of the event to refuse. An
 * object that is never closed costs its own first line only.
 */
export function splitJsonEvents(text: string): JsonEvent[] {
  const events: JsonEvent[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  let inArray = false;

  const advance = (end: number): void => {
    for (
      let newline = text.indexOf("\n", at);
      newline >= 0 && newline < end;
      newline = text.indexOf("\n", newline + 1)
    )
      line++;
    at = end;
  };

  while (at < text.length) {
    const character = text[at] as string;
    if (
      character === " " ||
      character === "\t" ||
      character === "\r" ||
      character === "\n" ||
      character === ","
    ) {
      advance(at + 1);
    } else if (character === "[" && !inArray) {
      inArray = true;
      advance(at + 1);
    } else if (character === "]" && inArray) {
      inArray = false;
      advance(at + 1);
    } else {
      const end = valueEnd(text, at, inArray);
      events.push({ text: text.slice(at, end).trimEnd(), line });
      advance(end);
    }
  }
  return events;
}

/** Returns where the value that begins at `start` ends; the end of its line when it is never closed. */
function valueEnd(text: string, start: number, inArray: boolean): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = stringEnd(text, at);
      if (end < 0) return lineEnd(text, start);
      at = end - 1;
      if (depth === 0 && !inArray) return lineEnd(text, start);
    } else if (character === "{" || character === "[") {
      depth++;
    } else if (character === "}" || character === "]") {
      if (depth === 0) return Math.max(at, start + 1);
      depth--;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (character === "\n" || (inArray && character === ","))) {
      return at;
    }
  }
  return depth === 0 ? text.length : lineEnd(text, start);
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end < 0 ? text.length : end;
}

/** Returns the offset after the text token that begins at `start`, or -1 when it is not closed on its line. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code === 0x5c) at++;
    else if (code === 0x0a) return -1;
  }
  return -1;
}
