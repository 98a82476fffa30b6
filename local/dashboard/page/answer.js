import { makeChart } from "./chart.js";
import { byId, element, keepList, setText, tableOf } from "./dom.js";
import { formatCount, formatMinute, formatTime, formatValue } from "./format.js";
import { measures } from "./measures.js";
import { callApi } from "./state-stream.js";
import { readMoment } from "./times.js";

const job = "factory-aggregates";
const followIntervalMs = 4_000;
const defaultRangeMs = 30 * 60_000;
/** Real-time values that the page has seen, kept to set them against batch values later. */
const maxRemembered = 20_000;

/** The query box with its chart and table: asks the serving API, and asks again while it follows. */
export function startAnswer() {
  const form = byId("query");
  const message = byId("query-message");
  const { grain, key, window: windowChoice, measure, from, to, follow } = form.elements;
  const showChart = makeChart(byId("chart"), byId("chart-readout"));
  const fillTable = tableOf(byId("answer"), "Ask for a key to see its windows.", [
    { title: "Ends" },
    { title: "Value", number: true },
    { title: "Source" },
    { title: "Real-time had", number: true },
    { title: "Events", number: true },
    { title: "As of" },
  ]);
  fillTable([], "Ask for a key to see its windows.");
  measure.append(...measures.map(({ name, title }) => element("option", { value: name }, title)));
  const seen = new Map();
  let state;
  let shown;
  let asked = false;
  let underWay = 0;
  let turn = 0;

  const ask = async () => {
    if (state === undefined || key.value.trim() === "") return;
    const mine = ++turn;
    underWay++;
    asked = true;
    try {
      const nowMs = Date.parse(state.clock.nowIso);
      const toMs = readMoment(to.value, nowMs, nowMs);
      const fromMs = readMoment(from.value, nowMs, toMs - defaultRangeMs);
      if (fromMs >= toMs) throw new Error("the range is empty: From must lie before To");
      const query = new URLSearchParams({
        grain: grain.value,
        window: windowChoice.value,
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
      });
      const wanted = key.value.trim();
      const answered = await callApi(`api/views/${job}/${encodeURIComponent(wanted)}?${query}`);
      // The user has asked for something else meanwhile.
      if (mine !== turn) return;
      shown = answered;
      rememberAnswer(seen, shown);
      say(message, summary(shown), false);
      show();
    } catch (error) {
      if (mine === turn) say(message, error.message, true);
    } finally {
      underWay--;
    }
  };
  const show = () => {
    if (shown === undefined) return;
    const chosen = measures.find(({ name }) => name === measure.value) ?? measures[0];
    const points = shown.windows.map((window) =>
      pointOf(window, chosen, seen.get(seenKey(shown, window.end))),
    );
    const watermarkMs = Date.parse(state?.batch.batchHighWatermarkIso ?? "");
    showChart({ points, watermarkMs, title: chosen.title });
    fillTable([...points].reverse().map(rowOf), "No windows in this range yet.");
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void ask();
  });
  measure.addEventListener("change", show);
  grain.addEventListener("change", () => {
    fillKeys(byId("keys"), state, grain.value);
    key.value = keysOf(state, grain.value)[0] ?? "";
    void ask();
  });
  windowChoice.addEventListener("change", () => void ask());
  setInterval(() => {
    if (asked && underWay === 0 && follow.checked && document.visibilityState === "visible") void ask();
  }, followIntervalMs);
  return {
    update(next) {
      state = next;
      rememberArrivals(seen, next.windows);
      fillKeys(byId("keys"), state, grain.value);
      if (!asked && key.value === "" && document.activeElement !== key) {
        key.value = keysOf(state, grain.value)[0] ?? "";
        void ask();
      }
    },
    /** Shows a key that was chosen elsewhere on the page. */
    choose(chosenGrain, chosenKey) {
      grain.value = chosenGrain;
      key.value = chosenKey;
      void ask();
      byId("answer-title").scrollIntoView({ block: "nearest" });
    },
  };
}

function say(message, text, bad) {
  message.classList.toggle("bad", bad);
  setText(message, text);
}

function summary({ windows, key }) {
  const batch = windows.filter(({ source }) => source === "batch").length;
  return `${key}: ${formatCount(windows.length)} windows, ${formatCount(batch)} from the batch layer, ${formatCount(windows.length - batch)} real-time`;
}

function keysOf(state, grain) {
  const devices = state?.devices ?? [];
  const keys = devices.map(({ deviceId, factoryId, lineId }) => {
    if (grain === "device") return deviceId;
    return grain === "line" ? `${factoryId}~${lineId}` : factoryId;
  });
  return [...new Set(keys)].sort();
}

function fillKeys(list, state, grain) {
  const keys = keysOf(state, grain).slice(0, 500);
  keepList(
    list,
    keys.map((value) => ({ value })),
    ({ value }) => value,
    ({ value }) => element("option", { value }),
    () => {},
  );
}

function seenKey({ key, grain, window }, end) {
  return `${grain}|${key}|${window}|${Date.parse(end)}`;
}

/** Keeps the real-time values of an answer. */
function rememberAnswer(seen, answer) {
  for (const { end, values, source } of answer.windows) {
    if (source === "realtime") seen.set(seenKey(answer, end), values);
  }
  forgetOldest(seen);
}

/** Keeps what arriving windows tell of keys that were not asked for: count and mean temperature. */
function rememberArrivals(seen, windows) {
  for (const window of windows) {
    const key = seenKey(window, window.end);
    const { count, temperatureAvg } = window;
    if (!seen.has(key)) seen.set(key, { count, temperatureSum: temperatureAvg * count });
  }
  forgetOldest(seen);
}

function forgetOldest(seen) {
  for (const key of seen.keys()) {
    if (seen.size <= maxRemembered) break;
    seen.delete(key);
  }
}

function pointOf({ start, end, values, source, asOf }, measure, before) {
  const value = measure.read(values);
  return {
    startMs: Date.parse(start),
    endMs: Date.parse(end),
    count: values.count,
    value: Number.isFinite(value) ? value : Number.NaN,
    replaced: source === "batch" && before !== undefined ? measure.read(before) : Number.NaN,
    source,
    asOf,
  };
}

function rowOf({ endMs, count, value, replaced, source, asOf }) {
  const batch = source === "batch";
  return {
    key: String(endMs),
    cells: [
      formatMinute(endMs),
      formatValue(value),
      element("span", { class: `pill ${batch ? "batch" : "realtime"}` }, batch ? "batch" : "real-time"),
      batch ? formatValue(replaced) : "",
      formatCount(count),
      formatTime(asOf),
    ],
  };
}
