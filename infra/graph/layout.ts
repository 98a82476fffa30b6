import { type SynthesisedStage, stackOrder } from "../checks";
import type { GraphEdge } from "./edges";
import type { GraphNode, NodeFinder } from "./nodes";

export const sizes = {
  margin: 40,
  /** Lanes of long flows start here. */
  top: 92,
  box: { width: 262, height: 48, gap: 12 },
  panel: { padding: 14, head: 30, gap: 28 },
  /** Distance of flows that run side by side. */
  track: 9,
} as const;

const panelWidth = sizes.box.width + 2 * sizes.panel.padding;

/** Stacks by column: data comes in on the left and is looked at on the right. */
const columns: readonly (readonly string[])[] = [
  ["ingestion", "lake"],
  ["speed"],
  ["serving", "batch", "batch-content"],
  ["analytics", "warehouse"],
  ["bi", "alerts"],
];

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Panel extends Rectangle {
  readonly name: string;
  readonly resources: number;
}

/** One flow as a line of horizontal and vertical pieces; flows of a group share theirs as far as they go together. */
export interface Route {
  readonly edge: GraphEdge;
  readonly both: boolean;
  readonly group: number;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Layout {
  readonly panels: readonly Panel[];
  readonly boxes: ReadonlyMap<GraphNode, Rectangle>;
  readonly routes: readonly Route[];
  readonly width: number;
  readonly height: number;
}

type Side = "left" | "right";

/** A flow, or two in opposite directions, with the sides at which it leaves and enters. */
interface Line {
  readonly edge: GraphEdge;
  both: boolean;
  readonly leaves: Side;
  readonly enters: Side;
  readonly firstGutter: number;
  readonly lastGutter: number;
  group: string;
}

/** Places stacks, services and flows so that no flow crosses a box. */
export function layoutOf(stage: SynthesisedStage, finder: NodeFinder, flows: readonly GraphEdge[]): Layout {
  const columnOf = columnsOf(stage, finder);
  const lines = linesOf(flows, columnOf);
  const ports = portsOf(lines);
  const groups = [...new Set(lines.map(({ group }) => group))];
  const long = groups.filter((group) =>
    lines.some((line) => line.group === group && line.firstGutter !== line.lastGutter),
  );
  const gutters = columns.map((_, gutter) => [
    ...new Set(
      lines
        .filter((line) => line.firstGutter === gutter || line.lastGutter === gutter)
        .map(({ group }) => group),
    ),
  ]);
  const gutterWidth = (gutter: number) => 30 + (gutters[gutter]?.length ?? 0) * sizes.track;
  const lefts = columns.map((_, column) =>
    Array.from({ length: column }, (__, before) => panelWidth + gutterWidth(before)).reduce(
      (sum, width) => sum + width,
      sizes.margin,
    ),
  );
  const width = lefts.at(-1)! + panelWidth + gutterWidth(columns.length - 1) + sizes.margin - 30;
  const top = sizes.top + long.length * sizes.track + 10;

  const panels: Panel[] = [];
  const boxes = new Map<GraphNode, Rectangle>();
  const nodesOf = (name: string) =>
    finder.nodes.filter(({ resource }) => resource.stack === `${stage.name}-${name}`).sort(byKind);
  const heightOf = (node: GraphNode) => {
    const most = Math.max(ports.count(node, "left"), ports.count(node, "right"));
    return Math.max(sizes.box.height, 16 + most * sizes.track);
  };
  const place = (name: string, x: number, y: number, across = 1): number => {
    const stack = stage.stacks.find(({ shortName }) => shortName === name);
    if (stack === undefined) return y;
    const nodes = nodesOf(name);
    const perColumn = Math.ceil(nodes.length / across);
    const bottoms = Array.from({ length: across }, () => y + sizes.panel.head);
    for (const [at, node] of nodes.entries()) {
      const column = Math.floor(at / perColumn);
      const height = heightOf(node);
      const left = x + sizes.panel.padding + column * (sizes.box.width + sizes.panel.padding);
      boxes.set(node, { x: left, y: bottoms[column]!, width: sizes.box.width, height });
      bottoms[column] = bottoms[column]! + height + sizes.box.gap;
    }
    const height = Math.max(Math.max(...bottoms) - y, sizes.panel.head + 8);
    const boxesWidth = across * (sizes.box.width + sizes.panel.padding) + sizes.panel.padding;
    panels.push({ name, resources: stack.resources.length, x, y, width: boxesWidth, height });
    return y + height + sizes.panel.gap;
  };
  let bottom = top;
  for (const [column, names] of columns.entries()) {
    let y = top;
    for (const name of names) y = place(name, lefts[column]!, y);
    bottom = Math.max(bottom, y);
  }
  let end = bottom;
  const shared = stackOrder.filter((name) => !columns.flat().includes(name));
  for (const [at, name] of shared.entries()) {
    // The last one has the rest of the row.
    const across = at === shared.length - 1 ? columns.length - at : 1;
    end = Math.max(end, place(name, lefts[at]!, bottom + 14, across));
  }

  const trackX = (group: string, gutter: number) =>
    lefts[gutter]! + panelWidth + 15 + gutters[gutter]!.indexOf(group) * sizes.track + 4;
  const laneY = (group: string) => sizes.top + long.indexOf(group) * sizes.track;
  const routes = lines.map((line): Route => {
    const { from, to } = line.edge;
    const start = ports.point(from, line.leaves, line.group, boxes.get(from)!);
    const finish = ports.point(to, line.enters, line.group, boxes.get(to)!);
    const firstX = trackX(line.group, line.firstGutter);
    const lastX = trackX(line.group, line.lastGutter);
    const points: (readonly [number, number])[] =
      line.firstGutter === line.lastGutter
        ? [start, [firstX, start[1]], [firstX, finish[1]], finish]
        : [
            start,
            [firstX, start[1]],
            [firstX, laneY(line.group)],
            [lastX, laneY(line.group)],
            [lastX, finish[1]],
            finish,
          ];
    return { edge: line.edge, both: line.both, group: groups.indexOf(line.group), points };
  });
  return { panels, boxes, routes, width, height: end };
}

const byKind = (a: GraphNode, b: GraphNode): number =>
  `${a.kind}|${a.name}` < `${b.kind}|${b.name}` ? -1 : 1;

function columnsOf(stage: SynthesisedStage, finder: NodeFinder): Map<GraphNode, number> {
  const found = new Map<GraphNode, number>();
  for (const node of finder.nodes) {
    const name = node.resource.stack.slice(stage.name.length + 1);
    const column = columns.findIndex((names) => names.includes(name));
    if (column >= 0) found.set(node, column);
  }
  return found;
}

/** Two flows in opposite directions are one line; lines share a trunk at the end that has more of them. */
function linesOf(flows: readonly GraphEdge[], columnOf: ReadonlyMap<GraphNode, number>): Line[] {
  const lines: Line[] = [];
  for (const edge of flows) {
    const [from, to] = [columnOf.get(edge.from), columnOf.get(edge.to)];
    if (from === undefined || to === undefined) continue;
    const reverse = lines.find((line) => line.edge.from === edge.to && line.edge.to === edge.from);
    if (reverse !== undefined) {
      reverse.both = true;
      continue;
    }
    const leaves: Side = to < from ? "left" : "right";
    const enters: Side = to > from ? "left" : "right";
    lines.push({
      ...{ edge, both: false, leaves, enters, group: "" },
      firstGutter: leaves === "right" ? from : from - 1,
      lastGutter: enters === "right" ? to : to - 1,
    });
  }
  const out = ({ edge, leaves }: Line) => `out ${edge.from.resource.key} ${leaves}`;
  const into = ({ edge, enters }: Line) => `in ${edge.to.resource.key} ${enters}`;
  const count = (key: string) => lines.filter((line) => out(line) === key || into(line) === key).length;
  for (const line of lines) line.group = count(out(line)) >= count(into(line)) ? out(line) : into(line);
  return lines;
}

/** Where groups of flows touch the boxes. */
function portsOf(lines: readonly Line[]) {
  const touching = new Map<string, string[]>();
  const at = (node: GraphNode, side: Side) => `${node.resource.key} ${side}`;
  for (const { edge, leaves, enters, group } of lines) {
    for (const key of [at(edge.from, leaves), at(edge.to, enters)]) {
      const known = touching.get(key) ?? [];
      if (!known.includes(group)) touching.set(key, [...known, group]);
    }
  }
  return {
    count: (node: GraphNode, side: Side) => touching.get(at(node, side))?.length ?? 0,
    point: (node: GraphNode, side: Side, group: string, box: Rectangle): readonly [number, number] => {
      const groups = touching.get(at(node, side)) ?? [];
      const step = box.height / (groups.length + 1);
      const y = Math.round(box.y + step * (groups.indexOf(group) + 1));
      return [side === "right" ? box.x + box.width : box.x, y];
    },
  };
}
