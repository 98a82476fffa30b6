import { walkExpression } from "../binding/expression-tree";
import { reachable, streamsBelow } from "../relations";
import type { WarningContext } from "./context";

/** Ordering policies act on application time, which only TIMESTAMP BY gives. */
export function ignoredPolicies({ plan, options, diagnostics }: WarningContext): void {
  const { policies } = options;
  if (policies === undefined) return;
  const used = reachable(plan);
  for (const relation of plan.relations) {
    if (relation.kind !== "stream-input" || relation.timestampBy !== null || !used.has(relation.id)) continue;
    diagnostics.warning(
      "ASA_LATE_POLICY_IGNORED",
      `ordering policies have no effect on input "${relation.input}" without TIMESTAMP BY`,
      relation.range,
      { hint: "Add TIMESTAMP BY with the column that holds the event's time." },
    );
  }
}

/** Windows close when the watermark passes their end; a time that never moves, or an unlimited wait, keeps them open. */
export function neverClosingWindows({ plan, options, diagnostics }: WarningContext): void {
  const used = reachable(plan);
  const unlimited = options.policies !== undefined && options.policies.outOfOrderToleranceTicks === null;
  for (const relation of plan.relations) {
    const waits =
      relation.kind === "aggregate" ||
      (relation.kind === "join" && relation.outer) ||
      relation.kind === "match";
    if (!waits || !used.has(relation.id)) continue;
    const what =
      relation.kind === "aggregate"
        ? "this window"
        : relation.kind === "join"
          ? "this LEFT JOIN"
          : "this pattern";
    for (const input of streamsBelow(plan, relation)) {
      if (input.timestampBy === null) continue;
      let readsEvent = false;
      walkExpression(input.timestampBy, (node) => {
        if ("slot" in node) readsEvent = true;
      });
      if (!readsEvent) {
        diagnostics.warning(
          "ASA_NEVER_CLOSES",
          `${what} never closes: TIMESTAMP BY of "${input.input}" is a constant`,
          input.timestampBy.range,
          {
            hint: "Use a column of the event.",
          },
        );
      } else if (unlimited) {
        diagnostics.warning(
          "ASA_NEVER_CLOSES",
          `${what} closes at the end of input only: the out-of-order tolerance is unlimited`,
          relation.range,
          {
            hint: "Set an out-of-order tolerance.",
          },
        );
      }
    }
  }
}

/** Rows of one time, and rows without application time, come in the order in which they happen to arrive. */
export function nondeterminism({ plan, diagnostics }: WarningContext): void {
  const used = reachable(plan);
  for (const relation of plan.relations) {
    if (!used.has(relation.id)) continue;
    if (relation.kind === "aggregate") {
      for (const call of relation.aggregates) {
        if (call.function !== "collect" && call.function !== "string_agg") continue;
        diagnostics.warning(
          "ASA_NONDETERMINISTIC",
          `the order of the values of ${call.function} is not guaranteed`,
          call.range,
          {
            hint: "Use CollectTop(n) OVER (ORDER BY ...) for a fixed order.",
          },
        );
      }
    }
    if (relation.kind !== "analytic" && relation.kind !== "join") continue;
    const what = relation.kind === "join" ? "this join" : "this analytic function";
    for (const input of streamsBelow(plan, relation)) {
      if (input.timestampBy !== null) continue;
      const place =
        relation.kind === "analytic" ? (relation.calls[0]?.range ?? relation.range) : relation.range;
      diagnostics.warning(
        "ASA_NONDETERMINISTIC",
        `${what} depends on when events of "${input.input}" arrive`,
        place,
        {
          hint: `Read ${input.input} TIMESTAMP BY its event time.`,
        },
      );
    }
  }
}
