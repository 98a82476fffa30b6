import type { SourceRange } from "../../api";
import type { Dialect } from "../../dialect";
import type { CompileErrorCode } from "../../errors";
import type { ExpressionNode, NameNode } from "../ast";
import type { DiagnosticNotes, Diagnostics } from "../diagnostics";
import { joinRanges } from "../source";
import { describeToken, reservedWords, type Token } from "../tokens";

/** Thrown after a mistake was reported, to leave the productions up to the next place of recovery. */
export class SyntaxFailure extends Error {}

const maximumNesting = 120;
const maximumDepth = 400;

/** Clause words at which recovery stops whatever stands before them. */
export const clauseWords: readonly string[] = ["SELECT", "INTO", "FROM", "WHERE", "GROUP", "HAVING", "UNION"];

/** The token stream with the helpers that all productions share. */
export class Cursor {
  readonly #tokens: readonly Token[];
  readonly diagnostics: Diagnostics;
  readonly dialect: Dialect;
  /** Index of the matching ")" of each "(", where there is one. */
  readonly #closing = new Map<number, number>();
  readonly #opening = new Map<number, number>();
  readonly #depths = new WeakMap<object, number>();
  #index = 0;
  #nesting = 0;
  #reported = -1;
  #takesOver = true;

  constructor(tokens: readonly Token[], diagnostics: Diagnostics, dialect: Dialect) {
    this.#tokens = tokens;
    this.diagnostics = diagnostics;
    this.dialect = dialect;
    const open: number[] = [];
    tokens.forEach((token, index) => {
      if (token.kind !== "symbol") return;
      if (token.text === "(") open.push(index);
      else if (token.text === ")") {
        const start = open.pop();
        if (start !== undefined) {
          this.#closing.set(start, index);
          this.#opening.set(index, start);
        }
      }
    });
  }

  get index(): number {
    return this.#index;
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.#index++;
    return token;
  }

  /** The token read last; the first one at the start. */
  get previous(): Token {
    return this.#tokens[Math.max(0, this.#index - 1)] as Token;
  }

  /** Range from a token or node to the token read last. */
  rangeFrom(start: { readonly range: SourceRange }): SourceRange {
    return joinRanges(start.range, this.previous.range);
  }

  atWord(word: string, ahead = 0): boolean {
    return this.peek(ahead).word === word;
  }

  atWords(...words: readonly string[]): boolean {
    return words.every((word, ahead) => this.atWord(word, ahead));
  }

  atSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "symbol" && token.text === symbol;
  }

  acceptWord(word: string): boolean {
    if (!this.atWord(word)) return false;
    this.next();
    return true;
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.atSymbol(symbol)) return false;
    this.next();
    return true;
  }

  expectWord(word: string, notes: DiagnosticNotes = {}): Token {
    if (!this.atWord(word)) this.expected(word, notes);
    return this.next();
  }

  expectSymbol(symbol: string, notes: DiagnosticNotes = {}): Token {
    if (!this.atSymbol(symbol)) this.expected(`"${symbol}"`, notes);
    return this.next();
  }

  /** True at a token that begins a value: behind another value a comma or an operator is missing. */
  get atOperand(): boolean {
    return this.atName() || ["string", "integer", "float"].includes(this.peek().kind);
  }

  /** Reads the ")" that closes `open`; the message of its absence shows where it was opened. */
  expectClosing(open: Token): Token {
    if (this.atSymbol(")")) return this.next();
    if (this.atSymbol(";") && this.#closing.has(this.#tokens.indexOf(open)))
      return this.expected('")"', { hint: "Remove the semicolon; it ends a statement." });
    if (this.atOperand)
      return this.expected('"," or ")"', { hint: "A comma or an operator may be missing before it." });
    return this.expected('")"', {
      detail: `The bracket opened in line ${open.range.line}, column ${open.range.column} is not closed.`,
      hint: 'Add the missing ")".',
    });
  }

  /** True at an identifier that may be a name: quoted, or no reserved word. */
  atName(ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "quoted-name" || (token.kind === "name" && !reservedWords.has(token.word));
  }

  /** Name : identifier | [quoted] | "quoted" */
  expectName(what: string): NameNode {
    const token = this.peek();
    if (!this.atName()) {
      this.expected(
        what,
        reservedWords.has(token.word) ? { hint: `Write [${token.text}] to use the keyword as a name.` } : {},
      );
    }
    this.next();
    return nameNode(token);
  }

  /** Reports a clause in the wrong place, which is read all the same. */
  misplaced(message: string, hint: string): void {
    this.diagnostics.error("ASA_SYNTAX", message, this.peek().range, { hint });
  }

  /** Reports what is missing at the next token; only the first such finding of a token tells the reader anything. */
  expected(what: string, notes: DiagnosticNotes = {}): never {
    if (this.#reported === this.#index) throw new SyntaxFailure(what);
    // A text without an end has been reported, and what is missing now most likely stands inside it.
    if (this.previous.broken || this.peek().broken) throw new SyntaxFailure(what);
    this.#reported = this.#index;
    return this.fail(
      "ASA_SYNTAX",
      `expected ${what} but found ${describeToken(this.peek())}`,
      this.peek().range,
      notes,
    );
  }

  fail(code: CompileErrorCode, message: string, range: SourceRange, notes: DiagnosticNotes = {}): never {
    this.diagnostics.error(code, message, range, notes);
    throw new SyntaxFailure(message);
  }

  /** One or more items with commas between them. */
  list<T>(item: () => T): readonly T[] {
    const items = [item()];
    while (this.acceptSymbol(",")) items.push(item());
    return items;
  }

  /** Guards the recursion of `production`. */
  nested<T>(production: () => T): T {
    if (this.#nesting >= maximumNesting) this.tooDeep(this.peek().range);
    this.#nesting++;
    try {
      return production();
    } finally {
      this.#nesting--;
    }
  }

  /** False where OVER behind a call belongs to the clause around it: TIMESTAMP BY DATEADD(...) OVER key. */
  get takesOver(): boolean {
    return this.#takesOver;
  }

  /** Runs a production whose calls take no OVER. */
  withoutOver<T>(production: () => T): T {
    const before = this.#takesOver;
    this.#takesOver = false;
    try {
      return production();
    } finally {
      this.#takesOver = before;
    }
  }

  /** Returns the node after checking the height of the tree under it, so that later passes may recurse. */
  grown<T extends ExpressionNode>(node: T, children: readonly ExpressionNode[]): T {
    let depth = 0;
    for (const child of children) depth = Math.max(depth, this.#depths.get(child) ?? 0);
    if (depth >= maximumDepth) this.tooDeep(node.range);
    this.#depths.set(node, depth + 1);
    return node;
  }

  tooDeep(range: SourceRange): never {
    return this.fail("ASA_TOO_DEEP", "expression or query is nested too deeply", range, {
      hint: "Compute parts of it in steps of their own.",
    });
  }

  /**
   * Runs a production; when it fails, skips to one of the stops and returns undefined. Bracketed parts are skipped
   * whole, and a ")" that closes a bracket opened before the production always stops.
   */
  recover<T>(
    production: () => T,
    stopWords: readonly string[],
    stopSymbols: readonly string[],
  ): T | undefined {
    const start = this.#index;
    try {
      return production();
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error;
      this.#skipTo(start, stopWords, stopSymbols);
      return undefined;
    }
  }

  /** Moves behind the bracket that opens at the token `open`; false when it has no end. */
  leaveBracket(open: number): boolean {
    const closing = this.#closing.get(open);
    if (closing === undefined || closing < this.#index) return false;
    this.#index = closing + 1;
    return true;
  }

  #skipTo(start: number, stopWords: readonly string[], stopSymbols: readonly string[]): void {
    for (;;) {
      const token = this.peek();
      if (token.kind === "end") return;
      if (token.kind === "name" && stopWords.includes(token.word)) return;
      if (token.kind === "symbol") {
        if (token.text === ";" || stopSymbols.includes(token.text)) return;
        if (token.text === ")" && (this.#opening.get(this.#index) ?? -1) < start) return;
        if (token.text === "(") this.#index = this.#closing.get(this.#index) ?? this.#index;
      }
      this.next();
    }
  }
}

export function nameNode(token: Token): NameNode {
  return { kind: "name", text: token.text, quoted: token.kind !== "name", range: token.range };
}
