import type { SynthesisedStage } from "../checks";
import { edgesOf, type GraphEdge } from "./edges";
import { type Layout, layoutOf, type Panel, type Rectangle, type Route, sizes } from "./layout";
import { type GraphNode, NodeFinder } from "./nodes";
import { style } from "./style";

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/**
 * Draws the deployed architecture of a stage as SVG: services by stack, data flows, private endpoints, and below them who
 * may do what. The same stage gives the same text; its colours follow the reader's theme.
 */
export function architectureImage(stage: SynthesisedStage): string {
  const finder = new NodeFinder(stage);
  const edges = edgesOf(stage, finder);
  const flows = edges.filter(({ kind }) => kind === "flow");
  const roles = edges.filter(({ kind }) => kind === "role");
  const layout = layoutOf(stage, finder, flows);
  const { width } = layout;
  const permissions = drawPermissions(roles, layout);
  const height = Math.ceil(permissions.bottom + sizes.margin);
  const withEndpoint = finder.nodes.filter(({ endpoints }) => endpoints.length > 0).length;
  const heading = `Stage ${stage.name}: ${finder.nodes.length} services in ${stage.stacks.length} stacks, ${flows.length} flows, ${roles.length} permissions, ${withEndpoint} services behind private endpoints`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">`,
    `<title>Deployed architecture of stage ${escaped(stage.name)}</title>`,
    style,
    `<rect class="page" width="${width}" height="${height}"/>`,
    text("title", sizes.margin, 42, heading),
    legend(sizes.margin, 66),
    ...layout.panels.map(drawPanel),
    ...layout.routes.map(drawRoute),
    ...[...layout.boxes].map(([node, box]) => drawNode(node, box)),
    ...permissions.lines,
    "</svg>",
  ].join("\n")}\n`;
}

const text = (kind: string, x: number, y: number, words: string, anchor?: string): string =>
  `<text class="${kind}" x="${x}" y="${y}"${anchor === undefined ? "" : ` text-anchor="${anchor}"`}>${escaped(words)}</text>`;

const mark = (x: number, y: number): string =>
  `<circle class="lock" cx="${x}" cy="${y}" r="8"/>${text("mark", x, y + 3, "PE", "middle")}`;

const legend = (x: number, y: number): string =>
  [
    `<path class="flow c0" d="M${x},${y} h34"/><path class="head f0" d="M${x + 40},${y} l-8,-4 v8 z"/>`,
    text("legend", x + 50, y + 4, "data flows; one colour for what leaves, or enters, one service"),
    mark(x + 450, y),
    text("legend", x + 466, y + 4, "behind a private endpoint"),
  ].join("");

const drawPanel = ({ name, resources, x, y, width, height }: Panel): string =>
  [
    `<rect class="panel" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`,
    text("stack", x + 14, y + 20, name),
    text("count", x + width - 14, y + 20, `${resources} resources`, "end"),
  ].join("");

function drawNode(node: GraphNode, { x, y, width, height }: Rectangle): string {
  const { resource, name, parts, endpoints } = node;
  const title = [resource.path, name, ...parts, ...endpoints.map((each) => `private endpoint ${each}`)];
  return [
    `<g><title>${escaped(title.join("\n"))}</title>`,
    `<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`,
    text("kind", x + 10, y + 16, node.kind),
    text("name", x + 10, y + 29, name),
    parts.length === 0 ? "" : text("parts", x + 10, y + 42, parts.join(", ")),
    endpoints.length === 0 ? "" : mark(x + width - 14, y + 14),
    "</g>",
  ].join("");
}

const corner = 4;

/** A line with rounded corners, and a head at each end where data arrives. */
function drawRoute({ edge, both, group, points }: Route): string {
  const words: string[] = [];
  for (const [at, [x, y]] of points.entries()) {
    const [before, after] = [points[at - 1], points[at + 1]];
    if (before === undefined) words.push(`M${x},${y}`);
    else if (after === undefined) words.push(`L${x},${y}`);
    else {
      const [entry, exit] = [towards([x, y], before), towards([x, y], after)];
      words.push(`L${entry.join()} Q${x},${y} ${exit.join()}`);
    }
  }
  const colour = group % 8;
  const head = (end: readonly [number, number], from: readonly [number, number]) => {
    const back = from[0] < end[0] ? -8 : 8;
    return `<path class="head f${colour}" d="M${end[0]},${end[1]} l${back},-4 v8 z"/>`;
  };
  const title = `${edge.from.name} ${both ? "<->" : "->"} ${edge.to.name}: ${edge.labels.join(", ")}`;
  return [
    `<g><title>${escaped(title)}</title><path class="flow c${colour}" d="${words.join(" ")}"/>`,
    head(points.at(-1)!, points.at(-2)!),
    both ? head(points[0]!, points[1]!) : "",
    "</g>",
  ].join("");
}

/** The point a corner's length away from `from` on the way to `to`. */
function towards(from: readonly [number, number], to: readonly [number, number]): [number, number] {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.abs(dx) + Math.abs(dy);
  const step = Math.min(corner, length / 2);
  return [from[0] + Math.sign(dx) * step, from[1] + Math.sign(dy) * step];
}

const lineHeight = 15;
const columnCount = 4;

/** Who may do what: the permissions of each identity, in columns below the picture. */
function drawPermissions(roles: readonly GraphEdge[], { width, height }: Layout) {
  const columnWidth = (width - 2 * sizes.margin) / columnCount;
  const most = Math.floor((columnWidth - 30) / 5.9);
  const byPrincipal = new Map<string, string[]>();
  for (const { from, to, labels } of roles) {
    const lines = wrapped(`${to.kind} ${to.name}: ${labels.join(", ")}`, most);
    byPrincipal.set(from.name, [...(byPrincipal.get(from.name) ?? []), ...lines]);
  }
  const blocks = [...byPrincipal].map(([name, lines]) => ({ name, lines, size: lines.length + 2 }));
  const total = blocks.reduce((sum, { size }) => sum + size, 0);
  const lines = [text("stack", sizes.margin, height + 24, "Permissions")];
  let bottom = height + 24;
  let [column, row] = [0, 0];
  for (const block of blocks) {
    if (row > 0 && row + block.size / 2 > total / columnCount && column < columnCount - 1) {
      column++;
      row = 0;
    }
    const x = sizes.margin + column * columnWidth;
    const y = height + 48 + row * lineHeight;
    lines.push(text("who", x, y, block.name));
    for (const [at, line] of block.lines.entries())
      lines.push(text("what", x + (line.startsWith(" ") ? 20 : 10), y + (at + 1) * lineHeight, line.trim()));
    row += block.size;
    bottom = Math.max(bottom, y + block.lines.length * lineHeight);
  }
  return { lines, bottom };
}

/** Lines of at most so many characters; those that go on begin with a space. */
function wrapped(words: string, most: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words.split(" ")) {
    if (line.trim() !== "" && line.length + 1 + word.length > most) {
      lines.push(line);
      line = " ";
    }
    line += line.trim() === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}
