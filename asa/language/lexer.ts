import { isDigit, isNamePart, isNameStart, isSpace } from "./characters";
import type { Diagnostics } from "./diagnostics";
import type { Source } from "./source";
import { symbols, type Token } from "./tokens";

const symbolsByStart = new Map<string, readonly string[]>();
for (const symbol of symbols) {
  const start = symbol.charAt(0);
  symbolsByStart.set(start, [...(symbolsByStart.get(start) ?? []), symbol]);
}

/** Two double quotes with nothing in between name no column; published queries compare with them as an empty text. */
const emptyQuotes = /^""(?!")/;
const curlySingle = /[\u2018-\u201b]/;
const curlyDouble = /[\u201c-\u201f]/;

/** What to write instead of characters that other languages have. */
const instead: Readonly<Record<string, string>> = {
  "!": "Write NOT for a negation, <> for not equal.",
  "`": "Write names in brackets: [name].",
  ":": "Members are read with a dot: record.member.",
  "\\": "Write a quote inside a text twice; \\ has no meaning outside texts.",
};

/**
 * Returns the tokens of the text, the last one of kind `end`. A mistake is reported and skipped: an unclosed string or
 * name ends with its line, an unclosed comment with the text.
 */
export function tokenize(source: Source, diagnostics: Diagnostics): readonly Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  let position = 0;
  let spaced = true;

  const push = (kind: Token["kind"], content: string, start: number, word = "", broken = false): void => {
    tokens.push({ kind, text: content, word, range: source.range(start, position), spaced, broken });
    spaced = false;
  };

  const characterAt = (index: number): string => {
    const code = text.codePointAt(index);
    return code === undefined ? "" : String.fromCodePoint(code);
  };

  const skipBlockComment = (): void => {
    const start = position;
    let depth = 0;
    while (position < text.length) {
      if (text.startsWith("/*", position)) {
        depth++;
        position += 2;
      } else if (text.startsWith("*/", position)) {
        depth--;
        position += 2;
        if (depth === 0) return;
      } else position++;
    }
    diagnostics.error("ASA_UNTERMINATED", "comment is not closed", source.range(start, start + 2), {
      hint: 'Close it with "*/"; block comments nest.',
    });
  };

  const lineEnd = (from: number): number => {
    const found = text.slice(from).search(/[\r\n]/);
    return found < 0 ? text.length : from + found;
  };

  /** Reads up to the closing character, which stands for itself when doubled; the opening one is at `position`. */
  const readDelimited = (
    kind: "string" | "quoted-name",
    start: number,
    close: string,
    what: string,
    acrossLines: boolean,
  ): void => {
    const contentStart = position + 1;
    const limit = acrossLines ? text.length : lineEnd(contentStart);
    let content = "";
    let index = contentStart;
    while (index < limit) {
      const character = text.charAt(index);
      if (character === close) {
        if (text.charAt(index + 1) !== close) {
          position = index + 1;
          push(kind, content, start);
          return;
        }
        index++;
      }
      content += character;
      index++;
    }
    // An unclosed name most likely was to be a single word, unclosed text goes to the end of its line.
    const word = kind === "quoted-name" ? text.slice(contentStart).search(/[\s,()]/) : -1;
    position = word < 0 ? lineEnd(contentStart) : contentStart + word;
    diagnostics.error("ASA_UNTERMINATED", `${what} is not closed`, source.range(start, start + 1), {
      hint: `Add the closing ${close}${close === "'" ? ", and write a quote inside the text twice" : ""}.`,
    });
    push(kind, text.slice(contentStart, position).trimEnd(), start, "", true);
  };

  /** Reads what stands in quotes of a word processor as the text it was to be. */
  const readCurly = (start: number, close: RegExp): void => {
    const contentStart = position + 1;
    const limit = lineEnd(contentStart);
    const found = text.slice(contentStart, limit).search(close);
    position = found < 0 ? contentStart : contentStart + found + 1;
    const content = found < 0 ? "" : text.slice(contentStart, position - 1);
    diagnostics.error(
      "ASA_UNEXPECTED_CHARACTER",
      `character "${text[start]}" is not part of the language`,
      source.range(start, start + 1),
      { hint: `Write texts in straight single quotes: '${content || "text"}'.` },
    );
    push("string", content, start);
  };

  const readNumber = (start: number): void => {
    while (isDigit(text.charAt(position))) position++;
    let float = false;
    if (text.charAt(position) === "." && isDigit(text.charAt(position + 1))) {
      float = true;
      position++;
      while (isDigit(text.charAt(position))) position++;
    } else if (text.charAt(position) === "." && !isNameStart(characterAt(position + 1)) && position > start) {
      float = true;
      position++;
    }
    const exponent = /^[eE][+-]?[0-9]+/.exec(text.slice(position, position + 32));
    if (exponent !== null && !isNamePart(characterAt(position + exponent[0].length))) {
      float = true;
      position += exponent[0].length;
    }
    push(float ? "float" : "integer", text.slice(start, position), start);
  };

  const readName = (start: number): void => {
    while (position < text.length) {
      const character = characterAt(position);
      if (!isNamePart(character)) break;
      position += character.length;
    }
    const name = text.slice(start, position);
    push("name", name, start, name.toUpperCase());
  };

  while (position < text.length) {
    const start = position;
    const character = characterAt(position);
    if (isSpace(character)) {
      position += character.length;
      spaced = true;
    } else if (text.startsWith("--", position)) {
      position = lineEnd(position);
      spaced = true;
    } else if (text.startsWith("/*", position)) {
      skipBlockComment();
      spaced = true;
    } else if (character === "'") readDelimited("string", start, "'", "text", true);
    else if (curlySingle.test(character)) readCurly(start, /[\u2018-\u201b']/);
    else if (curlyDouble.test(character)) readCurly(start, /[\u201c-\u201f"]/);
    else if (/^[nN]'/.test(text.slice(position, position + 2))) {
      position++;
      readDelimited("string", start, "'", "text", true);
    } else if (emptyQuotes.test(text.slice(position, position + 3))) {
      position += 2;
      push("string", "", start);
    } else if (character === '"') readDelimited("quoted-name", start, '"', "name in double quotes", false);
    else if (character === "[") readDelimited("quoted-name", start, "]", "name in brackets", false);
    else if (
      isDigit(character) ||
      (character === "." && isDigit(text.charAt(position + 1)) && !followsName(tokens, spaced))
    ) {
      readNumber(start);
    } else if (isNameStart(character)) readName(start);
    else if (character === "@" && isNameStart(characterAt(position + 1))) {
      position++;
      readName(start);
      diagnostics.error(
        "ASA_NOT_SUPPORTED",
        "variables are not part of the language",
        source.range(start, position),
        {
          hint: "Write the value itself, or read it from reference data.",
        },
      );
    } else {
      const symbol = (symbolsByStart.get(character) ?? []).find((candidate) =>
        text.startsWith(candidate, position),
      );
      position += symbol?.length ?? character.length;
      if (symbol === undefined) {
        diagnostics.error(
          "ASA_UNEXPECTED_CHARACTER",
          `character "${character}" is not part of the language`,
          source.range(start, position),
          instead[character] === undefined ? {} : { hint: instead[character] },
        );
        spaced = true;
      } else push("symbol", symbol, start);
    }
  }
  // What is missing at the end is shown behind the last word, not behind empty lines and comments.
  const last = tokens.at(-1);
  if (last !== undefined) position = last.range.end;
  push("end", "", position);
  return tokens;
}

/** `a.0` is a path with a mistake, not the name `a` and the number `.0`. */
function followsName(tokens: readonly Token[], spaced: boolean): boolean {
  const kind = tokens.at(-1)?.kind;
  return !spaced && (kind === "name" || kind === "quoted-name");
}
