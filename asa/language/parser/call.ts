import type { CallNode, DurationNode, ExpressionNode, NameNode, OrderItemNode, OverNode } from "../ast";
import { didYouMean } from "../suggestions";
import type { Cursor } from "./cursor";
import { parseExpression, rejectSubquery } from "./expression";
import { parseType } from "./literal";

/** Call : name { "." name } "(" [ "*" | [ ALL | DISTINCT ] Expression { "," Expression } ] ")" [ Over ] */
export function parseCall(cursor: Cursor, name: readonly NameNode[]): CallNode {
  const open = cursor.expectSymbol("(");
  let quantifier: CallNode["quantifier"] = null;
  let star = false;
  let parts: readonly ExpressionNode[] = [];
  if (!cursor.atSymbol(")")) {
    rejectSubquery(cursor, "a subquery as an argument");
    if (cursor.acceptSymbol("*")) {
      star = true;
      if (cursor.acceptSymbol(",")) parts = cursor.list(() => parseExpression(cursor));
    } else {
      quantifier = acceptQuantifier(cursor);
      parts = cursor.list(() => parseExpression(cursor));
    }
  }
  cursor.expectClosing(open);
  skipWithinGroup(cursor);
  const over = atOver(cursor) ? parseOver(cursor) : null;
  const range = cursor.rangeFrom(name[0] as NameNode);
  const children = over === null ? parts : [...parts, ...overExpressions(over)];
  return cursor.grown({ kind: "call", name, quantifier, star, arguments: parts, over, range }, children);
}

/** Reports WITHIN GROUP (ORDER BY ...), where other dialects write the order of a percentile. */
function skipWithinGroup(cursor: Cursor): void {
  if (!cursor.atWords("WITHIN", "GROUP") || !cursor.atSymbol("(", 2)) return;
  cursor.diagnostics.error(
    "ASA_NOT_SUPPORTED",
    "WITHIN GROUP is not part of the language",
    cursor.peek().range,
    {
      hint: "Write the order into OVER: PERCENTILE_CONT(0.5) OVER (ORDER BY column).",
    },
  );
  cursor.leaveBracket(cursor.index + 2);
}

/** A quantifier is followed by an expression; `COUNT(distinct)` counts a column of that name. */
function acceptQuantifier(cursor: Cursor): CallNode["quantifier"] {
  const { word } = cursor.peek();
  if (word !== "ALL" && word !== "DISTINCT") return null;
  const follower = cursor.peek(1);
  if (follower.kind === "symbol" && follower.text !== "(" && follower.text !== "-" && follower.text !== "~")
    return null;
  cursor.next();
  return word === "ALL" ? "all" : "distinct";
}

function overExpressions(over: OverNode): readonly ExpressionNode[] {
  const rest = [...over.partitionBy, ...over.orderBy.map((item) => item.expression)];
  if (over.limit !== null) rest.push(over.limit.count);
  if (over.when !== null) rest.push(over.when);
  return rest;
}

/** In TIMESTAMP BY, OVER without the words of an OVER clause lists the keys of the substreams. */
function atOver(cursor: Cursor): boolean {
  if (!cursor.atWord("OVER")) return false;
  return cursor.takesOver || (cursor.atSymbol("(", 1) && overStarts.includes(cursor.peek(2).word));
}

const overStarts: readonly string[] = ["PARTITION", "ORDER", "LIMIT", "WHEN"];
const overWords: readonly string[] = ["PARTITION", "ORDER", "LIMIT"];

/** Over : OVER "(" [ PARTITION BY keys ] [ ORDER BY items ] [ LIMIT DURATION "(" unit "," n ")" ] [ WHEN condition ] ")" */
function parseOver(cursor: Cursor): OverNode {
  const start = cursor.expectWord("OVER");
  const open = cursor.expectSymbol("(");
  let partitionBy: readonly ExpressionNode[] = [];
  let orderBy: readonly OrderItemNode[] = [];
  if (cursor.acceptWord("PARTITION")) {
    cursor.expectWord("BY");
    partitionBy = cursor.list(() => parseExpression(cursor));
  }
  if (cursor.acceptWord("ORDER")) {
    cursor.expectWord("BY");
    orderBy = cursor.list(() => parseOrderItem(cursor));
  }
  const limit = cursor.atWord("LIMIT") ? parseLimitDuration(cursor) : null;
  const when = cursor.acceptWord("WHEN") ? parseExpression(cursor) : null;
  if (cursor.atWord("ROWS") || cursor.atWord("RANGE")) {
    cursor.fail(
      "ASA_NOT_SUPPORTED",
      `${cursor.peek().word} frames are not part of the language`,
      cursor.peek().range,
      {
        hint: "Bound the frame by time: LIMIT DURATION(unit, n).",
      },
    );
  }
  if (cursor.atName() || overWords.some((word) => cursor.atWord(word))) {
    const meant = overWords.includes(cursor.peek().word)
      ? undefined
      : didYouMean(cursor.peek().text, [...overWords, "WHEN"]);
    cursor.expected('")"', {
      hint: meant ?? "The order of the parts is PARTITION BY, ORDER BY, LIMIT DURATION, WHEN.",
    });
  }
  cursor.expectClosing(open);
  return { kind: "over", partitionBy, orderBy, limit, when, range: cursor.rangeFrom(start) };
}

/** OrderItem : Expression [ ASC | DESC ] */
function parseOrderItem(cursor: Cursor): OrderItemNode {
  const expression = parseExpression(cursor);
  const descending = cursor.acceptWord("DESC");
  if (!descending) cursor.acceptWord("ASC");
  return { kind: "order-item", expression, descending, range: cursor.rangeFrom(expression) };
}

/** LimitDuration : LIMIT DURATION "(" unit "," Expression ")" */
export function parseLimitDuration(cursor: Cursor): DurationNode {
  const start = cursor.expectWord("LIMIT");
  cursor.expectWord("DURATION", { hint: "Write LIMIT DURATION(unit, n)." });
  const open = cursor.expectSymbol("(");
  const unit = cursor.expectName("a time unit");
  cursor.expectSymbol(",");
  const count = parseExpression(cursor);
  cursor.expectClosing(open);
  return { kind: "duration", unit, count, range: cursor.rangeFrom(start) };
}

/** Cast : ( CAST | TRY_CAST ) "(" Expression AS Type ")" */
export function parseCast(cursor: Cursor): ExpressionNode {
  const start = cursor.next();
  const open = cursor.expectSymbol("(");
  const operand = parseExpression(cursor);
  cursor.expectWord("AS", { hint: `Write ${start.word}(expression AS type).` });
  const type = parseType(cursor);
  cursor.expectClosing(open);
  const range = cursor.rangeFrom(start);
  return cursor.grown({ kind: "cast", lenient: start.word === "TRY_CAST", operand, type, range }, [operand]);
}
