import type { NameNode, PathNode, SelectItemNode } from "../ast";
import type { Token } from "../tokens";
import { type Cursor, clauseWords, nameNode } from "./cursor";
import { memberName, parseExpression } from "./expression";

/** SelectList : SelectItem { "," SelectItem }; a faulty item is left out. */
export function parseSelectList(cursor: Cursor): readonly SelectItemNode[] {
  const items: SelectItemNode[] = [];
  do {
    const item = cursor.recover(() => parseSelectItem(cursor), clauseWords, [","]);
    if (item !== undefined) items.push(item);
  } while (cursor.acceptSymbol(","));
  return items;
}

/** SelectItem : "*" | Path "." "*" | alias "=" Expression | Expression [ [ AS ] alias ] */
function parseSelectItem(cursor: Cursor): SelectItemNode {
  const start = cursor.peek();
  if ((cursor.atWord("FROM") || cursor.atWord("INTO")) && cursor.previous.text === ",") {
    cursor.expected("a column", { hint: `Remove the comma before ${start.word}.` });
  }
  if (cursor.acceptSymbol("*")) return { kind: "star-item", path: null, range: start.range };
  if (atQualifiedStar(cursor)) {
    const path = parsePathBeforeStar(cursor);
    cursor.next();
    cursor.next();
    return { kind: "star-item", path, range: cursor.rangeFrom(start) };
  }
  if ((cursor.atName() || start.kind === "string") && cursor.atSymbol("=", 1)) {
    cursor.next();
    cursor.next();
    const expression = parseExpression(cursor);
    return { kind: "expression-item", expression, alias: nameNode(start), range: cursor.rangeFrom(start) };
  }
  const expression = parseExpression(cursor);
  const alias = parseAlias(cursor);
  const item = { kind: "expression-item", expression, alias, range: cursor.rangeFrom(start) } as const;
  if (!endsItem(cursor.peek())) {
    cursor.expected('"," or FROM', cursor.atName() ? { hint: "A comma may be missing before it." } : {});
  }
  return item;
}

function endsItem(token: Token): boolean {
  const symbol = token.kind === "symbol" && [",", ")", ";"].includes(token.text);
  return symbol || token.kind === "end" || clauseWords.includes(token.word);
}

function atQualifiedStar(cursor: Cursor): boolean {
  let ahead = 0;
  while (cursor.atName(ahead) && cursor.atSymbol(".", ahead + 1)) {
    ahead += 2;
    if (cursor.atSymbol("*", ahead)) return true;
  }
  return false;
}

function parsePathBeforeStar(cursor: Cursor): PathNode {
  const segments: NameNode[] = [memberName(cursor)];
  while (!cursor.atSymbol("*", 1)) {
    cursor.next();
    segments.push(memberName(cursor));
  }
  return { kind: "path", segments, range: cursor.rangeFrom(segments[0] as NameNode) };
}

/** Alias : [ AS ] ( name | text ) */
function parseAlias(cursor: Cursor): NameNode | null {
  const explicit = cursor.acceptWord("AS");
  const token = cursor.peek();
  if (token.kind === "string") {
    cursor.next();
    return nameNode(token);
  }
  if (explicit && token.kind === "name" && !cursor.atName() && endsItem(cursor.peek(1))) {
    cursor.diagnostics.error("ASA_SYNTAX", `keyword ${token.word} cannot be an alias`, token.range, {
      hint: `Write [${token.text}] to use the keyword as a name.`,
    });
    cursor.next();
    return nameNode(token);
  }
  if (explicit) return cursor.expectName("an alias");
  return cursor.atName() ? cursor.expectName("an alias") : null;
}
