import { startAnswer } from "./answer.js";
import { byId, setText } from "./dom.js";
import { startFlow } from "./flow.js";
import { formatMoment } from "./format.js";
import {
  alertsPanel,
  batchPanel,
  devicesPanel,
  latePanel,
  noticesPanel,
  processesPanel,
  windowsPanel,
} from "./panels.js";
import { quarantinePanel } from "./quarantine.js";
import { followState } from "./state-stream.js";
import { startTheme } from "./theme.js";

const statusTexts = {
  connected: ["live", "good"],
  silent: ["no news", "warn"],
  reconnecting: ["reconnecting", "bad"],
};

function showClock({ clock, run }) {
  const now = byId("clock-now");
  setText(now, formatMoment(clock.nowIso));
  now.dateTime = clock.nowIso;
  setText(byId("clock-speed"), clock.speed === 1 ? "real time" : `${clock.speed}x real time`);
  setText(
    byId("clock-state"),
    clock.paused ? `clock holds${clock.reason === null ? "" : `: ${clock.reason}`}` : "",
  );
  const seed = run.seed === null ? "" : `, seed ${run.seed}`;
  setText(byId("run"), `${run.mode}${seed}`);
}

function showStatus(status) {
  const [text, kind] = statusTexts[status];
  const link = byId("link");
  setText(link, text);
  link.className = `pill ${kind}`;
}

function start() {
  startTheme();
  const answer = startAnswer();
  const choose = (grain, key) => answer.choose(grain, key);
  const parts = [
    showClock,
    startFlow(),
    windowsPanel(choose),
    devicesPanel(choose),
    alertsPanel(),
    quarantinePanel(),
    latePanel(),
    batchPanel(),
    processesPanel(),
    noticesPanel(),
    answer.update,
  ];
  followState((state) => {
    for (const update of parts) update(state);
  }, showStatus);
}

start();
