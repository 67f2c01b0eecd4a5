// Asking the server for things, and listening to it.

const HEADER = "X-Aman-Playground";

async function ask(method, path, body) {
  let response;
  try {
    response = await fetch(`/playground/${path}`, {
      method,
      headers: { "Content-Type": "application/json", [HEADER]: "page" },
      body: JSON.stringify(body ?? {}),
    });
  } catch {
    throw new Error("The playground does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `The playground answered ${response.status}.`);
  return answer;
}

export const post = (member, text) => ask("POST", "messages", { member, text });
export const edit = (id, member, text) => ask("PATCH", `messages/${id}`, { member, text });
export const remove = (id, member) => ask("DELETE", `messages/${id}`, { member });
export const press = (button, person) => ask("POST", "presses", { button, person });
export const changePolicy = (by, mode, thresholds) =>
  ask("PUT", "policy", { by, mode, thresholds });
export const changeRights = (by, allowed) => ask("PUT", "rights", { by, delete_messages: allowed });
export const playSample = () => ask("POST", "sample");
export const reset = () => ask("POST", "reset");

/** Call `onNews` with everything, then with each change; `onLink` when the line is cut or back. */
export function listen(onNews, onLink) {
  const source = new EventSource("/playground/events");
  source.addEventListener("message", (event) => {
    onLink(true);
    onNews(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    onLink(false);
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => listen(onNews, onLink), 2000);
    }
  });
}
