// How the bot is doing, in one strip.

import { byId, el, sparkline } from "./elements.js";
import { between, duration } from "./format.js";
import { state } from "./state.js";

const REMEMBERED = 24;

/** Draw the figures as they are. */
export function render() {
  const figures = state.figures;
  byId("figures").replaceChildren(...(figures ? strip(figures) : [scorer(null)]));
}

function strip(figures) {
  const [median, high] = figures.time_to_action ?? [];
  return [
    figure("Messages", String(figures.messages), split(figures)),
    figure(
      "Post to hidden",
      median === undefined ? "–" : duration(median),
      median === undefined
        ? el("i", { text: "none hidden yet" })
        : el("i", { text: `p95 ${duration(high)}` }),
      sparkline(times(), 64, 22),
    ),
    figure(
      "Receipt to verdict",
      figures.decision ? duration(figures.decision[0]) : "–",
      el("i", { text: figures.decision ? `p95 ${duration(figures.decision[1])}` : "" }),
    ),
    figure("To decide", String(figures.cases_open), el("i", { text: waiting(figures) })),
    scorer(figures),
  ];
}

function figure(name, value, ...rest) {
  return el(
    "div",
    { class: "figure" },
    el("span", { class: "name", text: name }),
    el("b", { text: value }),
    ...rest,
  );
}

function split({ messages, allowed, review, hide }) {
  const bar = el("span", {
    class: "split",
    role: "img",
    "aria-label": `${allowed} allowed, ${review} to review, ${hide} hidden`,
  });
  for (const [kind, count] of [
    ["allow", allowed],
    ["review", review],
    ["hide", hide],
  ]) {
    const part = el("span", { class: kind });
    part.style.flexGrow = messages ? count : kind === "allow" ? 1 : 0;
    bar.append(part);
  }
  return el(
    "span",
    { class: "split-box" },
    bar,
    el("i", {
      "aria-hidden": "true",
      text: `${allowed} allowed · ${review} review · ${hide} hidden`,
    }),
  );
}

function times() {
  return [...state.posts.values()]
    .filter((post) => post.hidden_at)
    .slice(-REMEMBERED)
    .map((post) => Math.max(0, between(post.edited_at ?? post.posted_at, post.hidden_at)));
}

function waiting({ intake_depth: intake, effects_depth: effects }) {
  return intake + effects === 0 ? "queues empty" : `${intake} to judge · ${effects} to do`;
}

function scorer(figures) {
  const [level, words] = !figures
    ? ["bad", "the bot does not answer"]
    : figures.scorer_ok
      ? ["good", "ready"]
      : ["bad", "down: humans are asked"];
  return el(
    "div",
    { class: `figure scorer ${level}` },
    el("span", { class: "name", text: "Scorer" }),
    el("b", { text: figures?.model ?? "–" }),
    el("i", { text: words }),
  );
}
