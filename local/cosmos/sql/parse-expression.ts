import type { Expression, Query } from "./ast";
import type { TokenStream } from "./token-stream";

/** Words that end an expression or start a clause; they are no names of aliases. */
export const reservedWords: ReadonlySet<string> = new Set([
  "AND",
  "ARRAY",
  "AS",
  "ASC",
  "BETWEEN",
  "BY",
  "DESC",
  "DISTINCT",
  "ESCAPE",
  "EXISTS",
  "FALSE",
  "FROM",
  "GROUP",
  "IN",
  "JOIN",
  "LIKE",
  "LIMIT",
  "NOT",
  "NULL",
  "OFFSET",
  "OR",
  "ORDER",
  "SELECT",
  "TOP",
  "TRUE",
  "UNDEFINED",
  "VALUE",
  "WHERE",
]);

/** Reserved words that are nevertheless functions or names where the grammar leaves no doubt. */
const softWords: ReadonlySet<string> = new Set([
  "LEFT",
  "RIGHT",
  "ARRAY",
  "VALUE",
  "TOP",
  "OFFSET",
  "LIMIT",
  "ORDER",
  "GROUP",
  "BY",
  "ASC",
  "DESC",
  "ESCAPE",
]);

const binaryLevels: readonly (readonly string[])[] = [
  ["|"],
  ["^"],
  ["&"],
  ["<<", ">>", ">>>"],
  ["||"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** Parses expressions; `parseQuery` is handed in, as queries nest in expressions and expressions in queries. */
export class ExpressionParser {
  readonly #tokens: TokenStream;
  readonly #parseQuery: () => Query;

  constructor(tokens: TokenStream, parseQuery: () => Query) {
    this.#tokens = tokens;
    this.#parseQuery = parseQuery;
  }

  /** Conditional : Coalesce ( "?" Expression ":" Expression )? */
  parse(): Expression {
    return this.#tokens.nested(() => {
      const test = this.#coalesce();
      const { start } = this.#tokens.current;
      if (!this.#tokens.accept("?")) return test;
      const then = this.parse();
      this.#tokens.expect(":");
      return { kind: "conditional", test, then, otherwise: this.parse(), offset: start };
    });
  }

  #coalesce(): Expression {
    let left = this.#or();
    for (;;) {
      const { start } = this.#tokens.current;
      if (!this.#tokens.accept("??")) return left;
      left = { kind: "binary", operator: "??", left, right: this.#or(), offset: start };
    }
  }

  #or(): Expression {
    let left = this.#and();
    for (;;) {
      const { start } = this.#tokens.current;
      if (!this.#tokens.accept("OR")) return left;
      left = { kind: "binary", operator: "OR", left, right: this.#and(), offset: start };
    }
  }

  #and(): Expression {
    let left = this.#not();
    for (;;) {
      const { start } = this.#tokens.current;
      if (!this.#tokens.accept("AND")) return left;
      left = { kind: "binary", operator: "AND", left, right: this.#not(), offset: start };
    }
  }

  #not(): Expression {
    const { start } = this.#tokens.current;
    if (!this.#tokens.accept("NOT")) return this.#comparison();
    return this.#tokens.nested(() => ({
      kind: "unary",
      operator: "NOT",
      operand: this.#not(),
      offset: start,
    }));
  }

  /** Comparison : Binary ( op Binary | [NOT] BETWEEN .. AND .. | [NOT] IN (..) | [NOT] LIKE .. [ESCAPE ..] )* */
  #comparison(): Expression {
    let left = this.#binary(0);
    for (;;) {
      const { start, upper, kind } = this.#tokens.current;
      if (kind === "symbol" && ["=", "!=", "<>", "<", "<=", ">", ">="].includes(upper)) {
        this.#tokens.next();
        const operator = upper === "<>" ? "!=" : upper;
        left = { kind: "binary", operator, left, right: this.#binary(0), offset: start };
        continue;
      }
      const negated =
        this.#tokens.at("NOT") && ["BETWEEN", "IN", "LIKE"].includes(this.#tokens.peek(1).upper);
      if (negated) this.#tokens.next();
      const test = this.#rangeTest(left);
      if (test === undefined) return left;
      left = negated ? { kind: "unary", operator: "NOT", operand: test, offset: start } : test;
    }
  }

  #rangeTest(value: Expression): Expression | undefined {
    const tokens = this.#tokens;
    const offset = tokens.current.start;
    if (tokens.accept("BETWEEN")) {
      const low = this.#binary(0);
      tokens.expect("AND");
      return { kind: "between", value, low, high: this.#binary(0), offset };
    }
    if (tokens.accept("IN")) {
      tokens.expect("(");
      return { kind: "in", value, options: this.#list(")"), offset };
    }
    if (tokens.accept("LIKE")) {
      const pattern = this.#binary(0);
      const escapeCharacter = tokens.accept("ESCAPE") ? this.#binary(0) : undefined;
      return { kind: "like", value, pattern, escapeCharacter, offset };
    }
    return undefined;
  }

  #binary(level: number): Expression {
    const operators = binaryLevels[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const { start, upper, kind } = this.#tokens.current;
      if (kind !== "symbol" || !operators.includes(upper)) return left;
      this.#tokens.next();
      left = { kind: "binary", operator: upper, left, right: this.#binary(level + 1), offset: start };
    }
  }

  #unary(): Expression {
    const { start, upper, kind } = this.#tokens.current;
    if (kind === "symbol" && (upper === "-" || upper === "+" || upper === "~")) {
      this.#tokens.next();
      return this.#tokens.nested(() => ({
        kind: "unary",
        operator: upper,
        operand: this.#unary(),
        offset: start,
      }));
    }
    return this.#postfix();
  }

  /** Postfix : Primary ( "." name | "[" Expression "]" )* */
  #postfix(): Expression {
    const tokens = this.#tokens;
    let object = this.#primary();
    for (;;) {
      const { start } = tokens.current;
      if (tokens.accept(".")) {
        const token = tokens.next();
        if (token.kind !== "word") throw tokens.unexpected(token);
        const property: Expression = { kind: "literal", value: token.text, offset: token.start };
        object = { kind: "member", object, property, offset: start };
      } else if (tokens.accept("[")) {
        const property = this.parse();
        tokens.expect("]");
        object = { kind: "member", object, property, offset: start };
      } else {
        return object;
      }
    }
  }

  #primary(): Expression {
    const tokens = this.#tokens;
    const token = tokens.next();
    const offset = token.start;
    switch (token.kind) {
      case "number":
        return { kind: "literal", value: Number(token.text), offset };
      case "string":
        return { kind: "literal", value: token.text, offset };
      case "parameter":
        return { kind: "parameter", name: token.text, offset };
      case "symbol":
        return this.#bracketed(token.text, offset, token);
      case "word":
        return this.#word(token.text, token.upper, offset, token);
      default:
        throw tokens.unexpected(token);
    }
  }

  #bracketed(symbol: string, offset: number, token: TokenStream["current"]): Expression {
    const tokens = this.#tokens;
    if (symbol === "(") {
      if (tokens.at("SELECT")) return { kind: "subquery", form: "scalar", query: this.#subquery(), offset };
      const inner = this.parse();
      tokens.expect(")");
      return inner;
    }
    if (symbol === "[") return { kind: "array", items: this.#list("]"), offset };
    if (symbol !== "{") throw tokens.unexpected(token);
    const properties: { name: string; value: Expression }[] = [];
    if (tokens.accept("}")) return { kind: "object", properties, offset };
    do {
      const name = tokens.next();
      if (name.kind !== "string" && name.kind !== "word") throw tokens.unexpected(name);
      tokens.expect(":");
      properties.push({ name: name.text, value: this.parse() });
    } while (tokens.accept(","));
    tokens.expect("}");
    return { kind: "object", properties, offset };
  }

  #word(text: string, upper: string, offset: number, token: TokenStream["current"]): Expression {
    const tokens = this.#tokens;
    if (upper === "TRUE" || upper === "FALSE") return { kind: "literal", value: upper === "TRUE", offset };
    if (upper === "NULL") return { kind: "literal", value: null, offset };
    if (upper === "UNDEFINED") return { kind: "literal", value: undefined, offset };
    if ((upper === "EXISTS" || upper === "ARRAY") && tokens.at("(") && tokens.peek(1).upper === "SELECT") {
      tokens.next();
      const form = upper === "EXISTS" ? "exists" : "array";
      return { kind: "subquery", form, query: this.#subquery(), offset };
    }
    if (upper === "UDF" && tokens.at(".")) {
      tokens.next();
      const name = tokens.next();
      tokens.expect("(");
      return { kind: "call", name: name.text, userDefined: true, parameters: this.#list(")"), offset };
    }
    if (tokens.at("(") && (!reservedWords.has(upper) || softWords.has(upper))) {
      tokens.next();
      return { kind: "call", name: upper, userDefined: false, parameters: this.#list(")"), offset };
    }
    if (reservedWords.has(upper)) throw tokens.unexpected(token);
    return { kind: "name", name: text, offset };
  }

  #subquery(): Query {
    const query = this.#tokens.nested(this.#parseQuery);
    this.#tokens.expect(")");
    return query;
  }

  #list(close: string): Expression[] {
    const items: Expression[] = [];
    if (this.#tokens.accept(close)) return items;
    do items.push(this.parse());
    while (this.#tokens.accept(","));
    this.#tokens.expect(close);
    return items;
  }
}
