/** A box of the flow; columns and rows count from 0. */
interface Box {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly column: number;
  readonly row: number;
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** Distance of the label from the middle of the arrow, in pixels. */
  readonly shift?: readonly [x: number, y: number];
  /** Ends on the target's upper side. */
  readonly fromAbove?: true;
}

const boxes: readonly Box[] = [
  { id: "devices", title: "Devices", note: "MQTT over TLS", column: 0, row: 0 },
  { id: "producers", title: "Producers", note: "AMQP, files", column: 0, row: 1 },
  { id: "iot-hub", title: "IoT Hub", note: "identity, twins", column: 1, row: 0 },
  { id: "event-hubs", title: "Event Hubs", note: "partitioned log", column: 2, row: 1 },
  { id: "stream-analytics", title: "Stream Analytics", note: "windows by query", column: 3, row: 0 },
  { id: "functions", title: "Functions", note: "state, alerts, refusals", column: 3, row: 1 },
  { id: "capture", title: "Capture", note: "every event, Avro", column: 3, row: 2 },
  { id: "lake", title: "Lake", note: "master dataset", column: 4, row: 2 },
  { id: "spark", title: "Spark and Delta", note: "bronze, silver, gold", column: 5, row: 2 },
  { id: "cosmos", title: "Cosmos DB", note: "views, state, pointer", column: 5, row: 1 },
  { id: "serving", title: "Serving API", note: "merge by watermark", column: 6, row: 1 },
  { id: "page", title: "Page, apps", note: "answers with source", column: 6, row: 0 },
];

const arrows: readonly Arrow[] = [
  { from: "devices", to: "iot-hub", label: "" },
  { from: "producers", to: "event-hubs", label: "by deviceId" },
  { from: "iot-hub", to: "event-hubs", label: "route", shift: [22, -6] },
  { from: "event-hubs", to: "stream-analytics", label: "" },
  { from: "event-hubs", to: "functions", label: "" },
  { from: "event-hubs", to: "capture", label: "" },
  { from: "stream-analytics", to: "cosmos", label: "real-time views", shift: [-10, -44], fromAbove: true },
  { from: "functions", to: "cosmos", label: "state, alerts", shift: [0, -8] },
  { from: "capture", to: "lake", label: "" },
  { from: "lake", to: "spark", label: "" },
  { from: "spark", to: "cosmos", label: "batch views", shift: [44, 4] },
  { from: "cosmos", to: "serving", label: "" },
  { from: "serving", to: "page", label: "" },
];

const layers = [
  { title: "speed layer", row: 0, rows: 2 },
  { title: "batch layer", row: 2, rows: 1 },
] as const;

const box = { width: 148, height: 56 };
const step = { x: 180, y: 112 };
const margin = { x: 24, y: 40 };
const width = margin.x * 2 + 6 * step.x + box.width;
const height = margin.y + 3 * step.y;

const style = `
  .band { fill: #eef2f6; } .band-title { fill: #5b6b7b; font-size: 12px; letter-spacing: 0.08em; }
  .box { fill: #ffffff; stroke: #3b5b7a; stroke-width: 1.5; } .title { fill: #14202b; font-size: 14px; font-weight: 600; }
  .note, .label { fill: #4a5a6a; font-size: 11px; } .arrow { stroke: #3b5b7a; stroke-width: 1.5; fill: none; } .head { fill: #3b5b7a; }
  .ground { fill: #fbfcfd; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #10161c; } .band { fill: #18212a; } .band-title { fill: #8fa1b3; } .box { fill: #1f2b36; stroke: #7fa6cc; }
    .title { fill: #eef3f8; } .note, .label { fill: #b3c1ce; } .arrow { stroke: #7fa6cc; } .head { fill: #7fa6cc; }
  }`;

function place(id: string): {
  readonly x: number;
  readonly y: number;
  readonly column: number;
  readonly row: number;
} {
  const found = boxes.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`the picture has no box "${id}"`);
  const { column, row } = found;
  return { x: margin.x + column * step.x, y: margin.y + row * step.y, column, row };
}

function drawBox({ id, title, note }: Box): string {
  const { x, y } = place(id);
  const middle = x + box.width / 2;
  return [
    `<rect class="box" x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="7"/>`,
    `<text class="title" x="${middle}" y="${y + 24}" text-anchor="middle">${title}</text>`,
    `<text class="note" x="${middle}" y="${y + 42}" text-anchor="middle">${note}</text>`,
  ].join("\n");
}

/** Straight along a row or a column, else with one rounded turn into the target's side. */
function drawArrow({ from, to, label, shift = [0, -7], fromAbove }: Arrow): string {
  const a = place(from);
  const b = place(to);
  const sameColumn = a.column === b.column;
  const down = b.row > a.row;
  const start = sameColumn
    ? { x: a.x + box.width / 2, y: down ? a.y + box.height : a.y }
    : { x: a.x + box.width, y: a.y + box.height / 2 };
  const end = sameColumn
    ? { x: b.x + box.width / 2, y: down ? b.y - 7 : b.y + box.height + 7 }
    : fromAbove
      ? { x: b.x + box.width / 2, y: b.y - 7 }
      : { x: b.x - 7, y: b.y + box.height / 2 };
  const half = (start.x + end.x) / 2;
  const path =
    sameColumn || a.row === b.row
      ? `M${start.x} ${start.y} L${end.x} ${end.y}`
      : fromAbove
        ? `M${start.x} ${start.y} C${end.x - 30} ${start.y} ${end.x} ${start.y} ${end.x} ${end.y}`
        : `M${start.x} ${start.y} C${half} ${start.y} ${half} ${end.y} ${end.x} ${end.y}`;
  const lines = [`<path class="arrow" d="${path}" marker-end="url(#head)"/>`];
  if (label !== "") {
    const x = half + shift[0];
    const y = (start.y + end.y) / 2 + shift[1];
    lines.push(`<text class="label" x="${x}" y="${y}" text-anchor="middle">${label}</text>`);
  }
  return lines.join("\n");
}

function drawLayer({ title, row, rows }: (typeof layers)[number]): string {
  const x = margin.x + 3 * step.x - 18;
  const y = margin.y + row * step.y - 24;
  const layerWidth = 2 * step.x + box.width + 36;
  return [
    `<rect class="band" x="${x}" y="${y}" width="${layerWidth}" height="${rows * step.y - 12}" rx="10"/>`,
    `<text class="band-title" x="${x + 12}" y="${y + 16}">${title}</text>`,
  ].join("\n");
}

/** The picture of the flow in docs/images/flow.svg; it follows the reader's light or dark scheme. */
export function flowPicture(): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" role="img" aria-labelledby="flow-title">`,
    `<title id="flow-title">Devices and producers to Event Hubs; speed layer and batch layer to Cosmos DB; one merged answer</title>`,
    `<style>${style}\n</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="head" d="M0 0 L8 4 L0 8 Z"/></marker></defs>',
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...layers.map(drawLayer),
    ...arrows.map(drawArrow),
    ...boxes.map(drawBox),
    "</svg>",
  ].join("\n")}\n`;
}
