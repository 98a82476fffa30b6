import { byId, setText } from "./dom.js";

const choices = ["system", "light", "dark"];
const storageKey = "theme";

/** Lets the user choose between the system's colours, light and dark; the choice is remembered by the browser. */
export function startTheme() {
  const button = byId("theme");
  let choice = remembered();
  const apply = () => {
    if (choice === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    setText(button, `Theme: ${choice}`);
  };
  button.addEventListener("click", () => {
    choice = choices[(choices.indexOf(choice) + 1) % choices.length];
    remember(choice);
    apply();
  });
  apply();
}

/** Storage may be switched off; the choice then lasts as long as the page. */
function remembered() {
  try {
    const stored = localStorage.getItem(storageKey);
    return choices.includes(stored) ? stored : "system";
  } catch {
    return "system";
  }
}

function remember(choice) {
  try {
    localStorage.setItem(storageKey, choice);
  } catch {
    // Nothing depends on it.
  }
}
