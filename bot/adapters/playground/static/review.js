// The review channel: one card a case, drawn from what the bot sent.

import * as api from "./api.js";
import { bars } from "./bars.js";
import { avatar, choice } from "./choice.js";
import { byId, el, icon } from "./elements.js";
import { ago } from "./format.js";
import { announce } from "./news.js";
import { state } from "./state.js";

const MILD = new Set(["restore", "keep_hidden", "cancel", "undo"]);
const WORTH_SHOWING = 0.1;

const drawn = new Map();
const uncovered = new Set();
const opened = new Set();
let reviewer = "noor";
let tell = () => {};
let openMessage = () => {};

/** Set the channel up. say: show a sentence; showMessage: go to a message. */
export function setUp(say, showMessage) {
  tell = say;
  openMessage = showMessage;
}

/** Draw what changed. */
export function render(changed) {
  if (!byId("reviewers").querySelector("input")) drawReviewers();
  const ids = changed.whole ? [...state.cards.keys()] : changed.cards;
  for (const id of ids) draw(id, changed.whole);
  for (const [id, element] of drawn) {
    if (state.cards.has(id)) continue;
    element.remove();
    drawn.delete(id);
  }
  count();
}

/** Say anew how long ago each card was. */
export function tick() {
  for (const time of byId("cards").querySelectorAll("time")) time.textContent = ago(time.dateTime);
}

/** Bring a card into view. */
export function show(id) {
  const card = drawn.get(id);
  if (!card) return;
  card.scrollIntoView({ block: "center" });
  card.focus({ preventScroll: true });
}

function draw(id, quietly) {
  const card = state.cards.get(id);
  const element = drawCard(card);
  const old = drawn.get(id);
  drawn.set(id, element);
  if (!old) {
    if (!quietly) {
      element.classList.add("arrives");
      const { number, author, headline, reason } = card.view;
      announce(`Case ${number}, ${author}: ${headline}. ${reason}`);
    }
    byId("cards").prepend(element);
    return;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(element);
  if (!focused) return;
  // Where the button that was pressed is gone, the card keeps the focus.
  const same = element.querySelector(`[data-key="${focused.dataset.key}"]`);
  (same ?? element).focus({ preventScroll: true });
}

function drawCard({ id, view, posted_at: postedAt }) {
  const decided = view.status === "decided";
  const folded = decided && !opened.has(id);
  const member = state.members.get(view.author_id) ?? { id: view.author_id, name: view.author };
  return el(
    "li",
    {
      class: `card ${view.tone} ${decided ? "decided" : "open"}`,
      id: `card-${id}`,
      tabindex: "-1",
      "aria-label": `Case ${view.number}, ${view.author}`,
    },
    el(
      "header",
      {},
      avatar(member, "small"),
      el(
        "p",
        { class: "who" },
        el("b", { text: view.author }),
        el(
          "span",
          {},
          `#${view.number} · `,
          el("button", {
            type: "button",
            class: "link",
            "data-key": "where",
            title: "Show it in the chat",
            text: view.where,
            onclick: () => openMessage(view.message_id),
          }),
          " · ",
          el("time", {
            datetime: view.posted_at ?? postedAt,
            text: ago(view.posted_at ?? postedAt),
          }),
        ),
      ),
      decided ? null : el("span", { class: `pill ${view.tone}`, text: view.headline }),
      ...(decided ? view.buttons.map((button) => pressable(button)) : []),
    ),
    ...(folded ? [] : [quote(id, view), ...evidence(id, view)]),
    el(
      "div",
      { class: "standing" },
      view.state
        ? el(
            "p",
            { class: `state ${view.status}` },
            decided ? icon("check") : null,
            el("span", { text: view.state }),
          )
        : null,
      decided ? fold(id, folded) : null,
    ),
    decided ? null : el("footer", {}, ...view.buttons.map((button) => pressable(button))),
  );
}

function quote(id, view) {
  if (view.text === null)
    return el("p", { class: "quote erased", text: "What was said has been erased." });
  if (!uncovered.has(id)) {
    return el(
      "button",
      {
        type: "button",
        class: "quote cover",
        "data-key": "cover",
        onclick: () => toggle(uncovered, id),
      },
      icon("eye"),
      "Show what was said",
    );
  }
  return el(
    "div",
    { class: "quote" },
    el("blockquote", { dir: "auto", text: view.text }),
    view.left_out ? el("p", { class: "fine", text: view.left_out }) : null,
    view.words?.length
      ? el("p", { class: "fine", dir: "auto", text: `${view.words_told} ${view.words.join(" · ")}` })
      : null,
    el("button", {
      type: "button",
      class: "link",
      "data-key": "cover",
      text: "Cover it",
      onclick: () => toggle(uncovered, id),
    }),
  );
}

function evidence(id, view) {
  const scores = Object.fromEntries(view.scores);
  const thresholds = state.policy?.thresholds ?? {};
  const all = opened.has(`${id} scores`);
  const shown = view.scores.filter(([, value], nth) => all || nth === 0 || value >= WORTH_SHOWING);
  const more = el("button", {
    type: "button",
    class: "link more",
    "data-key": "scores",
    "aria-expanded": String(all),
    text: all ? "Fewer scores" : "All scores",
    onclick: () => toggle(opened, `${id} scores`, id),
  });
  return [
    el(
      "div",
      { class: "why" },
      el("p", { class: "reason", text: view.reason }),
      view.scores.length > 1 ? more : null,
    ),
    view.scores.length
      ? bars(
          scores,
          thresholds,
          shown.map(([label]) => label),
        )
      : null,
    el("p", { class: "record", text: view.record }),
    el(
      "ul",
      { class: "done" },
      ...view.done.map((line) =>
        el(
          "li",
          { class: line.bad ? "bad" : "" },
          icon(line.bad ? "bad" : "check"),
          el("span", { text: line.text }),
        ),
      ),
    ),
  ];
}

function fold(id, folded) {
  return el("button", {
    type: "button",
    class: "link details",
    "data-key": "details",
    "aria-expanded": String(!folded),
    text: folded ? "Details" : "Fewer details",
    onclick: () => toggle(opened, id),
  });
}

function pressable(button) {
  const kind = MILD.has(button.press)
    ? "mild"
    : button.press === "ban" || button.press === "confirm_ban"
      ? "stern ban"
      : "stern";
  return el("button", {
    type: "button",
    class: `press ${kind} ${button.press}`,
    "data-key": button.press,
    "data-button": button.id,
    text: button.label,
    onclick: (event) => push(event.currentTarget, button.id),
  });
}

async function push(element, buttonId) {
  const card = element.closest(".card");
  if (card.getAttribute("aria-busy") === "true") return;
  card.setAttribute("aria-busy", "true");
  try {
    const told = await api.press(buttonId, reviewer);
    tell(told.text, told.accepted ? "good" : "note");
  } catch (error) {
    tell(error.message, "bad");
  } finally {
    card.removeAttribute("aria-busy");
  }
}

function toggle(set, key, id = key) {
  if (set.has(key)) set.delete(key);
  else set.add(key);
  draw(id, true);
}

function drawReviewers() {
  const row = byId("reviewers");
  const people = [...state.members.values()].filter((member) => member.role === "reviewer");
  row.replaceChildren(
    el("legend", { text: "Act as" }),
    ...people.map((member) =>
      choice(
        "reviewer",
        member.id,
        member.id === reviewer,
        (id) => {
          reviewer = id;
        },
        avatar(member, "small"),
        el("span", { class: "name", text: member.name }),
      ),
    ),
  );
}

function count() {
  const shown = [...state.cards.values()].filter((card) => card.view.status !== "decided").length;
  const open = Math.max(shown, state.figures?.cases_open ?? 0);
  const more = open - shown;
  byId("review-more").hidden = more === 0;
  byId("review-more").textContent =
    more === 1 ? "1 more waits for room here." : `${more} more wait for room here.`;
  byId("review-count").textContent = open ? `${open} to decide` : "private channel";
  byId("review-empty").hidden = state.cards.size > 0;
  const badge = byId("review-badge");
  badge.hidden = open === 0;
  badge.textContent = String(open);
}
