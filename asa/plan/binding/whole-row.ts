import type { CallNode } from "../../language";
import type { Expression } from "../logical-plan";
import type { Place } from "./place";

/** The whole event; with several sources there is no single one. */
export function wholeRow(node: CallNode, place: Place): Expression | undefined {
  const [source, another] = place.scope.sources;
  if (source === undefined || another !== undefined) {
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
  return { kind: "event", slot: source.slot, timestampColumn: null, type: "record", range: node.range };
}
