import { byId, element, fillList, setText } from "./dom.js";
import { formatCount, formatTime } from "./format.js";
import { callApi } from "./state-stream.js";

const shownLength = 240;

/** Shows refused messages; each can be sent again as it was, or corrected. */
export function quarantinePanel() {
  const list = byId("quarantine");
  return ({ quarantine }) => {
    setText(byId("quarantine-count"), formatCount(quarantine.total));
    // New messages would push the one that is being corrected out of the list.
    if (list.querySelector("textarea") !== null) return;
    fillList(
      list,
      quarantine.items,
      "Nothing was refused.",
      ({ id, replayed }) => `${id}|${replayed}`,
      content,
    );
  };
}

function content({ id, reason, detail, body, enqueuedIso, replayed }) {
  const told = `the message refused at ${formatTime(enqueuedIso)}: ${reason}`;
  const shown = element(
    "code",
    { class: "detail" },
    body.length > shownLength ? `${body.slice(0, shownLength)} ...` : body,
  );
  const button = (text) =>
    element(
      "button",
      { type: "button", class: "small quiet", disabled: replayed, "aria-label": `${text} ${told}` },
      text,
    );
  const replay = button(replayed ? "Replayed" : "Replay");
  const correct = button("Correct");
  replay.addEventListener("click", () => void send(id, undefined, [replay, correct]));
  correct.addEventListener("click", () => openEditor(id, body, told, shown, [replay, correct]));
  return [
    element("span", { class: "pill warn" }, reason),
    element("time", { datetime: enqueuedIso }, formatTime(enqueuedIso)),
    element("span", { class: "end actions" }, ...(replayed ? [replay] : [correct, replay])),
    element("span", { class: "detail" }, detail),
    shown,
  ];
}

/** Puts an editor in the place of the message's text. */
function openEditor(id, body, told, shown, buttons) {
  const text = element("textarea", {
    rows: 6,
    spellcheck: "false",
    "aria-label": `Corrected text of ${told}`,
  });
  text.value = body;
  const sendButton = element("button", { type: "button", class: "small" }, "Send corrected");
  const cancel = element("button", { type: "button", class: "small quiet" }, "Cancel");
  const editor = element(
    "div",
    { class: "detail editor" },
    text,
    element("span", { class: "actions" }, sendButton, cancel),
  );
  const close = () => {
    editor.replaceWith(shown);
    for (const button of buttons) button.disabled = false;
  };
  sendButton.addEventListener("click", async () => {
    if (await send(id, text.value, [sendButton])) {
      close();
      for (const button of buttons) button.disabled = true;
    }
  });
  cancel.addEventListener("click", () => {
    close();
    buttons[1].focus();
  });
  editor.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") cancel.click();
  });
  for (const button of buttons) button.disabled = true;
  shown.replaceWith(editor);
  text.focus();
}

/** Sends a message again; true when it was taken. */
async function send(id, corrected, buttons) {
  const message = byId("quarantine-message");
  for (const button of buttons) button.disabled = true;
  try {
    const body = corrected === undefined ? {} : { body: JSON.stringify({ body: corrected }) };
    await callApi(`api/quarantine/${encodeURIComponent(id)}/replay`, { method: "POST", ...body });
    message.classList.remove("bad");
    setText(message, "Sent again; it is judged anew.");
    return true;
  } catch (error) {
    for (const button of buttons) button.disabled = false;
    message.classList.add("bad");
    setText(message, error.message);
    return false;
  }
}
