import type {
  ApplyNode,
  ExpressionNode,
  JoinNode,
  NameNode,
  PartitionByNode,
  SourceNode,
  TimestampByNode,
} from "../ast";
import { type Cursor, clauseWords } from "./cursor";
import { parseExpression } from "./expression";
import { parseQuery } from "./query";

/** Words after which recovery inside FROM goes on. */
export const fromStops: readonly string[] = [...clauseWords, "JOIN", "INNER", "LEFT", "CROSS", "OUTER"];

/** Joins : { Join | Apply }; a faulty one is left out. */
export function parseJoins(cursor: Cursor): readonly (JoinNode | ApplyNode)[] {
  const joins: (JoinNode | ApplyNode)[] = [];
  for (;;) {
    rejectForeign(cursor);
    const before = cursor.index;
    if (!["JOIN", "INNER", "LEFT", "CROSS", "OUTER"].some((word) => cursor.atWord(word))) return joins;
    const join = cursor.recover(() => parseJoinOrApply(cursor), fromStops, []);
    if (join !== undefined) joins.push(join);
    else if (cursor.index === before) cursor.next();
  }
}

/** Reports clauses of other SQL dialects that may follow a source. */
function rejectForeign(cursor: Cursor): void {
  const { word, range } = cursor.peek();
  const reject = (what: string, hint: string): never =>
    cursor.fail("ASA_NOT_SUPPORTED", `${what} is not part of the language`, range, { hint });
  if (word === "RIGHT") reject("RIGHT JOIN", "Use LEFT JOIN with the sources the other way round.");
  if (word === "FULL") reject("FULL JOIN", "Unite two LEFT JOINs with UNION.");
  if (word === "PIVOT" || word === "UNPIVOT") reject(word, "Use CASE and aggregates in a step of its own.");
  if (cursor.acceptSymbol(",")) {
    cursor.fail("ASA_NOT_SUPPORTED", "a list of sources after FROM is not part of the language", range, {
      hint: "Use JOIN ... ON ...",
    });
  }
}

/**
 * Join : [ INNER | LEFT [ OUTER ] ] JOIN Source ON Expression | CROSS JOIN Source
 * Apply : ( CROSS | OUTER ) APPLY name "(" Expression ")" [ AS ] alias
 */
function parseJoinOrApply(cursor: Cursor): JoinNode | ApplyNode {
  const start = cursor.peek();
  if (cursor.atWords("CROSS", "APPLY") || cursor.atWords("OUTER", "APPLY")) return parseApply(cursor);
  if (cursor.acceptWord("CROSS")) {
    cursor.expectWord("JOIN");
    const source = parseSource(cursor);
    return { kind: "join", type: "cross", source, on: null, range: cursor.rangeFrom(start) };
  }
  const left = cursor.acceptWord("LEFT");
  if (left) cursor.acceptWord("OUTER");
  else cursor.acceptWord("INNER");
  cursor.expectWord("JOIN");
  const source = parseSource(cursor);
  cursor.expectWord("ON", {
    hint: "Write the join condition after ON; between streams it needs a DATEDIFF.",
  });
  const on = parseExpression(cursor);
  return { kind: "join", type: left ? "left" : "inner", source, on, range: cursor.rangeFrom(start) };
}

function parseApply(cursor: Cursor): ApplyNode {
  const start = cursor.next();
  cursor.expectWord("APPLY");
  const name = cursor.expectName("GetArrayElements or GetRecordProperties");
  const open = cursor.expectSymbol("(", {
    hint: `Write ${start.word} APPLY GetArrayElements(${name.text}) AS element.`,
  });
  const parts = cursor.atSymbol(")") ? [] : cursor.list(() => parseExpression(cursor));
  cursor.expectClosing(open);
  cursor.acceptWord("AS");
  if (!cursor.atName()) cursor.expected("an alias", { hint: "The elements of APPLY need an alias." });
  const alias = cursor.expectName("an alias");
  return {
    kind: "apply",
    outer: start.word === "OUTER",
    function: name,
    arguments: parts,
    alias,
    range: cursor.rangeFrom(start),
  };
}

/** Source : ( name | "(" Query ")" ) [ alias ] { TimestampBy | PartitionBy } [ alias ] */
export function parseSource(cursor: Cursor): SourceNode {
  const start = cursor.peek();
  if (cursor.atSymbol("(")) {
    const open = cursor.next();
    const query = cursor.nested(() => parseQuery(cursor));
    cursor.expectClosing(open);
    const clauses = parseSourceClauses(cursor);
    return { kind: "derived-source", query, ...clauses, range: cursor.rangeFrom(start) };
  }
  const name = parseTableName(cursor);
  const clauses = parseSourceClauses(cursor);
  return { kind: "table-source", name, ...clauses, range: cursor.rangeFrom(start) };
}

/** TableName : name { "." name }; the parts make one name */
function parseTableName(cursor: Cursor): NameNode {
  const first = cursor.expectName("the name of an input or step");
  if (!cursor.atSymbol(".")) return first;
  let text = first.text;
  while (cursor.acceptSymbol(".")) text += `.${cursor.expectName("a name").text}`;
  return { kind: "name", text, quoted: true, range: cursor.rangeFrom(first) };
}

interface SourceClauses {
  readonly alias: NameNode | null;
  readonly timestampBy: TimestampByNode | null;
  readonly partitionBy: PartitionByNode | null;
}

function parseSourceClauses(cursor: Cursor): SourceClauses {
  let alias = parseSourceAlias(cursor);
  let timestampBy: TimestampByNode | null = null;
  let partitionBy: PartitionByNode | null = null;
  for (;;) {
    if (cursor.atWords("TIMESTAMP", "BY")) {
      if (timestampBy !== null) cursor.expected("one TIMESTAMP BY only");
      timestampBy = parseTimestampBy(cursor);
    } else if (cursor.atWords("PARTITION", "BY")) {
      if (partitionBy !== null) cursor.expected("one PARTITION BY only");
      partitionBy = parsePartitionBy(cursor);
    } else break;
  }
  if (timestampBy !== null || partitionBy !== null) {
    const later = parseSourceAlias(cursor);
    if (later !== null && alias !== null) {
      cursor.diagnostics.error(
        "ASA_TWO_ALIASES",
        `source has two aliases, "${alias.text}" and "${later.text}"`,
        later.range,
        {
          hint: "Keep one of them.",
        },
      );
    } else if (later !== null) alias = later;
  }
  return { alias, timestampBy, partitionBy };
}

const foreignWords: ReadonlySet<string> = new Set([
  "RIGHT",
  "FULL",
  "PIVOT",
  "UNPIVOT",
  "EXCEPT",
  "INTERSECT",
]);

/** SourceAlias : [ AS ] name */
function parseSourceAlias(cursor: Cursor): NameNode | null {
  if (cursor.acceptWord("AS")) return cursor.expectName("an alias");
  if (!cursor.atName() || cursor.atWords("TIMESTAMP", "BY")) return null;
  const { word } = cursor.peek();
  // GO of other tools stands on a line of its own; there it is no alias.
  if (word === "GO" && cursor.peek().range.line > cursor.previous.range.line) return null;
  if (word === "MATCH_RECOGNIZE" && cursor.atSymbol("(", 1)) return null;
  if (
    foreignWords.has(word) &&
    (cursor.atWord("JOIN", 1) ||
      cursor.atWord("OUTER", 1) ||
      cursor.atWord("SELECT", 1) ||
      cursor.atSymbol("(", 1))
  ) {
    return null;
  }
  return cursor.expectName("an alias");
}

/** TimestampBy : TIMESTAMP BY Expression [ OVER Expression { "," Expression } ] */
function parseTimestampBy(cursor: Cursor): TimestampByNode {
  const start = cursor.next();
  cursor.next();
  const expression = cursor.withoutOver(() => parseExpression(cursor));
  const over: readonly ExpressionNode[] = cursor.acceptWord("OVER")
    ? cursor.list(() => parseExpression(cursor))
    : [];
  return { kind: "timestamp-by", expression, over, range: cursor.rangeFrom(start) };
}

/** PartitionBy : PARTITION BY Expression { "," Expression } [ INTO integer ] */
function parsePartitionBy(cursor: Cursor): PartitionByNode {
  const start = cursor.next();
  cursor.next();
  const keys = cursor.list(() => parseExpression(cursor));
  let count: bigint | null = null;
  if (cursor.acceptWord("INTO")) {
    if (cursor.peek().kind !== "integer") cursor.expected("a number of partitions");
    count = BigInt(cursor.next().text);
  }
  return { kind: "partition-by", keys, count, range: cursor.rangeFrom(start) };
}
