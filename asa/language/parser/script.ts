import type { ColumnDefinitionNode, CreateTableNode, QueryNode, ScriptNode, StepNode } from "../ast";
import { suggest } from "../suggestions";
import { type Cursor, SyntaxFailure } from "./cursor";
import { parseType } from "./literal";
import { parseQuery } from "./query";

/** Script : { ";" } { CreateTable } [ WITH Step { "," Step } ] { Query } with optional ";" everywhere */
export function parseScript(cursor: Cursor): ScriptNode {
  const start = cursor.peek();
  const tables: CreateTableNode[] = [];
  const steps: StepNode[] = [];
  const statements: QueryNode[] = [];
  let withSeen = false;
  while (cursor.peek().kind !== "end") {
    if (cursor.acceptSymbol(";")) continue;
    if (cursor.atSymbol(")")) {
      const { range } = cursor.next();
      // Behind a mistake it most likely belongs to what was left out.
      if (!cursor.diagnostics.hasErrors) {
        cursor.diagnostics.error("ASA_SYNTAX", '")" closes no bracket', range, { hint: "Remove it." });
      }
      continue;
    }
    const before = cursor.index;
    cursor.recover(
      () => {
        if (cursor.atWord("CREATE")) {
          if (withSeen || statements.length > 0) {
            cursor.misplaced("CREATE TABLE stands before WITH and the first SELECT", "Move it to the top.");
          }
          tables.push(parseCreateTable(cursor));
        } else if (cursor.atWord("WITH")) {
          if (withSeen || statements.length > 0) {
            cursor.misplaced(
              "a script has one WITH clause, before its first SELECT",
              "Join the steps by commas in one WITH clause.",
            );
          }
          withSeen = true;
          parseSteps(cursor, steps);
        } else if (cursor.atWord("SELECT") || cursor.atSymbol("(")) statements.push(parseQuery(cursor));
        else rejectStatement(cursor);
      },
      ["SELECT", "WITH", "CREATE"],
      [],
    );
    if (cursor.index === before) cursor.next();
  }
  return { kind: "script", tables, steps, statements, range: cursor.rangeFrom(start) };
}

const foreignStatements: ReadonlySet<string> = new Set(
  "INSERT UPDATE DELETE MERGE DECLARE SET DROP ALTER EXEC EXECUTE PRINT IF WHILE BEGIN USE GRANT TRUNCATE".split(
    " ",
  ),
);

function rejectStatement(cursor: Cursor): never {
  const { word, range } = cursor.peek();
  if (foreignStatements.has(word)) {
    cursor.fail("ASA_NOT_SUPPORTED", `${word} is not part of the language`, range, {
      hint: "A query consists of CREATE TABLE, WITH steps and SELECT statements.",
    });
  }
  const hint = statementHint(cursor);
  return cursor.expected("CREATE TABLE, WITH or SELECT", hint === undefined ? {} : { hint });
}

/** Clause words as they are misspelt: they pass for the alias of the source before them. */
const misspelt = ["WHERE", "GROUP", "GROUPBY", "HAVING", "JOIN", "UNION", "TIMESTAMP", "PARTITION"];

function statementHint(cursor: Cursor): string | undefined {
  const { word } = cursor.peek();
  if (word === "GO") return "Remove GO; statements need no separator.";
  if (word === "FROM") return "A statement begins with SELECT.";
  if (word === "BY" && cursor.previous.word === "TIMESTAMP")
    return "TIMESTAMP BY stands behind the input: FROM input TIMESTAMP BY column.";
  const before = cursor.previous;
  if (before.kind !== "name") return undefined;
  if (before.word === "WINDOW") return "A window stands in GROUP BY.";
  const [clause] = suggest(before.word, misspelt);
  return clause === undefined
    ? undefined
    : `Did you mean ${clause === "GROUPBY" ? "GROUP BY" : clause} before it?`;
}

/** CreateTable : CREATE TABLE name "(" name Type { "," name Type } ")" */
function parseCreateTable(cursor: Cursor): CreateTableNode {
  const start = cursor.next();
  cursor.expectWord("TABLE");
  const name = cursor.expectName("the name of an input");
  const open = cursor.expectSymbol("(", { hint: "Write CREATE TABLE input (column type, ...)." });
  const columns = cursor.list((): ColumnDefinitionNode => {
    const column = cursor.expectName("a column");
    const type = parseType(cursor);
    return { kind: "column-definition", name: column, type, range: cursor.rangeFrom(column) };
  });
  cursor.expectClosing(open);
  return { kind: "create-table", name, columns, range: cursor.rangeFrom(start) };
}

/** Steps : WITH Step { "," Step }; after a faulty step the next one is read. */
function parseSteps(cursor: Cursor, steps: StepNode[]): void {
  cursor.expectWord("WITH");
  do {
    const start = cursor.index;
    try {
      steps.push(parseStep(cursor));
    } catch (error) {
      if (!(error instanceof SyntaxFailure) || !cursor.leaveBracket(start + 2)) throw error;
    }
  } while (cursor.acceptSymbol(","));
  if (cursor.atName() && cursor.atWord("AS", 1) && cursor.atSymbol("(", 2)) {
    cursor.expected("a SELECT statement", { hint: "A comma is missing between two steps." });
  }
}

/** Step : name AS "(" Query ")" */
function parseStep(cursor: Cursor): StepNode {
  if (cursor.atWord("SELECT") && cursor.previous.text === ",")
    cursor.expected("the name of a step", { hint: "Remove the comma before SELECT." });
  const name = cursor.expectName("the name of a step");
  cursor.expectWord("AS", { hint: "Write a step as: name AS (SELECT ...)." });
  const open = cursor.expectSymbol("(", { hint: "Put the query of a step into brackets." });
  const query = parseQuery(cursor);
  cursor.expectClosing(open);
  return { kind: "step", name, query, range: cursor.rangeFrom(name) };
}
