import type { SourceRange } from "../../api";
import type { LiteralNode, TypeNode } from "../ast";
import type { Token } from "../tokens";
import { type Cursor, nameNode } from "./cursor";

const largest = 2n ** 63n - 1n;

/** Integer : digits, at most 2^63 - 1 (2^63 after a minus sign) */
export function integerLiteral(
  cursor: Cursor,
  token: Token,
  negative: boolean,
  range: SourceRange,
): LiteralNode {
  const value = BigInt(token.text);
  if (value > largest + (negative ? 1n : 0n)) {
    cursor.fail("ASA_NUMBER_OUT_OF_RANGE", `number ${token.text} does not fit into bigint`, range, {
      hint: "A bigint lies between -9223372036854775808 and 9223372036854775807; write a point for a float.",
    });
  }
  return { kind: "literal", value: negative ? -value : value, range };
}

/** Literal : integer | float | text | NULL */
export function parseLiteral(cursor: Cursor): LiteralNode | undefined {
  const token = cursor.peek();
  switch (token.kind) {
    case "integer":
      cursor.next();
      return integerLiteral(cursor, token, false, token.range);
    case "float": {
      cursor.next();
      const value = Number(token.text);
      if (!Number.isFinite(value)) {
        cursor.fail("ASA_NUMBER_OUT_OF_RANGE", `number ${token.text} does not fit into float`, token.range);
      }
      return { kind: "literal", value, range: token.range };
    }
    case "string":
      cursor.next();
      return { kind: "literal", value: token.text, range: token.range };
    default:
      if (token.word !== "NULL") return undefined;
      cursor.next();
      return { kind: "literal", value: null, range: token.range };
  }
}

/** Type : name [ "(" ( "max" | integer ) [ "," integer ] ")" ] */
export function parseType(cursor: Cursor): TypeNode {
  const token = cursor.peek();
  const name = nameNode(token);
  if (token.kind !== "name") cursor.expected("a type");
  cursor.next();
  let argument: string | null = null;
  if (cursor.atSymbol("(")) {
    const open = cursor.next();
    const parts = cursor.list(() => {
      const part = cursor.peek();
      if (part.kind !== "name" && part.kind !== "integer") cursor.expected('"max"');
      return cursor.next().text;
    });
    cursor.expectClosing(open);
    argument = parts.join(",");
  }
  return { kind: "type", name: name.text, argument, range: cursor.rangeFrom(token) };
}
