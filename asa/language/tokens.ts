import type { SourceRange } from "../api";

/**
 * One token. `word` is the upper-case spelling of an unquoted identifier (keywords are such identifiers), else "";
 * `text` is the name, the string's content or the spelling.
 */
export interface Token {
  readonly kind: "name" | "quoted-name" | "string" | "integer" | "float" | "symbol" | "end";
  readonly text: string;
  readonly word: string;
  readonly range: SourceRange;
  /** True when white space or a comment, or nothing, stands before the token. */
  readonly spaced: boolean;
  /** True of a text or name without an end, which has swallowed what follows it. */
  readonly broken: boolean;
}

/** Symbols of more than one character first, so that the longest one is taken. */
export const symbols = [
  "<>",
  "!=",
  "<=",
  ">=",
  "!<",
  "!>",
  "(",
  ")",
  ",",
  ".",
  ";",
  "*",
  "+",
  "-",
  "/",
  "%",
  "=",
  "<",
  ">",
  "&",
  "|",
  "^",
  "~",
  "?",
  "{",
  "}",
] as const;

/** Words that begin a clause: as names they need brackets or double quotes. */
export const reservedWords: ReadonlySet<string> = new Set(
  (
    "SELECT FROM WHERE GROUP HAVING ORDER UNION JOIN INNER LEFT CROSS OUTER APPLY ON INTO WITH AS AND OR NOT IN LIKE " +
    "BETWEEN IS NULL CASE WHEN THEN ELSE END OVER PARTITION LIMIT CREATE TABLE"
  ).split(" "),
);

/** Describes a token for "expected ... but found ...". */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case "end":
      return "the end of the text";
    case "name":
      return reservedWords.has(token.word) ? `keyword ${token.word}` : `name "${token.text}"`;
    case "quoted-name":
      return `name "${token.text}"`;
    case "string":
      return `text '${token.text.length > 30 ? `${token.text.slice(0, 27)}...` : token.text}'`;
    case "integer":
    case "float":
      return `number ${token.text}`;
    case "symbol":
      return `"${token.text}"`;
  }
}
