import { drawing, element, setText } from "./dom.js";
import { formatMinute, formatValue } from "./format.js";

const height = 240;
const margin = { left: 56, right: 14, top: 22, bottom: 26 };

/**
 * Draws windows over time: circles are real-time, squares batch; a ring is the real-time value of a window that the
 * batch layer has answered since. Arrow keys and the pointer move a cursor whose window is read out.
 * @param {HTMLElement} place
 * @param {HTMLElement} readout
 */
export function makeChart(place, readout) {
  let data = { points: [], watermarkMs: Number.NaN, title: "" };
  let selected = -1;
  const legend = element("ul", { class: "legend" }, ...legendEntries());
  const holder = element("div", {
    tabindex: "0",
    role: "group",
    "aria-label": "Chart of the answer; arrow keys move from window to window",
  });
  place.replaceChildren(legend, holder);
  const draw = () => holder.replaceChildren(drawChart(data, selected, Math.max(280, holder.clientWidth)));
  const select = (index) => {
    selected = Math.min(Math.max(index, 0), data.points.length - 1);
    setText(readout, selected < 0 ? "" : describe(data.points[selected], data.title));
    draw();
  };
  holder.addEventListener("keydown", (event) => {
    const step = {
      ArrowLeft: -1,
      ArrowRight: 1,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    }[event.key];
    if (step === undefined || data.points.length === 0) return;
    event.preventDefault();
    select(
      Number.isFinite(step)
        ? (selected < 0 ? data.points.length : selected) + step
        : step < 0
          ? 0
          : data.points.length - 1,
    );
  });
  holder.addEventListener("pointermove", (event) => {
    if (data.points.length === 0) return;
    const bounds = holder.getBoundingClientRect();
    select(
      nearest(
        data.points,
        (event.clientX - bounds.left) * (Math.max(280, holder.clientWidth) / bounds.width),
        Math.max(280, holder.clientWidth),
      ),
    );
  });
  new ResizeObserver(draw).observe(holder);
  return (next) => {
    const keptMs = data.points[selected]?.endMs;
    data = next;
    selected = next.points.findIndex(({ endMs }) => endMs === keptMs);
    if (selected < 0) setText(readout, next.points.length === 0 ? "" : `${next.points.length} windows`);
    draw();
  };
}

function legendEntries() {
  return [
    ["real-time", () => drawing("circle", { class: "realtime", cx: 7, cy: 7, r: 4 })],
    ["batch", () => drawing("rect", { class: "batch", x: 3, y: 3, width: 8, height: 8 })],
    [
      "real-time value that batch has replaced",
      () => drawing("circle", { class: "replaced", cx: 7, cy: 7, r: 4.5 }),
    ],
  ].map(([text, mark]) =>
    element(
      "li",
      { class: "chart" },
      drawing("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" }, mark()),
      text,
    ),
  );
}

function describe({ startMs, endMs, value, source, replaced }, title) {
  const before = Number.isFinite(replaced) ? `; real-time had ${formatValue(replaced)}` : "";
  return `${formatMinute(startMs)} to ${formatMinute(endMs)}: ${title} ${formatValue(value)}, ${source === "batch" ? "batch" : "real-time"}${before}`;
}

function scales(points, width) {
  const times = points.map(({ endMs }) => endMs);
  const values = points.flatMap(({ value, replaced }) => [value, replaced]).filter(Number.isFinite);
  const ticks = roundTicks(Math.min(...values), Math.max(...values));
  const [low, high] = [ticks[0], ticks.at(-1)];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return {
    ticks,
    first,
    last,
    x: (ms) =>
      margin.left + ((width - margin.left - margin.right) * (ms - first)) / Math.max(1, last - first),
    y: (value) =>
      height - margin.bottom - ((height - margin.top - margin.bottom) * (value - low)) / (high - low),
  };
}

/** Four to seven round values that reach from below the least to above the largest. */
export function roundTicks(least, largest) {
  const range = largest > least ? largest - least : Math.max(1, Math.abs(largest) * 0.1);
  const power = 10 ** Math.floor(Math.log10(range / 4));
  const step = power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= range / 4);
  const from = Math.floor((largest > least ? least : least - step) / step);
  const to = Math.max(Math.ceil(largest / step), from + 2);
  return Array.from({ length: to - from + 1 }, (_, index) => Number(((from + index) * step).toPrecision(12)));
}

function nearest(points, x, width) {
  const scale = scales(points, width);
  let best = 0;
  for (const [index, { endMs }] of points.entries()) {
    if (Math.abs(scale.x(endMs) - x) < Math.abs(scale.x(points[best].endMs) - x)) best = index;
  }
  return best;
}

function drawChart({ points, watermarkMs, title }, selected, width) {
  const picture = drawing("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": `${title}: ${points.length} windows`,
  });
  if (points.length === 0) {
    picture.append(
      drawing("text", { x: width / 2, y: height / 2, "text-anchor": "middle" }, "No windows to draw."),
    );
    return picture;
  }
  const scale = scales(points, width);
  picture.append(...axes(scale, width), ...watermark(scale, watermarkMs));
  const finitePoints = points.filter(({ value }) => Number.isFinite(value));
  const line = finitePoints.map(
    ({ endMs, value }, index) =>
      `${index === 0 ? "M" : "L"}${scale.x(endMs).toFixed(1)} ${scale.y(value).toFixed(1)}`,
  );
  picture.append(drawing("path", { class: "trace", d: line.join(" ") }));
  if (selected >= 0) {
    const x = scale.x(points[selected].endMs);
    picture.append(
      drawing("line", { class: "cursor", x1: x, x2: x, y1: margin.top, y2: height - margin.bottom }),
    );
  }
  const size = points.length > 150 ? 2 : 3.5;
  picture.append(...finitePoints.map((point) => mark(point, scale, size)));
  const rings = points.filter(({ replaced }) => Number.isFinite(replaced));
  picture.append(
    ...rings.map(({ endMs, replaced }) =>
      drawing("circle", { class: "replaced", cx: scale.x(endMs), cy: scale.y(replaced), r: size + 2.5 }),
    ),
  );
  return picture;
}

function mark({ endMs, value, source }, scale, size) {
  const [x, y] = [scale.x(endMs), scale.y(value)];
  if (source !== "batch") return drawing("circle", { class: "realtime", cx: x, cy: y, r: size });
  return drawing("rect", { class: "batch", x: x - size, y: y - size, width: 2 * size, height: 2 * size });
}

function axes(scale, width) {
  const steps = [0, 1, 2, 3, 4];
  const rows = scale.ticks.flatMap((value) => {
    const y = scale.y(value);
    return [
      drawing("line", { class: "axis", x1: margin.left, x2: width - margin.right, y1: y, y2: y }),
      drawing("text", { x: margin.left - 8, y: y + 4, "text-anchor": "end" }, formatValue(value)),
    ];
  });
  const columns = steps.map((step) => {
    const ms = scale.first + ((scale.last - scale.first) * step) / 4;
    const anchor = step === 0 ? "start" : step === 4 ? "end" : "middle";
    return drawing("text", { x: scale.x(ms), y: height - 8, "text-anchor": anchor }, formatMinute(ms));
  });
  return [...rows, ...columns];
}

function watermark(scale, ms) {
  if (!Number.isFinite(ms) || ms < scale.first || ms > scale.last) return [];
  const x = scale.x(ms);
  const right = ms > (scale.first + scale.last) / 2;
  return [
    drawing("line", { class: "watermark", x1: x, x2: x, y1: margin.top - 8, y2: height - margin.bottom }),
    drawing(
      "text",
      { x: right ? x - 6 : x + 6, y: margin.top - 8, "text-anchor": right ? "end" : "start" },
      "batch watermark",
    ),
  ];
}
