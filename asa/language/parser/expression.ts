import type { BinaryOperator, ComparisonOperator, ExpressionNode, LiteralNode, NameNode } from "../ast";
import type { DiagnosticNotes } from "../diagnostics";
import { joinRanges } from "../source";
import { reservedWords, type Token } from "../tokens";
import { parseCall, parseCast } from "./call";
import { type Cursor, clauseWords, SyntaxFailure } from "./cursor";
import { integerLiteral, parseLiteral } from "./literal";

/**
 * Expression : Or. Conditions and values share one grammar; the checker says where which of them may stand.
 */
export function parseExpression(cursor: Cursor): ExpressionNode {
  return cursor.nested(() => parseLogical(cursor, "or"));
}

/** Or : And { OR And }, And : Not { AND Not } */
function parseLogical(cursor: Cursor, operator: "or" | "and"): ExpressionNode {
  const operand = (): ExpressionNode => (operator === "or" ? parseLogical(cursor, "and") : parseNot(cursor));
  const first = operand();
  const word = operator.toUpperCase();
  if (!cursor.atWord(word)) return first;
  const operands = flatten(first, operator);
  while (cursor.acceptWord(word)) operands.push(...flatten(operand(), operator));
  return cursor.grown({ kind: "logical", operator, operands, range: cursor.rangeFrom(first) }, operands);
}

function flatten(node: ExpressionNode, operator: "or" | "and"): ExpressionNode[] {
  return node.kind === "logical" && node.operator === operator ? [...node.operands] : [node];
}

/** Not : [ NOT ] Predicate */
function parseNot(cursor: Cursor): ExpressionNode {
  const token = cursor.peek();
  if (!cursor.acceptWord("NOT")) return parsePredicate(cursor);
  const operand = cursor.nested(() => parseNot(cursor));
  return cursor.grown({ kind: "not", operand, range: cursor.rangeFrom(token) }, [operand]);
}

const comparisons: Readonly<Record<string, ComparisonOperator>> = {
  "=": "=",
  "<>": "<>",
  "!=": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  "!<": ">=",
  "!>": "<=",
};

/** Comparison : one of the operators; blanks may stand inside it, as in T-SQL: `< >` */
function acceptComparison(cursor: Cursor): ComparisonOperator | undefined {
  const token = cursor.peek();
  if (token.kind !== "symbol" || comparisons[token.text] === undefined) return undefined;
  const next = cursor.peek(1);
  const apart = next.kind === "symbol" && next.spaced ? comparisons[token.text + next.text] : undefined;
  cursor.next();
  if (apart !== undefined) cursor.next();
  return apart ?? comparisons[token.text];
}

/** Predicate : Value [ comparison Value | [NOT] LIKE Value | [NOT] BETWEEN Value AND Value | [NOT] IN (...) | IS [NOT] NULL ] */
function parsePredicate(cursor: Cursor): ExpressionNode {
  const operand = parseValue(cursor);
  const token = cursor.peek();
  const comparison = acceptComparison(cursor);
  if (comparison !== undefined) {
    if (token.text === "=" && cursor.atSymbol("=") && !cursor.peek().spaced) {
      cursor.misplaced('"==" is not part of the language', "Write = to compare.");
      cursor.next();
    }
    const right = parseValue(cursor);
    const range = cursor.rangeFrom(operand);
    return cursor.grown({ kind: "comparison", operator: comparison, left: operand, right, range }, [
      operand,
      right,
    ]);
  }
  if (cursor.acceptWord("IS")) {
    const negated = cursor.acceptWord("NOT");
    cursor.expectWord("NULL", {
      hint: `IS tests for NULL only; write ${negated ? "<>" : "="} to compare with a value.`,
    });
    return cursor.grown({ kind: "is-null", negated, operand, range: cursor.rangeFrom(operand) }, [operand]);
  }
  const negated = cursor.atWord("NOT") && ["LIKE", "BETWEEN", "IN"].some((word) => cursor.atWord(word, 1));
  if (negated) cursor.next();
  if (cursor.acceptWord("LIKE")) {
    const pattern = parseValue(cursor);
    if (cursor.atWord("ESCAPE")) {
      cursor.fail("ASA_NOT_SUPPORTED", "LIKE has no ESCAPE clause", cursor.peek().range, {
        hint: "Put the character into a set, e.g. '%[_]%'.",
      });
    }
    const range = cursor.rangeFrom(operand);
    return cursor.grown({ kind: "like", negated, operand, pattern, range }, [operand, pattern]);
  }
  if (cursor.acceptWord("BETWEEN")) {
    const low = parseValue(cursor);
    cursor.expectWord("AND", { hint: "Write BETWEEN low AND high." });
    const high = parseValue(cursor);
    const range = cursor.rangeFrom(operand);
    return cursor.grown({ kind: "between", negated, operand, low, high, range }, [operand, low, high]);
  }
  if (cursor.acceptWord("IN")) {
    const open = cursor.expectSymbol("(", { hint: "Write the values in brackets: IN (a, b)." });
    rejectSubquery(cursor, "IN (SELECT ...)");
    const items = cursor.list(() => parseExpression(cursor));
    cursor.expectClosing(open);
    const range = cursor.rangeFrom(operand);
    return cursor.grown({ kind: "in", negated, operand, items, range }, [operand, ...items]);
  }
  return operand;
}

const additive: readonly string[] = ["+", "-"];
const bitwise: readonly string[] = ["&", "|", "^"];

/** Operators of one level each, weakest first. */
const levels: Readonly<Record<"tsql" | "c", readonly (readonly string[])[]>> = {
  tsql: [
    [...additive, ...bitwise],
    ["*", "/", "%"],
  ],
  c: [["|"], ["^"], ["&"], additive, ["*", "/", "%"]],
};

/** Value : Term { operator Term }, left to right on each level of precedence */
function parseValue(cursor: Cursor): ExpressionNode {
  const table = levels[cursor.dialect.bitwisePrecedence];
  const parseLevel = (level: number): ExpressionNode => {
    const operators = table[level];
    if (operators === undefined) return parseUnary(cursor);
    let left = parseLevel(level + 1);
    while (cursor.peek().kind === "symbol" && operators.includes(cursor.peek().text)) {
      const operator = cursor.next().text as BinaryOperator;
      rejectDoubled(cursor, operator);
      const right = parseLevel(level + 1);
      const range = joinRanges(left.range, right.range);
      left = cursor.grown({ kind: "binary", operator, left, right, range }, [left, right]);
    }
    return left;
  };
  return parseLevel(0);
}

/** Reports && and ||, the logical operators of other languages. */
function rejectDoubled(cursor: Cursor, operator: string): void {
  if ((operator !== "&" && operator !== "|") || !cursor.atSymbol(operator) || cursor.peek().spaced) return;
  const { range } = cursor.previous;
  cursor.fail("ASA_SYNTAX", `"${operator}${operator}" is not part of the language`, range, {
    hint: operator === "&" ? "Write AND." : "Write OR; texts are joined by + or CONCAT.",
  });
}

/** Unary : [ "+" | "-" | "~" ] Unary | Postfix */
function parseUnary(cursor: Cursor): ExpressionNode {
  const token = cursor.peek();
  if (token.kind !== "symbol" || !["+", "-", "~"].includes(token.text)) return parsePostfix(cursor);
  cursor.next();
  if (token.text === "-" && cursor.peek().kind === "integer") {
    const number = cursor.peek();
    if (BigInt(number.text) === 2n ** 63n) {
      cursor.next();
      return integerLiteral(cursor, number, true, cursor.rangeFrom(token));
    }
  }
  const operand = cursor.nested(() => parseUnary(cursor));
  const operator = token.text as "+" | "-" | "~";
  return cursor.grown({ kind: "unary", operator, operand, range: cursor.rangeFrom(token) }, [operand]);
}

/** Postfix : Primary { "." name }; `a[0]` reads as GetArrayElement(a, 0) where the dialect accepts it */
function parsePostfix(cursor: Cursor): ExpressionNode {
  let node = parsePrimary(cursor);
  for (;;) {
    if (cursor.atSymbol(".") && cursor.peek(1).kind !== "symbol") {
      cursor.next();
      const name = memberName(cursor);
      node = cursor.grown({ kind: "member", target: node, name, range: cursor.rangeFrom(node) }, [node]);
    } else if (atIndex(cursor)) {
      const token = cursor.next();
      if (cursor.dialect.arrayIndexing === "error") {
        cursor.fail("ASA_SYNTAX", `array elements are not read as [${token.text}]`, token.range, {
          hint: `Use GetArrayElement(array, ${token.text}).`,
        });
      }
      const index: LiteralNode = { kind: "literal", value: BigInt(token.text), range: token.range };
      const name: NameNode = { kind: "name", text: "GetArrayElement", quoted: false, range: node.range };
      const range = cursor.rangeFrom(node);
      const parts = [node, index];
      node = cursor.grown(
        { kind: "call", name: [name], quantifier: null, star: false, arguments: parts, over: null, range },
        parts,
      );
    } else return node;
  }
}

function atIndex(cursor: Cursor): boolean {
  const token = cursor.peek();
  return token.kind === "quoted-name" && !token.spaced && /^[0-9]{1,9}$/.test(token.text);
}

/** After a dot any word is a name, reserved or not. */
export function memberName(cursor: Cursor): NameNode {
  const token = cursor.peek();
  // Behind a dot and a blank a clause begins; the member was forgotten.
  const clause = token.spaced && clauseWords.includes(token.word);
  if ((token.kind !== "name" && token.kind !== "quoted-name") || clause) {
    const hint =
      token.kind === "integer" ? { hint: `Write [${token.text}] for a member whose name is a number.` } : {};
    cursor.expected("the name of a column or member", hint);
  }
  cursor.next();
  return { kind: "name", text: token.text, quoted: token.kind === "quoted-name", range: token.range };
}

/** Primary : Literal | Case | Cast | Call | Path | "(" Expression ")" */
function parsePrimary(cursor: Cursor): ExpressionNode {
  const literal = parseLiteral(cursor);
  if (literal !== undefined) return literal;
  const token = cursor.peek();
  if (cursor.atSymbol("(")) {
    const start = cursor.index;
    const open = cursor.next();
    if (cursor.atWord("SELECT")) {
      reportSubquery(cursor, "a subquery as a value");
      if (cursor.leaveBracket(start)) return { kind: "literal", value: null, range: open.range };
    }
    const inner = parseExpression(cursor);
    cursor.expectClosing(open);
    return inner;
  }
  if (token.word === "CASE") return parseCase(cursor);
  if (token.word === "EXISTS" && cursor.atSymbol("(", 1) && cursor.atWord("SELECT", 2)) {
    rejectAt(cursor, "EXISTS (SELECT ...)");
  }
  if (cursor.atSymbol("(", 1) && (token.word === "CAST" || token.word === "TRY_CAST"))
    return parseCast(cursor);
  const callable = cursor.atName() || (token.word === "LEFT" && cursor.atSymbol("(", 1));
  if (!callable) return rejectPrimary(cursor);
  cursor.next();
  const segments: NameNode[] = [
    { kind: "name", text: token.text, quoted: token.kind === "quoted-name", range: token.range },
  ];
  while (cursor.atSymbol(".") && !cursor.atSymbol("*", 1)) {
    cursor.next();
    segments.push(memberName(cursor));
    if (segments.length > 64) cursor.tooDeep(token.range);
  }
  if (cursor.atSymbol("(")) return parseCall(cursor, segments);
  return { kind: "path", segments, range: cursor.rangeFrom(token) };
}

function rejectPrimary(cursor: Cursor): ExpressionNode {
  const token = cursor.peek();
  if (reservedWords.has(token.word) && isFollowedAsName(cursor)) {
    cursor.misplaced(
      `keyword ${token.word} cannot be a name`,
      `Write [${token.text}] to use the keyword as a name.`,
    );
    cursor.next();
    return { kind: "literal", value: null, range: token.range };
  }
  if (token.text === "," && token.kind === "symbol")
    return cursor.expected("an expression", { hint: "Remove the comma, or write what it separates." });
  return cursor.expected("an expression", keywordHint(token));
}

/** A clause never begins with these, so a keyword before them was to be a name. */
function isFollowedAsName(cursor: Cursor): boolean {
  const next = cursor.peek(1);
  return next.kind === "symbol" && [",", ".", "=", "<", ">", "<=", ">=", "<>", "!="].includes(next.text);
}

/** Only words that rarely follow a missing expression are taken for names without brackets. */
function keywordHint(token: Token): DiagnosticNotes {
  const asName = [
    "ORDER",
    "TABLE",
    "LIMIT",
    "GROUP",
    "PARTITION",
    "INNER",
    "OUTER",
    "CROSS",
    "APPLY",
    "LEFT",
  ];
  return asName.includes(token.word) ? { hint: `Write [${token.text}] to use the keyword as a name.` } : {};
}

/** Case : CASE [ Expression ] ( WHEN Expression THEN Expression )+ [ ELSE Expression ] END */
function parseCase(cursor: Cursor): ExpressionNode {
  const start = cursor.expectWord("CASE");
  const operand = cursor.atWord("WHEN") ? null : parseExpression(cursor);
  if (!cursor.atWord("WHEN"))
    cursor.expected("WHEN", { hint: "Write CASE WHEN condition THEN value ELSE value END." });
  const branches = [];
  while (cursor.atWord("WHEN")) {
    const token = cursor.next();
    const when = parseExpression(cursor);
    cursor.expectWord("THEN");
    const then = parseExpression(cursor);
    branches.push({ kind: "case-branch", when, then, range: cursor.rangeFrom(token) } as const);
  }
  const otherwise = cursor.acceptWord("ELSE") ? parseExpression(cursor) : null;
  cursor.expectWord("END", { hint: "Close the CASE with END." });
  const children = branches.flatMap((branch) => [branch.when, branch.then]);
  if (operand !== null) children.push(operand);
  if (otherwise !== null) children.push(otherwise);
  return cursor.grown(
    { kind: "case", operand, branches, otherwise, range: cursor.rangeFrom(start) },
    children,
  );
}

export function rejectSubquery(cursor: Cursor, what: string): void {
  if (cursor.atWord("SELECT")) rejectAt(cursor, what);
}

function rejectAt(cursor: Cursor, what: string): never {
  reportSubquery(cursor, what);
  throw new SyntaxFailure(what);
}

function reportSubquery(cursor: Cursor, what: string): void {
  cursor.diagnostics.error("ASA_NOT_SUPPORTED", `${what} is not part of the language`, cursor.peek().range, {
    hint: "Compute it in a WITH step and join that step.",
  });
}
