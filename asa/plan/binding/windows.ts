import type { CallNode, ExpressionNode } from "../../language";
import type { WindowSpec } from "../logical-plan";
import { bindValue } from "./bind";
import { bareWord, type DurationRule, durationTicks } from "./constants";
import type { Environment } from "./environment";
import type { Place } from "./place";

type WindowName = "tumbling" | "hopping" | "sliding" | "session";

const windowNames: Readonly<Record<string, WindowName>> = {
  tumblingwindow: "tumbling",
  tumbling: "tumbling",
  hoppingwindow: "hopping",
  hopping: "hopping",
  slidingwindow: "sliding",
  sliding: "sliding",
  sessionwindow: "session",
  session: "session",
};

/** Name of a call in lower case, or empty. */
export function callName(node: ExpressionNode): string {
  return node.kind === "call" ? node.name.map((segment) => segment.text.toLowerCase()).join(".") : "";
}

/** True for System.Timestamp with or without brackets. */
export function isSystemTimestamp(node: ExpressionNode): boolean {
  if (node.kind === "path")
    return node.segments.map((segment) => segment.text.toLowerCase()).join(".") === "system.timestamp";
  return callName(node) === "system.timestamp" && node.kind === "call" && node.arguments.length === 0;
}

/** True for a window function or Windows(...). */
export function isWindow(node: ExpressionNode): node is CallNode {
  const name = callName(node);
  return name === "windows" || Object.hasOwn(windowNames, name);
}

/** Returns the windows of a GROUP BY item; mistakes are reported and leave a window out. */
export function bindWindows(node: CallNode, place: Place): readonly WindowSpec[] {
  if (callName(node) !== "windows") {
    const window = bindWindow(node, null, place);
    return window === undefined ? [] : [window];
  }
  const { diagnostics } = place.environment;
  const found: WindowSpec[] = [];
  const ids = new Set<string>();
  let named = 0;
  if (node.arguments.length === 0) {
    diagnostics.error("ASA_ARGUMENT_COUNT", "function Windows takes at least 1 argument, not 0", node.range, {
      hint: "List the windows.",
    });
  }
  for (const item of node.arguments) {
    let window: ExpressionNode = item;
    let id: string | null = null;
    if (callName(item) === "window" && item.kind === "call") {
      const [idNode, inner, surplus] = item.arguments;
      if (inner === undefined || surplus !== undefined) {
        diagnostics.error(
          "ASA_ARGUMENT_COUNT",
          `function Window takes 2 arguments, not ${item.arguments.length}`,
          item.range,
        );
        continue;
      }
      if (idNode?.kind !== "literal" || typeof idNode.value !== "string") {
        diagnostics.error("ASA_WINDOW_ID", "the id of a window must be a text", (idNode ?? item).range);
        continue;
      }
      id = idNode.value;
      window = inner;
      named++;
      if (ids.has(id.toLowerCase())) {
        diagnostics.error("ASA_WINDOW_ID", `window id "${id}" is used twice`, idNode.range, {
          hint: "Ids are compared without regard to case.",
        });
      }
      ids.add(id.toLowerCase());
    }
    const bound = bindMember(window, id, place);
    if (bound !== undefined) found.push(bound);
  }
  if (named > 0 && named < node.arguments.length) {
    diagnostics.error("ASA_WINDOW_ID", "either all windows of Windows() have ids or none", node.range, {
      hint: "Wrap every one in Window('id', ...).",
    });
  }
  return found;
}

function bindMember(node: ExpressionNode, id: string | null, place: Place): WindowSpec | undefined {
  if (isSystemTimestamp(node)) return { kind: "snapshot", id };
  if (isWindow(node) && callName(node) !== "windows") return bindWindow(node, id, place);
  place.environment.diagnostics.error(
    "ASA_WINDOW_ARGUMENT",
    "Windows() takes window functions only",
    node.range,
    {
      hint:
        callName(node) === "windows" ? "Windows() cannot be nested." : "List e.g. TumblingWindow(minute, 5).",
    },
  );
  return undefined;
}

function bindWindow(node: CallNode, id: string | null, place: Place): WindowSpec | undefined {
  const { environment } = place;
  const { diagnostics } = environment;
  const name = windowNames[callName(node)] as WindowName;
  if (
    node.over !== null &&
    (name !== "session" || node.over.orderBy.length > 0 || node.over.limit || node.over.when)
  ) {
    diagnostics.error(
      "ASA_OVER",
      name === "session"
        ? "a session window takes OVER (PARTITION BY ...) only"
        : "only a session window takes OVER",
      node.over.range,
    );
  }
  const durations = readDurations(node, name, environment);
  if (durations === undefined) return undefined;
  const [first, second, third] = durations;
  if (first === undefined) return undefined;
  switch (name) {
    case "tumbling":
      return { kind: "tumbling", id, sizeTicks: first, offsetTicks: second ?? 0n };
    case "hopping": {
      if (second === undefined) return undefined;
      if (second > first && environment.dialect.hopLargerThanSize === "error") {
        diagnostics.error("ASA_WINDOW_ARGUMENT", "the hop is larger than the window", node.range);
      }
      return { kind: "hopping", id, sizeTicks: first, hopTicks: second, offsetTicks: third ?? 0n };
    }
    case "sliding":
      return { kind: "sliding", id, sizeTicks: first };
    case "session": {
      if (second === undefined) return undefined;
      const partitionBy = node.over?.partitionBy.map((key) => bindValue(key, place)) ?? [];
      return { kind: "session", id, timeoutTicks: first, maxDurationTicks: second, partitionBy };
    }
  }
}

/** Names of the parts in the long form, and whether they may be left out. */
const parts: Readonly<Record<WindowName, readonly { readonly name: string; readonly optional: boolean }[]>> =
  {
    tumbling: [
      { name: "Duration", optional: false },
      { name: "Offset", optional: true },
    ],
    hopping: [
      { name: "Duration", optional: false },
      { name: "Hop", optional: false },
      { name: "Offset", optional: true },
    ],
    sliding: [{ name: "Duration", optional: false }],
    session: [
      { name: "Timeout", optional: false },
      { name: "MaxDuration", optional: false },
    ],
  };

const examples: Readonly<Record<WindowName, string>> = {
  tumbling: "TumblingWindow(minute, 5)",
  hopping: "HoppingWindow(minute, 10, 5)",
  sliding: "SlidingWindow(minute, 5)",
  session: "SessionWindow(minute, 5, 60)",
};

function ruleOf(part: string, name: WindowName): DurationRule {
  const whats: Readonly<Record<string, string>> = {
    Duration: "the size of a window",
    Hop: "the hop of a window",
    Offset: "the offset of a window",
    Timeout: "the timeout of a session",
    MaxDuration: "the maximum duration of a session",
  };
  return {
    what: whats[part] ?? name,
    code: "ASA_WINDOW_ARGUMENT",
    least: part === "Offset" ? "any" : "positive",
  };
}

/** Window ( unit, n [, n] ) or Window ( Part(unit, n) [, Part(unit, n)] ), in ticks */
function readDurations(
  node: CallNode,
  name: WindowName,
  environment: Environment,
): readonly (bigint | undefined)[] | undefined {
  const { diagnostics } = environment;
  const wanted = parts[name];
  const least = wanted.filter((part) => !part.optional).length;
  const [first] = node.arguments;
  const long = first?.kind === "call" && wanted.some((part) => part.name.toLowerCase() === callName(first));
  const given = long ? node.arguments.length : node.arguments.length - 1;
  if (given < least || given > wanted.length || node.star) {
    const extra = long ? 0 : 1;
    const most = wanted.length + extra;
    const range = least + extra === most ? `${most}` : `${least + extra} to ${most}`;
    diagnostics.error(
      "ASA_ARGUMENT_COUNT",
      `function ${node.name[0]?.text} takes ${range} arguments, not ${node.arguments.length}`,
      node.range,
      {
        hint: `Write e.g. ${examples[name]}.`,
      },
    );
    return undefined;
  }
  if (long) {
    return node.arguments.map((argument, index) => {
      const part = wanted[index] as { readonly name: string };
      if (callName(argument) !== part.name.toLowerCase() || argument.kind !== "call") {
        diagnostics.error("ASA_WINDOW_ARGUMENT", `expected ${part.name}(unit, n) here`, argument.range);
        return undefined;
      }
      const [unit, count, surplus] = argument.arguments;
      const word = bareWord(unit);
      if (word === undefined || count === undefined || surplus !== undefined) {
        diagnostics.error(
          "ASA_WINDOW_ARGUMENT",
          `${part.name} takes a time unit and a number`,
          argument.range,
        );
        return undefined;
      }
      return durationTicks(word, count, ruleOf(part.name, name), diagnostics);
    });
  }
  const word = bareWord(first);
  if (word === undefined) {
    diagnostics.error(
      "ASA_DATE_PART",
      "a window needs a time unit as its first argument",
      first?.range ?? node.range,
      {
        hint: `Write e.g. ${examples[name]}.`,
      },
    );
    return undefined;
  }
  return node.arguments
    .slice(1)
    .map((count, index) =>
      durationTicks(
        word,
        count,
        ruleOf((wanted[index] as { readonly name: string }).name, name),
        diagnostics,
      ),
    );
}
