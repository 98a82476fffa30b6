import type { CallNode, ExpressionNode } from "../../language";
import type { ContextBuiltin } from "../../language/builtins";
import type { Expression } from "../logical-plan";
import { checkCount } from "./arguments";
import { faulty, type Place } from "./place";
import { wholeEvent } from "./scope";

/** System.Timestamp(), System.Window() and GetMetadataPropertyValue(input, 'path') */
export function bindContext(node: CallNode, builtin: ContextBuiltin, place: Place): Expression {
  const { diagnostics } = place.environment;
  const { range } = node;
  if (!checkCount(node, builtin, node.arguments.length, place)) return faulty(range);
  switch (builtin.name) {
    case "System.Timestamp":
      if (!place.timestamp) {
        diagnostics.error(
          "ASA_TIMESTAMP_BY_EXPRESSION",
          `System.Timestamp() cannot stand in ${place.clause}`,
          range,
          {
            hint: "TIMESTAMP BY sets it; use columns of the event.",
          },
        );
        return faulty(range);
      }
      return { kind: "timestamp", type: "datetime", range };
    case "System.Window":
      if (!place.window) {
        diagnostics.error("ASA_WINDOW_PLACE", `System.Window() cannot stand in ${place.clause}`, range, {
          hint: "It stands in the SELECT list of a query with a window.",
        });
        return faulty(range);
      }
      return { kind: "window", type: "record", range };
    default:
      return bindMetadata(node, place);
  }
}

function bindMetadata(node: CallNode, place: Place): Expression {
  const { diagnostics } = place.environment;
  const [inputNode, pathNode] = node.arguments as readonly [ExpressionNode, ExpressionNode];
  const source = inputNode.kind === "path" ? wholeEvent(place.scope, inputNode) : undefined;
  if (source?.kind !== "stream") {
    diagnostics.error(
      "ASA_METADATA_INPUT",
      "GetMetadataPropertyValue reads a stream input only",
      inputNode.range,
      {
        hint: "Call it in the SELECT that reads the input, and pass the value on as a column.",
      },
    );
    return faulty(node.range);
  }
  if (pathNode.kind !== "literal" || typeof pathNode.value !== "string") {
    diagnostics.error(
      "ASA_ARGUMENT_CONSTANT",
      "the path of GetMetadataPropertyValue must be a text",
      pathNode.range,
      {
        hint: "Write e.g. '[EventHub].[PartitionId]'.",
      },
    );
    return faulty(node.range);
  }
  const path = [...pathNode.value.matchAll(/\[((?:[^\]]|\]\])*)\]|([^.[\]]+)/g)].map((part) =>
    (part[1] ?? part[2] ?? "").replaceAll("]]", "]").trim(),
  );
  return { kind: "metadata", slot: source.slot, path, type: "any", range: node.range };
}
