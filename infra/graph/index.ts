import { type SynthesisedStage, stackOrder } from "../checks";
import { edgesOf, type GraphEdge } from "./edges";
import { type GraphNode, NodeFinder } from "./nodes";

const box = { width: 214, height: 50, gap: 14 };
const panel = { width: box.width + 28, head: 30, gap: 96, rowGap: 40 };

/** Stacks by column; data flows from left to right, what all share stands above. */
const columns: readonly (readonly string[])[] = [
  ["bootstrap", "ingestion", "lake"],
  ["network", "speed"],
  ["observability", "analytics", "batch", "batch-content"],
  ["identity", "serving", "warehouse"],
  ["alerts", "bi"],
];

interface Place {
  readonly x: number;
  readonly y: number;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const short = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 2)}..`;

/**
 * Draws the deployed architecture of a stage as SVG: services by stack, data flows, permissions and private endpoints.
 * The same stage gives the same text.
 */
export function architectureImage(stage: SynthesisedStage): string {
  const finder = new NodeFinder(stage);
  const edges = edgesOf(stage, finder);
  const places = new Map<string, Place>();
  const panels: string[] = [];
  let height = 0;
  const known = new Set(columns.flat());
  const rest = stackOrder.filter((name) => !known.has(name));
  for (const [column, names] of [...columns, rest].entries()) {
    const x = 40 + column * (panel.width + panel.gap);
    let y = 96;
    for (const name of names) {
      const nodes = finder.nodes
        .filter(({ resource }) => resource.stack === `${stage.name}-${name}`)
        .sort(byKind);
      const stack = stage.stacks.find(({ shortName }) => shortName === name);
      if (stack === undefined) continue;
      const inner = nodes.length * (box.height + box.gap) + (nodes.length === 0 ? 8 : 0);
      const text = `${name}`;
      const count = `${stack.resources.length} resources`;
      panels.push(
        `<rect class="panel" x="${x}" y="${y}" width="${panel.width}" height="${panel.head + inner}" rx="8"/>`,
        `<text class="stack" x="${x + 14}" y="${y + 20}">${escaped(text)}</text>`,
        `<text class="count" x="${x + panel.width - 14}" y="${y + 20}" text-anchor="end">${count}</text>`,
      );
      for (const [at, node] of nodes.entries()) {
        places.set(node.resource.key, { x: x + 14, y: y + panel.head + at * (box.height + box.gap) });
      }
      y += panel.head + inner + panel.rowGap;
    }
    height = Math.max(height, y);
  }
  const width =
    40 + (columns.length + (rest.length > 0 ? 1 : 0)) * (panel.width + panel.gap) - panel.gap + 40;
  const flows = edges.filter(({ kind }) => kind === "flow");
  const roles = edges.filter(({ kind }) => kind === "role");
  const withEndpoint = finder.nodes.filter(({ endpoints }) => endpoints.length > 0).length;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">`,
    `<title>Deployed architecture of stage ${escaped(stage.name)}</title>`,
    style,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text class="title" x="40" y="42">Stage ${escaped(stage.name)}: ${finder.nodes.length} services in ${stage.stacks.length} stacks, ${flows.length} flows, ${roles.length} permissions, ${withEndpoint} services behind private endpoints</text>`,
    legend(40, 66),
    ...panels,
    ...roles.map((edge) => curve(edge, places)),
    ...flows.map((edge) => curve(edge, places)),
    ...finder.nodes.map((node) => drawNode(node, places)),
    "</svg>",
  ]
    .filter((line) => line !== "")
    .join("\n")}\n`;
}

const byKind = (a: GraphNode, b: GraphNode): number =>
  `${a.kind}|${a.name}` < `${b.kind}|${b.name}` ? -1 : 1;

const style = `<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#0b63b8"/></marker></defs>
<style>.panel{fill:#f4f6f8;stroke:#c8d0d8}.stack{font-size:14px;font-weight:600;fill:#24313d}.count{font-size:11px;fill:#667380}.title{font-size:17px;font-weight:600;fill:#24313d}.box{fill:#fff;stroke:#8a97a3}.kind{font-size:13px;font-weight:600;fill:#16202a}.name{font-size:10.5px;fill:#4c5965}.parts{font-size:10px;fill:#667380}.flow{fill:none;stroke:#0b63b8;stroke-width:1.8;marker-end:url(#arrow)}.role{fill:none;stroke:#b07a1e;stroke-width:.9;stroke-dasharray:4 3;opacity:.55}.lock{fill:#1d7a46}.mark{font-size:9px;font-weight:700;fill:#fff}.legend{font-size:12px;fill:#4c5965}</style>`;

const legend = (x: number, y: number): string =>
  [
    `<path class="flow" d="M${x},${y} h36"/><text class="legend" x="${x + 46}" y="${y + 4}">data flow</text>`,
    `<path class="role" d="M${x + 130},${y} h36"/><text class="legend" x="${x + 176}" y="${y + 4}">permission of an identity</text>`,
    `<circle class="lock" cx="${x + 350}" cy="${y}" r="8"/><text class="mark" x="${x + 350}" y="${y + 3}" text-anchor="middle">PE</text><text class="legend" x="${x + 366}" y="${y + 4}">private endpoint</text>`,
  ].join("");

function drawNode(node: GraphNode, places: ReadonlyMap<string, Place>): string {
  const place = places.get(node.resource.key);
  if (place === undefined) return "";
  const { x, y } = place;
  const title = [
    node.resource.path,
    node.name,
    ...node.parts,
    ...node.endpoints.map((name) => `private endpoint ${name}`),
  ].join("\n");
  const lock =
    node.endpoints.length === 0
      ? ""
      : `<circle class="lock" cx="${x + box.width - 13}" cy="${y + 13}" r="8"/><text class="mark" x="${x + box.width - 13}" y="${y + 16}" text-anchor="middle">PE</text>`;
  return [
    `<g><title>${escaped(title)}</title><rect class="box" x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6"/>`,
    `<text class="kind" x="${x + 10}" y="${y + 17}">${escaped(node.kind)}</text>`,
    `<text class="name" x="${x + 10}" y="${y + 31}">${escaped(short(node.name, 36))}</text>`,
    `<text class="parts" x="${x + 10}" y="${y + 44}">${escaped(short(node.parts.join(", "), 40))}</text>${lock}</g>`,
  ].join("");
}

function curve(edge: GraphEdge, places: ReadonlyMap<string, Place>): string {
  const [from, to] = [places.get(edge.from.resource.key), places.get(edge.to.resource.key)];
  if (from === undefined || to === undefined) return "";
  const forward = to.x > from.x;
  const same = to.x === from.x;
  const lift = edge.kind === "flow" ? -6 : 8;
  const start = { x: forward || same ? from.x + box.width : from.x, y: from.y + box.height / 2 + lift };
  const end = {
    x: forward ? to.x : same ? to.x + box.width : to.x + box.width,
    y: to.y + box.height / 2 + lift,
  };
  const bend = same ? 46 : Math.max(40, Math.abs(end.x - start.x) / 2);
  const firstX = forward || same ? start.x + bend : start.x - bend;
  const secondX = forward ? end.x - bend : end.x + bend;
  const title = `${edge.from.name} -> ${edge.to.name}: ${edge.labels.join(", ")}`;
  return `<path class="${edge.kind}" d="M${start.x},${start.y} C${firstX},${start.y} ${secondX},${end.y} ${end.x},${end.y}"><title>${escaped(title)}</title></path>`;
}
