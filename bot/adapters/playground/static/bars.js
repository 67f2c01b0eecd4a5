// Scores as bars, with the thresholds drawn across them.

import { el } from "./elements.js";
import { LABELS, labelName, score } from "./format.js";

/** One bar a label. scores: by label; thresholds: by label, {review, hide}. */
export function bars(scores, thresholds, labels = LABELS.filter((label) => label in scores)) {
  return el(
    "dl",
    { class: "bars" },
    ...labels.flatMap((label) => bar(label, scores[label], thresholds[label])),
  );
}

function bar(label, value, limits) {
  const fill = el("span", { class: "fill" });
  fill.style.setProperty("--at", value);
  const track = el("span", { class: "track", "aria-hidden": "true" }, fill);
  let level = "allow";
  if (limits) {
    for (const kind of ["review", "hide"]) {
      const tick = el("span", { class: `tick ${kind}` });
      tick.style.setProperty("--at", limits[kind]);
      track.append(tick);
      if (value >= limits[kind]) level = kind;
    }
  }
  fill.classList.add(level);
  const title = limits
    ? `review from ${score(limits.review)}, hide from ${score(limits.hide)}`
    : "no threshold";
  return [
    el("dt", { text: labelName(label) }),
    el("dd", { title }, track, el("b", { class: level, text: score(value) })),
  ];
}
