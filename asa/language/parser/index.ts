import { type Dialect, defaultDialect } from "../../dialect";
import type { ScriptNode } from "../ast";
import type { Diagnostics } from "../diagnostics";
import { tokenize } from "../lexer";
import type { Source } from "../source";
import { Cursor } from "./cursor";
import { parseScript } from "./script";

/**
 * Returns the syntax tree of the text. Mistakes go to `diagnostics`; parsing goes on behind them, and what could not be
 * read is left out of the tree.
 */
export function parse(
  source: Source,
  diagnostics: Diagnostics,
  dialect: Dialect = defaultDialect,
): ScriptNode {
  return parseScript(new Cursor(tokenize(source, diagnostics), diagnostics, dialect));
}
