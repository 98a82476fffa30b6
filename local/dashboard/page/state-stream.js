/** How long the page waits for a message before it says that the platform is silent; two are due each second. */
const silenceMs = 4_000;

/**
 * Follows the platform's state. The browser connects again by itself when the platform was restarted.
 * @param {(state: object) => void} onState
 * @param {(status: "connected" | "silent" | "reconnecting") => void} onStatus
 */
export function followState(onState, onStatus) {
  const source = new EventSource("events");
  let lastAt = Date.now();
  source.addEventListener("message", ({ data }) => {
    lastAt = Date.now();
    onStatus("connected");
    onState(JSON.parse(data));
  });
  source.addEventListener("error", () => onStatus("reconnecting"));
  setInterval(() => {
    if (source.readyState === EventSource.OPEN && Date.now() - lastAt > silenceMs) onStatus("silent");
  }, 1_000);
  return () => source.close();
}

/** Calls the platform's API. Rejects with the problem's own words. */
export async function callApi(path, options = {}) {
  const response = await fetch(path, { headers: { accept: "application/json" }, ...options });
  const text = await response.text();
  let body = {};
  try {
    body = text === "" ? {} : JSON.parse(text);
  } catch {
    body = { title: text.slice(0, 200) };
  }
  if (response.ok) return body;
  const { title = `the server answered ${response.status}`, detail } = body ?? {};
  throw new Error(detail === undefined ? title : `${title}: ${detail}`);
}
