import { nearError, type Token, tokenize } from "./lexer";
import { SqlError } from "./sql-error";

/** Deeper nesting is refused, so that no query can exhaust the stack. */
const maxDepth = 120;

/** Reads tokens one by one; both halves of the parser share one. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  get current(): Token {
    return this.#tokens[this.#index] as Token;
  }

  peek(ahead: number): Token {
    return this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.current;
    if (token.kind !== "end") this.#index++;
    return token;
  }

  /** Takes the token when it is this keyword or symbol. */
  accept(text: string): boolean {
    const { kind, upper } = this.current;
    if (upper !== text || kind === "string" || kind === "end") return false;
    this.#index++;
    return true;
  }

  at(text: string): boolean {
    return this.current.upper === text && this.current.kind !== "string";
  }

  expect(text: string): Token {
    const token = this.current;
    if (!this.accept(text)) throw this.unexpected();
    return token;
  }

  unexpected(token: Token = this.current): Error {
    return nearError(token.text, token.start, token.end);
  }

  nested<T>(parse: () => T): T {
    if (++this.#depth > maxDepth) {
      const { start, end } = this.current;
      throw new SqlError("SC1001", "Syntax error, the query is nested too deeply.", start, end);
    }
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }
}
