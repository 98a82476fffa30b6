import type { CallNode } from "../../language";
import { wholeRowFunction } from "../../language/builtins";
import type { Expression } from "../logical-plan";
import type { Place } from "./place";
import type { ScopeSource } from "./scope";

/**
 * The whole row of a SELECT: the event of its source. With several sources it has the shape of `SELECT *` over them
 * (OPEN-07): the columns of the stream with one record per APPLY alias, or one record per joined source.
 * Analytic functions run before the join, so for them the row is the event of the only stream or step.
 */
export function wholeRow(node: CallNode, place: Place): Expression | undefined {
  const { sources } = place.scope;
  const streams = sources.filter((source) => source.kind !== "apply");
  const [only, another] = place.inside === "analytic" ? streams : sources;
  if (only !== undefined && another === undefined) return eventOf(only, node);
  if (place.inside === "analytic" || place.environment.dialect.joinStar === "error") {
    place.environment.diagnostics.error(
      "ASA_STAR",
      "the whole event is ambiguous with several sources",
      node.range,
      {
        hint: "Name the source as the argument.",
      },
    );
    return undefined;
  }
  const columns = place.environment.dialect.joinStar === "columns";
  const parts = sources.flatMap((source): Expression[] => {
    const flat = columns || (streams.length === 1 && source.kind !== "apply");
    const name: Expression = {
      kind: "literal",
      value: flat ? null : source.name,
      type: "nvarchar(max)",
      range: node.range,
    };
    return [name, eventOf(source, node)];
  });
  return { kind: "call", function: wholeRowFunction, arguments: parts, type: "record", range: node.range };
}

function eventOf(source: ScopeSource, node: CallNode): Expression {
  return { kind: "event", slot: source.slot, timestampColumn: null, type: "record", range: node.range };
}
