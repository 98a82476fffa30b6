import type { CallNode, ExpressionNode } from "../../language";
import type { AnalyticBuiltin } from "../../language/builtins";
import type { AnalyticCall, AnalyticFrame, Expression } from "../logical-plan";
import { checkArgumentType, checkCount } from "./arguments";
import { bindCondition, bindValue } from "./bind";
import { bareWord, constantInteger, constantNumber, durationTicks } from "./constants";
import { mapOperands, shiftSlots, slotsOf } from "./expression-tree";
import { type AnalyticCollector, faulty, type Place } from "./place";
import { wholeRow } from "./whole-row";

/** A frame and the way to add a call that uses it. */
export interface BoundFrame {
  readonly frame: AnalyticFrame;
  readonly add: (call: AnalyticCall) => Expression;
}

/** LAG, LAST, ISFIRST and the anomaly detectors. */
export function bindAnalytic(node: CallNode, builtin: AnalyticBuiltin, place: Place): Expression {
  const { diagnostics } = place.environment;
  if (!mayStand(node, builtin.name, place)) return faulty(node.range);
  const inner: Place = { ...place, inside: "analytic", aggregates: null };
  const count = node.arguments.length + (node.star ? 1 : 0);
  if (node.star && !builtin.star) {
    diagnostics.error("ASA_STAR", `function ${builtin.name} takes no *`, node.range);
    return faulty(node.range);
  }
  if (!checkCount(node, builtin, count, place)) return faulty(node.range);
  if (node.over?.orderBy.length) {
    diagnostics.error("ASA_OVER", `${builtin.name} takes no ORDER BY`, node.over.range, {
      hint: "Rows are in the order of time.",
    });
    return faulty(node.range);
  }
  if (builtin.name === "ISFIRST") return bindIsFirst(node, inner);
  const frame = bindFrame(node, inner);
  if (frame === undefined) return faulty(node.range);
  const call = builtin.name.startsWith("Anomaly")
    ? bindAnomaly(node, builtin, frame.frame, inner)
    : bindLag(node, builtin.name === "LAST", frame.frame, inner);
  return call === undefined ? faulty(node.range) : frame.add(call);
}

function mayStand(node: CallNode, name: string, place: Place): boolean {
  const { diagnostics } = place.environment;
  if (place.inside !== null) {
    diagnostics.error(
      "ASA_AGGREGATE_NESTED",
      `analytic function ${name} is nested in another ${place.inside} function`,
      node.range,
      { hint: "Compute the inner one in a step of its own." },
    );
    return false;
  }
  if (place.analytics !== null) return true;
  diagnostics.error(
    "ASA_ANALYTIC_PLACE",
    `analytic function ${name} cannot stand in ${place.clause}`,
    node.range,
    {
      hint: "Compute it in a step of its own.",
    },
  );
  return false;
}

/** Binds PARTITION BY, LIMIT DURATION and WHEN; LIMIT DURATION is required. */
export function bindFrame(node: CallNode, place: Place): BoundFrame | undefined {
  const { diagnostics } = place.environment;
  const { over } = node;
  const name = node.name.map((segment) => segment.text).join(".");
  if (place.analytics === null) {
    diagnostics.error("ASA_ANALYTIC_PLACE", `${name} with OVER cannot stand in ${place.clause}`, node.range, {
      hint: "Compute it in a step of its own.",
    });
    return undefined;
  }
  if (over === null || over.limit === null) {
    diagnostics.error("ASA_OVER", `${name} needs LIMIT DURATION in OVER`, over?.range ?? node.range, {
      hint: "Write OVER ([PARTITION BY key] LIMIT DURATION(unit, n)).",
    });
    return undefined;
  }
  const rule = { what: "LIMIT DURATION", code: "ASA_ARGUMENT_CONSTANT", least: "positive" } as const;
  const limitTicks = durationTicks(over.limit.unit, over.limit.count, rule, diagnostics);
  const inner: Place = { ...place, inside: "analytic", aggregates: null };
  const partitionBy = over.partitionBy.map((key) => bindValue(key, inner));
  const when = over.when === null ? null : bindCondition(over.when, inner);
  if (limitTicks === undefined) return undefined;
  const frame: AnalyticFrame = { partitionBy, limitTicks, when };
  return { frame, add: (call) => addCall(call, node, place) };
}

/** Decides on which source's rows the call is evaluated (OPEN-12). */
function addCall(call: AnalyticCall, node: CallNode, place: Place): Expression {
  const { environment, scope } = place;
  const analytics = place.analytics as AnalyticCollector;
  const slots = [...slotsOf(expressionsOf(call))];
  const owners = scope.sources.filter((source) => slots.includes(source.slot));
  const elements = scope.sources.filter((source) => source.kind === "apply");
  const [first] = scope.sources;
  const after = environment.dialect.analyticInJoin === "after" && scope.sources.length > 1;
  if (after || owners.some((owner) => elements.includes(owner))) return analytics.add(call, null);
  if (owners.length > 1) {
    environment.diagnostics.error(
      "ASA_ANALYTIC_SOURCES",
      "an analytic function uses columns of several sources",
      node.range,
      {
        detail: "It is evaluated before the join, on the rows of one source.",
        hint: "Join in a step and apply the function to that step.",
      },
    );
    return faulty(node.range);
  }
  const owner = owners[0] ?? first;
  if (owner?.kind === "reference") {
    environment.diagnostics.error("ASA_ANALYTIC_SOURCES", "reference data has no earlier rows", node.range, {
      hint: "Use columns of the stream.",
    });
    return faulty(node.range);
  }
  const slot = owner?.slot ?? 0;
  return analytics.add(withPartition(shifted(call, -slot), owner?.partitionBy ?? []), slot);
}

function expressionsOf(call: AnalyticCall): readonly Expression[] {
  const found: Expression[] = [];
  mapOperands(flat(call) as unknown as Expression, (operand) => {
    found.push(operand);
    return operand;
  });
  return found;
}

/** The call with the members of its frame and aggregate side by side, as the tree functions see one level only. */
function flat(call: AnalyticCall): object {
  const frame = "frame" in call ? call.frame : {};
  const aggregate =
    call.kind === "aggregate-over"
      ? { argument: call.aggregate.argument, orderBy: call.aggregate.orderBy.map((item) => item.expression) }
      : {};
  return { ...call, ...frame, ...aggregate };
}

function shifted(call: AnalyticCall, by: number): AnalyticCall {
  if (by === 0) return call;
  const shift = (expression: Expression): Expression => shiftSlots(expression, by);
  const shiftFrame = (frame: AnalyticFrame): AnalyticFrame => ({
    ...frame,
    partitionBy: frame.partitionBy.map(shift),
    when: frame.when && shift(frame.when),
  });
  switch (call.kind) {
    case "lag":
      return {
        ...call,
        expression: shift(call.expression),
        otherwise: call.otherwise && shift(call.otherwise),
        frame: shiftFrame(call.frame),
      };
    case "is-first":
      return { ...call, partitionBy: call.partitionBy.map(shift), when: call.when && shift(call.when) };
    case "anomaly":
      return {
        ...call,
        expression: shift(call.expression),
        confidence: shift(call.confidence),
        historySize: shift(call.historySize),
        frame: shiftFrame(call.frame),
      };
    case "aggregate-over": {
      const { aggregate } = call;
      const orderBy = aggregate.orderBy.map((item) => ({ ...item, expression: shift(item.expression) }));
      return {
        ...call,
        aggregate: { ...aggregate, argument: aggregate.argument && shift(aggregate.argument), orderBy },
        frame: shiftFrame(call.frame),
      };
    }
  }
}

/** A partitioned source keeps its partitions apart; its keys see the source as slot 0. */
function withPartition(call: AnalyticCall, keys: readonly Expression[]): AnalyticCall {
  if (keys.length === 0) return call;
  if (call.kind === "is-first") return { ...call, partitionBy: [...call.partitionBy, ...keys] };
  return { ...call, frame: { ...call.frame, partitionBy: [...call.frame.partitionBy, ...keys] } };
}

/** LAG(e | * [, offset [, default]]) and LAST(e | * [, default]) */
function bindLag(
  node: CallNode,
  last: boolean,
  frame: AnalyticFrame,
  place: Place,
): AnalyticCall | undefined {
  const parts = [...node.arguments];
  const expression = node.star ? wholeRow(node, place) : bindValue(parts.shift() as ExpressionNode, place);
  if (expression === undefined) return undefined;
  let offset = 0;
  if (!last) {
    const count = parts.shift();
    const value = count === undefined ? 1n : constantInteger(count);
    if (value === undefined || value < 1n || value > 1_000_000n) {
      place.environment.diagnostics.error(
        "ASA_ARGUMENT_CONSTANT",
        "the offset of LAG must be a constant integer from 1",
        (count as ExpressionNode).range,
      );
      return undefined;
    }
    offset = Number(value);
  }
  const [fallback] = parts;
  const otherwise = fallback === undefined ? null : bindValue(fallback, place);
  const mixed = otherwise !== null && otherwise.type !== expression.type;
  return {
    kind: "lag",
    expression,
    offset,
    otherwise,
    frame,
    type: mixed ? "any" : expression.type,
    range: node.range,
  };
}

/** ISFIRST(unit, n) [ OVER ( [ PARTITION BY keys ] [ WHEN condition ] ) ] */
function bindIsFirst(node: CallNode, place: Place): Expression {
  const { diagnostics } = place.environment;
  const [unitNode, count] = node.arguments;
  const unit = bareWord(unitNode);
  if (node.over?.limit) {
    diagnostics.error("ASA_OVER", "ISFIRST takes no LIMIT DURATION", node.over.limit.range, {
      hint: "Its interval is given by its arguments.",
    });
  }
  if (unit === undefined) {
    diagnostics.error(
      "ASA_DATE_PART",
      "ISFIRST needs a time unit as a bare word",
      (unitNode as ExpressionNode).range,
      {
        hint: "Write e.g. ISFIRST(minute, 5).",
      },
    );
    return faulty(node.range);
  }
  const rule = { what: "the interval of ISFIRST", code: "ASA_ARGUMENT_CONSTANT", least: "positive" } as const;
  const intervalTicks = durationTicks(unit, count as ExpressionNode, rule, diagnostics);
  const partitionBy = node.over?.partitionBy.map((key) => bindValue(key, place)) ?? [];
  const when = node.over?.when ? bindCondition(node.over.when, place) : null;
  if (intervalTicks === undefined) return faulty(node.range);
  return addCall(
    { kind: "is-first", intervalTicks, partitionBy, when, type: "bigint", range: node.range },
    node,
    place,
  );
}

const modes = ["spikes", "dips", "spikesanddips"] as const;

/** AnomalyDetection_SpikeAndDip(e, confidence, history, mode) and AnomalyDetection_ChangePoint(e, confidence, history) */
function bindAnomaly(
  node: CallNode,
  builtin: AnalyticBuiltin,
  frame: AnalyticFrame,
  place: Place,
): AnalyticCall | undefined {
  const { diagnostics } = place.environment;
  const [valueNode, confidenceNode, historyNode, modeNode] = node.arguments as readonly [
    ExpressionNode,
    ExpressionNode,
    ExpressionNode,
    ExpressionNode | undefined,
  ];
  const expression = bindValue(valueNode, place);
  checkArgumentType(expression, builtin, 0, builtin.parameters[0], place);
  const confidence = bindValue(confidenceNode, place);
  const percent = constantNumber(confidenceNode);
  if (percent !== undefined && (percent < 1 || percent > 100)) {
    diagnostics.error(
      "ASA_ARGUMENT_CONSTANT",
      `the confidence of ${builtin.name} must lie between 1 and 100`,
      confidenceNode.range,
    );
  }
  const historySize = bindValue(historyNode, place);
  const size = constantInteger(historyNode);
  if (size !== undefined && size < 1n) {
    diagnostics.error(
      "ASA_ARGUMENT_CONSTANT",
      `the history size of ${builtin.name} must be greater than 0`,
      historyNode.range,
    );
  }
  let mode: (typeof modes)[number] | null = null;
  if (modeNode !== undefined) {
    const written =
      modeNode.kind === "literal" && typeof modeNode.value === "string" ? modeNode.value.toLowerCase() : "";
    mode = modes.find((candidate) => candidate === written) ?? null;
    if (mode === null) {
      diagnostics.error(
        "ASA_ARGUMENT_CONSTANT",
        `the mode of ${builtin.name} must be 'spikes', 'dips' or 'spikesanddips'`,
        modeNode.range,
      );
      return undefined;
    }
  }
  const model = modeNode === undefined ? "change-point" : "spike-and-dip";
  return {
    kind: "anomaly",
    model,
    expression,
    confidence,
    historySize,
    mode,
    frame,
    type: "record",
    range: node.range,
  };
}
