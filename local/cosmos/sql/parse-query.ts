import type { Expression, OrderItem, Query, SelectItem, Selection, Source } from "./ast";
import { ExpressionParser, reservedWords } from "./parse-expression";
import { SqlError } from "./sql-error";
import { TokenStream } from "./token-stream";

/** The service refuses longer queries. */
export const maxQueryLength = 512 * 1024;

/** Parses one query. @throws SqlError with the service's code and the place of the mistake. */
export function parseQuery(text: string): Query {
  if (text.length > maxQueryLength) {
    throw new SqlError(
      "SC3008",
      "The SQL query text exceeded the maximum limit of 524288 characters.",
      0,
      text.length,
    );
  }
  const tokens = new TokenStream(text);
  const parser = new QueryParser(tokens);
  const query = parser.query();
  if (tokens.current.kind !== "end") throw tokens.unexpected();
  return query;
}

class QueryParser {
  readonly #tokens: TokenStream;
  readonly #expressions: ExpressionParser;

  constructor(tokens: TokenStream) {
    this.#tokens = tokens;
    this.#expressions = new ExpressionParser(tokens, () => this.query());
  }

  /** Query : SELECT [DISTINCT] [TOP n] Selection [FROM ..] [WHERE ..] [GROUP BY ..] [ORDER BY ..] [OFFSET n LIMIT n] */
  query(): Query {
    const tokens = this.#tokens;
    tokens.expect("SELECT");
    const distinct = tokens.accept("DISTINCT");
    const top = this.#acceptTop();
    const selection = this.#selection();
    const sources = tokens.accept("FROM") ? this.#sources() : [];
    const where = tokens.accept("WHERE") ? this.#expressions.parse() : undefined;
    const groupBy = this.#acceptPair("GROUP") ? this.#list(() => this.#expressions.parse()) : [];
    const orderBy = this.#acceptPair("ORDER") ? this.#list(() => this.#orderItem()) : [];
    let offset: Expression | undefined;
    let limit: Expression | undefined;
    if (tokens.accept("OFFSET")) {
      offset = this.#count();
      tokens.expect("LIMIT");
      limit = this.#count();
    }
    return { distinct, top, selection, sources, where, groupBy, orderBy, offset, limit };
  }

  #acceptTop(): Expression | undefined {
    const next = this.#tokens.peek(1);
    if (!this.#tokens.at("TOP") || (next.kind !== "number" && next.kind !== "parameter")) return undefined;
    this.#tokens.next();
    return this.#count();
  }

  #count(): Expression {
    const token = this.#tokens.next();
    if (token.kind === "parameter") return { kind: "parameter", name: token.text, offset: token.start };
    const value = Number(token.text);
    if (token.kind !== "number" || !Number.isInteger(value)) throw this.#tokens.unexpected(token);
    return { kind: "literal", value, offset: token.start };
  }

  #acceptPair(word: string): boolean {
    if (!this.#tokens.accept(word)) return false;
    this.#tokens.expect("BY");
    return true;
  }

  #list<T>(parse: () => T): T[] {
    const items = [parse()];
    while (this.#tokens.accept(",")) items.push(parse());
    return items;
  }

  #selection(): Selection {
    const tokens = this.#tokens;
    const { start } = tokens.current;
    if (tokens.accept("*")) return { kind: "star", offset: start };
    const follows = tokens.peek(1).upper;
    if (tokens.at("VALUE") && ![".", ",", "AS", "FROM", ""].includes(follows)) {
      tokens.next();
      return { kind: "value", expression: this.#expressions.parse() };
    }
    return { kind: "list", items: this.#list(() => this.#selectItem()) };
  }

  #selectItem(): SelectItem {
    const expression = this.#expressions.parse();
    const tokens = this.#tokens;
    if (tokens.accept("AS")) return { expression, alias: this.#aliasName(true) };
    const named = tokens.current.kind === "word" && !reservedWords.has(tokens.current.upper);
    return { expression, alias: named ? tokens.next().text : undefined };
  }

  #aliasName(afterAs: boolean): string {
    const token = this.#tokens.next();
    const usable = token.kind === "word" && (afterAs || !reservedWords.has(token.upper));
    if (!usable && !(afterAs && token.kind === "string")) throw this.#tokens.unexpected(token);
    return token.text;
  }

  #sources(): Source[] {
    const sources = [this.#source()];
    while (this.#tokens.accept("JOIN")) sources.push(this.#source());
    // A subquery as a source gives one row for each of its results.
    return sources.map((source) =>
      source.collection.kind === "subquery"
        ? { ...source, iterate: true, collection: { ...source.collection, form: "array" } }
        : source,
    );
  }

  /** Source : alias IN Collection | Collection [[AS] alias] */
  #source(): Source {
    const tokens = this.#tokens;
    const { start: offset, kind } = tokens.current;
    if (kind === "word" && tokens.peek(1).upper === "IN") {
      const alias = this.#aliasName(false);
      tokens.next();
      return { alias, iterate: true, collection: this.#collection(), offset };
    }
    const collection = this.#collection();
    const follows = tokens.current;
    if (tokens.accept("AS") || (follows.kind === "word" && !reservedWords.has(follows.upper))) {
      return { alias: this.#aliasName(false), iterate: false, collection, offset };
    }
    return { alias: defaultAlias(collection), iterate: false, collection, offset };
  }

  #collection(): Expression {
    const tokens = this.#tokens;
    const { start: offset } = tokens.current;
    if (tokens.at("(") && tokens.peek(1).upper === "SELECT") {
      tokens.next();
      const query = tokens.nested(() => this.query());
      tokens.expect(")");
      return { kind: "subquery", form: "scalar", query, offset };
    }
    const collection = this.#expressions.parse();
    if (
      !isPath(collection) &&
      collection.kind !== "array" &&
      collection.kind !== "call" &&
      collection.kind !== "parameter" &&
      collection.kind !== "subquery"
    ) {
      throw new SqlError(
        "SC1001",
        "Syntax error, FROM and JOIN take a path or a subquery.",
        offset,
        offset + 1,
      );
    }
    return collection;
  }

  #orderItem(): OrderItem {
    const expression = this.#expressions.parse();
    const descending = this.#tokens.accept("DESC");
    if (!descending) this.#tokens.accept("ASC");
    return { expression, descending };
  }
}

function isPath(expression: Expression): boolean {
  return expression.kind === "name" || (expression.kind === "member" && isPath(expression.object));
}

/** The name of an unnamed source or column: the last step of its path, or empty. */
export function defaultAlias(expression: Expression): string {
  if (expression.kind === "name") return expression.name;
  if (expression.kind === "member" && expression.property.kind === "literal") {
    return typeof expression.property.value === "string" ? expression.property.value : "";
  }
  return "";
}
