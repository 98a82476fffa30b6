import { byId, element, fillList, keepList, setText, tableOf } from "./dom.js";
import { formatCount, formatMinute, formatMoment, formatName, formatTime, formatValue } from "./format.js";
import { callApi } from "./state-stream.js";

/** Shows closed windows as they come. */
export function windowsPanel(choose) {
  const fill = tableOf(
    byId("windows"),
    "No window has closed yet.",
    [
      { title: "Ends" },
      { title: "Key" },
      { title: "Events", number: true },
      { title: "Mean °C", number: true },
      { title: "Grain" },
    ],
    true,
  );
  return ({ windows }) =>
    fill(
      windows.map(({ grain, key, window, end, count, temperatureAvg }) => ({
        key: `${grain}|${key}|${window}|${end}`,
        cells: [
          `${formatMinute(Date.parse(end))} (${window})`,
          keyButton(key, () => choose(grain, key)),
          formatCount(count),
          formatValue(temperatureAvg),
          grain,
        ],
      })),
      "No window has closed yet.",
    );
}

/** Shows the latest reading of each device; a device's name asks for its windows. */
export function devicesPanel(choose) {
  const fill = tableOf(byId("devices"), "No device has reported yet.", [
    { title: "Device" },
    { title: "°C", number: true },
    { title: "mm/s", number: true },
    { title: "Status" },
    { title: "Last" },
    { title: "Line" },
  ]);
  return ({ devices }) => {
    setText(byId("devices-count"), formatCount(devices.length));
    fill(
      [...devices]
        .sort((left, right) => left.deviceId.localeCompare(right.deviceId, "en", { numeric: true }))
        .slice(0, 500)
        .map(({ deviceId, factoryId, lineId, eventTime, temperature, vibration, status }) => ({
          key: deviceId,
          cells: [
            keyButton(deviceId, () => choose("device", deviceId)),
            formatValue(temperature),
            formatValue(vibration),
            element("span", { class: `pill ${healthClass(status)}` }, status),
            formatTime(eventTime),
            `${factoryId}~${lineId}`,
          ],
        })),
      "No device has reported yet.",
    );
  };
}

function keyButton(key, onclick) {
  return element(
    "button",
    { type: "button", class: "link", title: `Show the merged answer of ${key}`, onclick },
    key,
  );
}

function healthClass(status) {
  if (["ok", "normal", "running", "healthy", "info", "low"].includes(status)) return "good";
  return ["alert", "failed", "critical", "down", "error", "high"].includes(status) ? "bad" : "warn";
}

/** Shows alerts, newest first. */
export function alertsPanel() {
  const list = byId("alerts");
  return ({ alerts }) =>
    fillList(
      list,
      alerts,
      "No alerts.",
      ({ id }) => id,
      ({ deviceId, rule, severity, value, eventTime }) => [
        element("span", { class: `pill ${healthClass(severity)}` }, severity),
        element("span", {}, `${deviceId}: ${rule}`),
        element(
          "span",
          { class: "end" },
          formatValue(value),
          " ",
          element("time", { datetime: eventTime }, formatTime(eventTime)),
        ),
      ],
    );
}

/** Names the events that the stream job has left out: too late, or not to be read. */
export function latePanel() {
  const list = byId("late");
  return ({ late }) => {
    setText(byId("late-count"), formatCount(late.total));
    fillList(
      list,
      late.items,
      "No event was left out.",
      ({ eventId, enqueuedIso, kind }) => `${eventId}|${enqueuedIso}|${kind}`,
      ({ eventId, eventTime, kind, enqueuedIso }) => [
        element("span", { class: "pill" }, kind),
        element(
          "span",
          {},
          eventTime === null
            ? `came ${formatTime(enqueuedIso)}`
            : `of ${formatTime(eventTime)}, came ${formatTime(enqueuedIso)}`,
        ),
        element("code", { class: "detail" }, eventId ?? "without an id"),
      ],
    );
  };
}

/** Shows where the batch layer stands, and runs it. */
export function batchPanel() {
  const facts = byId("batch");
  const button = byId("batch-run");
  const message = byId("batch-message");
  let pending = false;
  button.addEventListener("click", async () => {
    pending = true;
    button.disabled = true;
    message.classList.remove("bad");
    setText(message, "The batch layer is at work.");
    try {
      await callApi("api/batch", { method: "POST" });
      setText(message, "The batch views are complete up to the watermark.");
    } catch (error) {
      message.classList.add("bad");
      setText(message, error.message);
    } finally {
      pending = false;
    }
  });
  return ({ batch }) => {
    const { status, step, generation, batchHighWatermarkIso, lastRunIso, durationSeconds } = batch;
    button.disabled = pending || status === "running" || status === "starting";
    const rows = [
      ["Status", step === null || step === undefined ? status : `${status}: ${step}`],
      ["Generation", generation === null ? "none yet" : String(generation)],
      ["Watermark", batchHighWatermarkIso === null ? "none yet" : formatMoment(batchHighWatermarkIso)],
      ["Last run", lastRunIso === null ? "never" : formatMoment(lastRunIso)],
      ["Took", durationSeconds === null ? "–" : `${formatValue(durationSeconds)} s`],
    ];
    if (facts.children.length === 0)
      facts.append(...rows.flatMap(([name]) => [element("dt", {}, name), element("dd")]));
    for (const [index, [, text]] of rows.entries()) setText(facts.children[2 * index + 1], text);
  };
}

/** Shows processes with their ports and connection strings, which can be copied. */
export function processesPanel() {
  const list = byId("processes");
  return ({ processes }) =>
    keepList(
      list,
      processes,
      ({ name, status, restarts, pid, endpoints }) =>
        JSON.stringify([name, status, restarts, pid, endpoints]),
      ({ name, status, restarts, pid, endpoints }) => {
        const detail = [
          pid === null ? "" : `pid ${pid}`,
          restarts > 0 ? `${restarts} restart${restarts === 1 ? "" : "s"}` : "",
        ];
        const head = element(
          "div",
          { class: "process-head" },
          formatName(name),
          element(
            "span",
            { class: `pill ${status === "running" ? "good" : status === "starting" ? "warn" : "bad"}` },
            status,
          ),
          element("span", { class: "muted" }, detail.filter((text) => text !== "").join(", ")),
        );
        const rows = Object.entries(endpoints).map(([label, value]) =>
          endpointRow(name, label, String(value)),
        );
        return element("li", {}, head, ...rows);
      },
      () => {},
    );
}

function endpointRow(process, label, value) {
  const copy = element(
    "button",
    { type: "button", class: "small quiet", "aria-label": `Copy ${label} of ${process}` },
    "Copy",
  );
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(value);
      setText(byId("copy-message"), `${label} of ${formatName(process)} is on the clipboard.`);
    } catch {
      setText(byId("copy-message"), "The browser did not allow copying; select the text instead.");
    }
  });
  return element(
    "div",
    { class: "endpoint" },
    element("div", {}, element("span", { class: "muted" }, label), element("code", {}, value)),
    copy,
  );
}

/** Tells what the supervisor did, newest first; the newest warning stands at the top of the page for a while. */
export function noticesPanel() {
  const list = byId("notices");
  const banner = byId("notice");
  let announced = "";
  return ({ notices }) => {
    fillList(
      list,
      notices,
      "Nothing to tell.",
      ({ wallIso, text }) => `${wallIso}|${text}`,
      ({ wallIso, text, level }) => [
        element(
          "span",
          { class: `pill ${level === "error" ? "bad" : level === "warn" ? "warn" : ""}` },
          level,
        ),
        element("span", {}, text),
        element("time", { class: "end", datetime: wallIso }, formatTime(wallIso)),
      ],
    );
    const recent = notices.find(
      ({ level, wallIso }) => level !== "info" && Date.now() - Date.parse(wallIso) < 30_000,
    );
    banner.hidden = recent === undefined;
    const text = recent === undefined ? "" : `${formatTime(recent.wallIso)} UTC: ${recent.text}`;
    if (announced !== text) setText(banner, text);
    announced = text;
  };
}
