import { SqlError } from "./sql-error";

export interface Token {
  readonly kind: "word" | "parameter" | "number" | "string" | "symbol" | "end";
  /** Text as written; for a string its value. */
  readonly text: string;
  /** Upper case of a word, the text otherwise: what the parser compares. */
  readonly upper: string;
  readonly start: number;
  readonly end: number;
}

const symbols = [
  ">>>",
  "!=",
  "<>",
  "<=",
  ">=",
  "<<",
  ">>",
  "??",
  "||",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  ",",
  ".",
  ":",
  "?",
  "=",
  "<",
  ">",
  "+",
  "-",
  "*",
  "/",
  "%",
  "&",
  "|",
  "^",
  "~",
] as const; // longest first

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  "/": "/",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

const word = /[\p{L}_][\p{L}\p{N}_]*/uy;
const parameter = /@[\p{L}\p{N}_]+/uy;
const number = /0[xX][0-9a-fA-F]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const blank = /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/y;

/** Splits a query into tokens. @throws SqlError SC1001 for a text that is none. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const push = (kind: Token["kind"], value: string, end: number) => {
    const upper = kind === "word" ? value.toUpperCase() : value;
    tokens.push({ kind, text: value, upper, start: at, end });
    at = end;
  };
  while (at < text.length) {
    const space = match(blank);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const character = text[at] as string;
    if (character === '"' || character === "'") {
      const { value, end } = readString(text, at);
      push("string", value, end);
      continue;
    }
    const identifier = match(word);
    if (identifier !== undefined) {
      push("word", identifier, at + identifier.length);
      continue;
    }
    const named = match(parameter);
    if (named !== undefined) {
      push("parameter", named, at + named.length);
      continue;
    }
    const digits = character === "." && !/[0-9]/.test(text[at + 1] ?? "") ? undefined : match(number);
    if (digits !== undefined) {
      push("number", digits, at + digits.length);
      continue;
    }
    const symbol = symbols.find((candidate) => text.startsWith(candidate, at));
    if (symbol === undefined) throw nearError(character, at, at + 1);
    push("symbol", symbol, at + symbol.length);
  }
  tokens.push({ kind: "end", text: "", upper: "", start: at, end: at });
  return tokens;
}

function readString(text: string, start: number): { value: string; end: number } {
  const quote = text[start];
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] as string;
    if (character === quote) return { value, end: at + 1 };
    if (character !== "\\") {
      value += character;
      continue;
    }
    const next = text[++at] ?? "";
    if (next === "u") {
      const code = text.slice(at + 1, at + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(code)) throw nearError(`\\u${code}`, at - 1, at + 1 + code.length);
      value += String.fromCharCode(Number.parseInt(code, 16));
      at += 4;
      continue;
    }
    const escaped = escapes[next];
    if (escaped === undefined) throw nearError(`\\${next}`, at - 1, at + 1);
    value += escaped;
  }
  throw nearError(text.slice(start, start + 20), start, text.length);
}

export function nearError(near: string, start: number, end: number): SqlError {
  const message =
    near === "" ? "Syntax error, unexpected end of query." : `Syntax error, incorrect syntax near '${near}'.`;
  return new SqlError("SC1001", message, start, end);
}
