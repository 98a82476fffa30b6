import type { ExpressionNode, NameNode, QueryNode, SelectNode } from "../ast";
import { didYouMean } from "../suggestions";
import { type Cursor, clauseWords } from "./cursor";
import { parseExpression } from "./expression";
import { fromStops, parseJoins, parseSource } from "./from";
import { parseMatchRecognize } from "./match-recognize";
import { parseSelectList } from "./select-list";

/** Query : Term { UNION [ ALL ] Term } */
export function parseQuery(cursor: Cursor): QueryNode {
  const start = cursor.peek();
  const branches = [parseTerm(cursor)];
  while (cursor.acceptWord("UNION")) {
    cursor.acceptWord("ALL");
    branches.push(parseTerm(cursor));
  }
  rejectTrailing(cursor);
  return { kind: "query", branches, range: cursor.rangeFrom(start) };
}

/** Term : Select | "(" Query ")" */
function parseTerm(cursor: Cursor): SelectNode | QueryNode {
  if (!cursor.atSymbol("(")) return parseSelect(cursor);
  const open = cursor.next();
  const query = cursor.nested(() => parseQuery(cursor));
  cursor.expectClosing(open);
  return query;
}

/** Reports clauses that other SQL dialects have after a query. */
function rejectTrailing(cursor: Cursor): void {
  const { word, range } = cursor.peek();
  if (word === "ORDER") {
    cursor.fail("ASA_NOT_SUPPORTED", "ORDER BY on a query is not part of the language", range, {
      hint: "Rows leave in the order of time; use TopOne() or CollectTop() OVER (ORDER BY ...) to rank rows of a window.",
    });
  }
  if (word === "LIMIT" || word === "OFFSET" || word === "FETCH") {
    cursor.fail("ASA_NOT_SUPPORTED", `${word} on a query is not part of the language`, range, {
      hint: "A stream has no end; use TopOne() or CollectTop(n) OVER (ORDER BY ...) with a window.",
    });
  }
  if (word === "EXCEPT" || word === "INTERSECT") {
    cursor.fail("ASA_NOT_SUPPORTED", `${word} is not part of the language`, range, {
      hint: "Use a LEFT JOIN and test for NULL.",
    });
  }
}

/** Select : SELECT SelectList [ INTO name ] FROM Source Joins [ MatchRecognize ] [ WHERE ] [ GROUP BY ] [ HAVING ] */
function parseSelect(cursor: Cursor): SelectNode {
  const start = cursor.expectWord("SELECT");
  rejectModifiers(cursor);
  const items = parseSelectList(cursor);
  let into: NameNode | null = null;
  if (cursor.acceptWord("INTO")) into = parseOutputName(cursor);
  if (!cursor.atWord("FROM")) {
    cursor.expected("FROM", { hint: fromHint(cursor) });
  }
  cursor.next();
  const from = parseSource(cursor);
  const joins = parseJoins(cursor);
  const match = cursor.atWord("MATCH_RECOGNIZE") ? parseMatchRecognize(cursor) : null;
  const where = cursor.acceptWord("WHERE") ? condition(cursor) : null;
  let groupBy: readonly ExpressionNode[] | null = null;
  if (cursor.atWord("GROUP")) {
    cursor.next();
    cursor.expectWord("BY", { hint: "Write GROUP BY." });
    groupBy = cursor.recover(() => cursor.list(() => parseExpression(cursor)), clauseWords, []) ?? [];
  }
  const having = cursor.acceptWord("HAVING") ? condition(cursor) : null;
  if (cursor.atWord("INTO") && into === null) {
    cursor.expected("the end of the statement", { hint: "INTO stands between the SELECT list and FROM." });
  }
  rejectMisplaced(cursor);
  return {
    kind: "select",
    items,
    into,
    from,
    joins,
    match,
    where,
    groupBy,
    having,
    range: cursor.rangeFrom(start),
  };
}

function fromHint(cursor: Cursor): string {
  if (cursor.atSymbol(",")) return "Remove the comma before FROM.";
  if (cursor.atWord("AS")) return "The star takes no alias; its columns keep their names.";
  return (
    didYouMean(cursor.peek().word, ["FROM", "INTO"]) ??
    "Every SELECT names its source: SELECT ... [INTO output] FROM input."
  );
}

const placed: readonly string[] = ["WHERE", "GROUP", "HAVING", "JOIN", "ON", "FROM"];

function rejectMisplaced(cursor: Cursor): void {
  if (placed.some((word) => cursor.atWord(word))) {
    cursor.expected("the end of the statement", {
      hint: "The order of the clauses is SELECT, INTO, FROM, JOIN, WHERE, GROUP BY, HAVING.",
    });
  }
}

/** OutputName : name { "." name } */
function parseOutputName(cursor: Cursor): NameNode {
  const first = cursor.expectName("the name of an output");
  if (cursor.acceptSymbol(",")) {
    cursor.fail("ASA_SYNTAX", "a statement has one output", cursor.previous.range, {
      hint: "Put the query into a WITH step and write one SELECT ... INTO per output.",
    });
  }
  return first;
}

function condition(cursor: Cursor): ExpressionNode | null {
  return cursor.recover(() => parseExpression(cursor), fromStops, []) ?? null;
}

/** Reports SELECT DISTINCT and SELECT TOP; both words are also ordinary column names. */
function rejectModifiers(cursor: Cursor): void {
  const token = cursor.peek();
  const follower = cursor.peek(1);
  const startsItem =
    ["name", "quoted-name", "integer"].includes(follower.kind) &&
    !clauseWords.includes(follower.word) &&
    follower.word !== "AS";
  if (token.word === "DISTINCT" && (cursor.atSymbol("*", 1) || startsItem)) {
    cursor.diagnostics.error(
      "ASA_NOT_SUPPORTED",
      "SELECT DISTINCT is not part of the language",
      token.range,
      {
        hint: "Group by the columns and a window, or use COUNT(DISTINCT ...).",
      },
    );
    cursor.next();
  } else if (
    token.word === "TOP" &&
    (follower.kind === "integer" ||
      (cursor.atSymbol("(", 1) && cursor.peek(2).kind === "integer" && cursor.atSymbol(")", 3)))
  ) {
    cursor.diagnostics.error("ASA_NOT_SUPPORTED", "SELECT TOP is not part of the language", token.range, {
      hint: "Use TopOne() or CollectTop(n) OVER (ORDER BY ...) with a window.",
    });
    cursor.next();
    if (cursor.acceptSymbol("(")) {
      cursor.next();
      cursor.next();
    } else cursor.next();
  }
}
