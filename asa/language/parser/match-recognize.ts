import type {
  DefineNode,
  DurationNode,
  ExpressionNode,
  MatchRecognizeNode,
  MeasureNode,
  PatternNode,
} from "../ast";
import { parseLimitDuration } from "./call";
import type { Cursor } from "./cursor";
import { parseExpression } from "./expression";

/**
 * MatchRecognize : MATCH_RECOGNIZE "(" { LimitDuration | PARTITION BY keys } MEASURES measures
 *   AFTER MATCH SKIP TO NEXT ROW PATTERN "(" Pattern ")" DEFINE defines ")" [ AS ] [ alias ]
 */
export function parseMatchRecognize(cursor: Cursor): MatchRecognizeNode {
  const start = cursor.expectWord("MATCH_RECOGNIZE");
  const open = cursor.expectSymbol("(");
  let limit: DurationNode | null = null;
  let partitionBy: readonly ExpressionNode[] = [];
  for (;;) {
    if (cursor.atWord("LIMIT") && limit === null) limit = parseLimitDuration(cursor);
    else if (cursor.atWord("PARTITION") && partitionBy.length === 0) {
      cursor.next();
      cursor.expectWord("BY");
      partitionBy = cursor.list(() => parseExpression(cursor));
    } else break;
  }
  if (cursor.atWord("ORDER")) {
    cursor.fail("ASA_NOT_SUPPORTED", "ORDER BY is not part of MATCH_RECOGNIZE", cursor.peek().range, {
      hint: "Rows are ordered by their timestamps.",
    });
  }
  cursor.expectWord("MEASURES");
  const measures = cursor.list(() => parseMeasure(cursor));
  parseRowsAndSkip(cursor);
  cursor.expectWord("PATTERN");
  const patternOpen = cursor.expectSymbol("(");
  const pattern = parseChoice(cursor);
  cursor.expectClosing(patternOpen);
  cursor.expectWord("DEFINE");
  const defines = cursor.list(() => parseDefine(cursor));
  cursor.expectClosing(open);
  cursor.acceptWord("AS");
  const alias = cursor.atName() ? cursor.expectName("an alias") : null;
  return {
    kind: "match-recognize",
    limit,
    partitionBy,
    measures,
    pattern,
    defines,
    alias,
    range: cursor.rangeFrom(start),
  };
}

/** Measure : Expression AS alias */
function parseMeasure(cursor: Cursor): MeasureNode {
  const expression = parseExpression(cursor);
  cursor.expectWord("AS", { hint: "Every measure needs an alias." });
  const alias = cursor.expectName("an alias");
  return { kind: "measure", expression, alias, range: cursor.rangeFrom(expression) };
}

/** RowsAndSkip : AFTER MATCH SKIP TO NEXT ROW, the only mode of the language */
function parseRowsAndSkip(cursor: Cursor): void {
  const { range } = cursor.peek();
  if (cursor.atWords("ALL", "ROWS", "PER", "MATCH")) {
    cursor.fail("ASA_NOT_SUPPORTED", "ALL ROWS PER MATCH is not part of the language", range, {
      hint: "A match gives one row; collect what you need in MEASURES.",
    });
  }
  if (cursor.atWords("ONE", "ROW", "PER", "MATCH")) for (let count = 0; count < 4; count++) cursor.next();
  const skip = ["AFTER", "MATCH", "SKIP"];
  if (cursor.atWords(...skip) && !cursor.atWords(...skip, "TO", "NEXT", "ROW")) {
    cursor.fail("ASA_NOT_SUPPORTED", "this skip mode is not part of the language", cursor.peek(3).range, {
      hint: "Write AFTER MATCH SKIP TO NEXT ROW.",
    });
  }
  for (const word of [...skip, "TO", "NEXT", "ROW"]) {
    cursor.expectWord(word, { hint: "Write AFTER MATCH SKIP TO NEXT ROW." });
  }
}

/** Define : variable AS Expression */
function parseDefine(cursor: Cursor): DefineNode {
  const variable = cursor.expectName("a pattern variable");
  cursor.expectWord("AS");
  const condition = parseExpression(cursor);
  return { kind: "define", variable, condition, range: cursor.rangeFrom(variable) };
}

/** Choice : Sequence { "|" Sequence } */
function parseChoice(cursor: Cursor): PatternNode {
  return cursor.nested(() => {
    const first = parseSequence(cursor);
    if (!cursor.atSymbol("|")) return first;
    const items = [first];
    while (cursor.acceptSymbol("|")) items.push(parseSequence(cursor));
    return { kind: "pattern-choice", items, range: cursor.rangeFrom(first) };
  });
}

/** Sequence : Item { Item } */
function parseSequence(cursor: Cursor): PatternNode {
  const first = parseItem(cursor);
  const items = [first];
  while (cursor.atName() || cursor.atSymbol(".") || cursor.atSymbol("(")) items.push(parseItem(cursor));
  return items.length === 1 ? first : { kind: "pattern-sequence", items, range: cursor.rangeFrom(first) };
}

/** Item : ( variable | "." | "(" Choice ")" ) [ "*" | "+" | "?" | "{" n [ "," [ m ] ] "}" ] */
function parseItem(cursor: Cursor): PatternNode {
  const start = cursor.peek();
  let item: PatternNode;
  if (cursor.atSymbol("(")) {
    const open = cursor.next();
    item = parseChoice(cursor);
    cursor.expectClosing(open);
  } else if (cursor.acceptSymbol(".")) item = { kind: "pattern-any", range: start.range };
  else {
    const name = cursor.expectName("a pattern variable");
    item = { kind: "pattern-variable", name, range: name.range };
  }
  const counts = parseQuantifier(cursor);
  if (counts === undefined) return item;
  return { kind: "pattern-repeat", item, ...counts, range: cursor.rangeFrom(start) };
}

function parseQuantifier(cursor: Cursor): { readonly min: number; readonly max: number | null } | undefined {
  const start = cursor.peek();
  if (cursor.acceptSymbol("*")) return { min: 0, max: null };
  if (cursor.acceptSymbol("+")) return { min: 1, max: null };
  if (cursor.acceptSymbol("?")) return { min: 0, max: 1 };
  if (!cursor.acceptSymbol("{")) return undefined;
  const count = (): number => {
    const token = cursor.peek();
    if (token.kind !== "integer" || token.text.length > 3) cursor.expected("a count below 1000");
    return Number(cursor.next().text);
  };
  const min = count();
  let max: number | null = min;
  if (cursor.acceptSymbol(",")) max = cursor.atSymbol("}") ? null : count();
  cursor.expectSymbol("}");
  if (cursor.dialect.patternCounts === "error") {
    cursor.diagnostics.error(
      "ASA_NOT_SUPPORTED",
      "counts {n,m} in PATTERN are not part of the language",
      cursor.rangeFrom(start),
      {
        hint: "Repeat the variable, or set the dialect switch patternCounts to accept.",
      },
    );
  }
  if (max !== null && max < min) {
    cursor.diagnostics.error(
      "ASA_MATCH_RECOGNIZE",
      "the upper count of a pattern is below the lower one",
      cursor.rangeFrom(start),
    );
  }
  return { min, max };
}
