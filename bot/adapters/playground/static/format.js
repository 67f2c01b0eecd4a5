// Numbers and times in words.

const NAMES = {
  toxicity: "toxicity",
  severe_toxicity: "severe toxicity",
  obscene: "obscene",
  identity_attack: "identity attack",
  insult: "insult",
  threat: "threat",
  sexual_explicit: "sexual",
};

/** The seven labels, in the order in which the page shows them. */
export const LABELS = Object.keys(NAMES);

/** A label's name for people. */
export const labelName = (label) => NAMES[label] ?? label;

/** A score with two digits. */
export const score = (value) => value.toFixed(2);

/** A length of time in seconds, as short as it can be said. */
export function duration(seconds) {
  if (seconds < 0.0995) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

/** How long ago something was. */
export function ago(at) {
  const seconds = (Date.now() - Date.parse(at)) / 1000;
  return seconds < 10 ? "just now" : `${duration(seconds)} ago`;
}

/** The time of day, with the day where it is not today. */
export function clock(at) {
  const time = new Date(at);
  const today = time.toDateString() === new Date().toDateString();
  const day = today ? {} : { weekday: "short" };
  return time.toLocaleTimeString([], { ...day, hour: "2-digit", minute: "2-digit" });
}

/** Seconds between two times. */
export const between = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;

/** What a policy with these thresholds would do with these scores. */
export function judge(scores, thresholds) {
  let action = "allow";
  for (const [label, value] of Object.entries(scores)) {
    const limits = thresholds[label];
    if (!limits) continue;
    if (value >= limits.hide) return "hide";
    if (value >= limits.review) action = "review";
  }
  return action;
}

/** The label that stands out most, with its score; null where there is none. */
export function highest(scores) {
  const entries = Object.entries(scores);
  return entries.length ? entries.reduce((a, b) => (b[1] > a[1] ? b : a)) : null;
}
