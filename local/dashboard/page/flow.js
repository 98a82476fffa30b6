import { byId, drawing, setText, tableOf } from "./dom.js";
import { flowNodes, narrowLayout, wideLayout } from "./flow-layout.js";
import { formatCount, formatMs, formatName, formatRate } from "./format.js";

const lineHeight = 14;
/** Height of a line that runs through a hop's figures, below the first two of them. */
const acrossGap = 14;

/** Draws the flow and returns what brings its figures up to date. */
export function startFlow() {
  const narrow = matchMedia("(max-width: 66rem)");
  let picture = drawFlow(narrow.matches ? narrowLayout : wideLayout);
  let last = { hops: [], processes: [] };
  const fillTable = tableOf(byId("hops"), "No figures yet.", [
    { title: "From" },
    { title: "To" },
    { title: "What" },
    { title: "Events/s", number: true },
    { title: "p50", number: true },
    { title: "p99", number: true },
    { title: "Backlog", number: true },
    { title: "Errors/s", number: true },
    { title: "Total", number: true },
  ]);
  narrow.addEventListener("change", () => {
    picture = drawFlow(narrow.matches ? narrowLayout : wideLayout);
    picture(last);
  });
  return (state) => {
    last = state;
    picture(state);
    fillTable(state.hops.map(tableRow), "No figures yet.");
  };
}

function tableRow({ from, to, label, note, eventsPerSecond, latencyMs, backlog, errorsPerSecond, total }) {
  return {
    key: `${from}>${to}>${label}`,
    cells: [
      formatName(from),
      formatName(to),
      note === null ? label : `${label}, ${note}`,
      formatRate(eventsPerSecond),
      latencyMs === null ? "–" : formatMs(latencyMs.p50),
      latencyMs === null ? "–" : formatMs(latencyMs.p99),
      backlog === null ? "–" : formatCount(backlog),
      formatRate(errorsPerSecond),
      formatCount(total),
    ],
  };
}

function drawFlow(layout) {
  const arrow = drawing("marker", {
    id: "arrow",
    viewBox: "0 0 8 8",
    refX: 7,
    refY: 4,
    markerWidth: 7,
    markerHeight: 7,
    orient: "auto",
  });
  arrow.append(drawing("path", { d: "M0 0 L8 4 L0 8 z" }));
  const picture = drawing(
    "svg",
    {
      class: `flow-picture ${layout === narrowLayout ? "narrow" : ""}`,
      viewBox: `${layout.left} 0 ${layout.width} ${layout.height}`,
      role: "img",
      "aria-label":
        "Flow of events from the devices to the merged answer. The figures are in the table below.",
    },
    drawing("defs", {}, arrow),
  );
  const hops = new Map();
  const lines = drawing("g");
  const labels = drawing("g");
  for (const [name, plan] of Object.entries(layout.hops)) {
    const line = drawing(
      "g",
      { class: "hop" },
      drawing("path", { d: plan.path, "marker-end": "url(#arrow)" }),
    );
    const texts = [0, 1, 2, 3].map((index) =>
      drawing("text", {
        x: plan.label[0],
        "text-anchor": plan.anchor ?? "middle",
        class: index === 0 ? "rate" : null,
      }),
    );
    const label = drawing("g", { class: "hop" }, drawing("title"), ...texts);
    lines.append(line);
    labels.append(label);
    hops.set(name, { plan, line, label, texts });
  }
  const nodes = new Map(flowNodes.map((node) => [node.name, drawNode(node, layout)]));
  picture.append(lines, ...[...nodes.values()].map(({ group }) => group), labels);
  byId("flow").replaceChildren(picture);
  return (state) => {
    for (const hop of state.hops) updateHop(hops.get(`${hop.from}>${hop.to}`), hop);
    for (const { name, process } of flowNodes) {
      const found = state.processes.find((candidate) => candidate.name === process);
      updateNode(nodes.get(name), found);
    }
  };
}

function drawNode({ name, title }, layout) {
  const [x, y] = layout.nodes[name];
  const { width, height } = layout.node;
  const note = drawing("text", { class: "node-note", x: x + width / 2, y: y + height - 10 });
  const group = drawing(
    "g",
    { class: "node" },
    drawing("rect", { x, y, width, height, rx: 9 }),
    drawing("text", { x: x + width / 2, y: y + 21 }, title),
    note,
  );
  return { group, note };
}

function updateNode({ group, note }, process) {
  const status = process?.status ?? "";
  group.classList.toggle("stopped", status === "down" || status === "failed");
  const restarts = process?.restarts ?? 0;
  setText(note, restarts > 0 ? `${status}, ${restarts} restart${restarts === 1 ? "" : "s"}` : status);
}

function updateHop(drawn, hop) {
  if (drawn === undefined) return;
  const { plan, line, label, texts } = drawn;
  const { eventsPerSecond, errorsPerSecond } = hop;
  line.classList.toggle("busy", eventsPerSecond > 0);
  line.classList.toggle("failing", errorsPerSecond > 0);
  setText(label.firstChild, `${formatName(hop.from)} to ${formatName(hop.to)}: ${hop.label}`);
  const figures = figuresOf(hop);
  for (const [index, node] of texts.entries()) {
    const { text = "", kind = "" } = figures[index] ?? {};
    setText(node, text);
    node.setAttribute("y", plan.label[1] + index * lineHeight + (plan.across && index > 1 ? acrossGap : 0));
    node.classList.toggle("waiting", kind === "waiting");
    node.classList.toggle("wrong", kind === "wrong");
  }
}

/** A hop's figures, one a line: the rate, how long it takes or when it moves, and what is not as it should be. */
function figuresOf({ eventsPerSecond, latencyMs, note, backlog, waiting, errorsPerSecond }) {
  const pace = latencyMs === null ? note : `${formatMs(latencyMs.p50)} / ${formatMs(latencyMs.p99)}`;
  return [
    { text: formatRate(eventsPerSecond) },
    ...(pace === null ? [] : [{ text: pace }]),
    ...(backlog === null
      ? []
      : [{ text: `backlog ${formatCount(backlog)}`, kind: waiting ? "waiting" : "" }]),
    ...(errorsPerSecond > 0 ? [{ text: `errors ${formatRate(errorsPerSecond)}`, kind: "wrong" }] : []),
  ];
}
