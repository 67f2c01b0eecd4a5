// The lobby: what is said, and by whom.

import * as composer from "./composer.js";
import { byId } from "./elements.js";
import { messageLine, noticeLine, spoken } from "./message.js";
import { announce } from "./news.js";
import { state } from "./state.js";

const NEAR_THE_END = 120;

const lines = new Map();
let following = true;
let openCard = () => {};

/** Set the room up. say: show a sentence; showCard: go to a card. */
export function setUp(say, showCard) {
  openCard = showCard;
  composer.setUp(say, seeAs);
  byId("chat-scroll").addEventListener("scroll", () => {
    follow(atTheEnd());
    if (following) byId("newer").hidden = true;
  });
  const sizes = new ResizeObserver(() => {
    if (following) toTheEnd();
  });
  sizes.observe(byId("chat-scroll"));
  sizes.observe(byId("timeline"));
  byId("newer").addEventListener("click", toTheEnd);
}

/** Draw what changed. */
export function render(changed) {
  const quietly = changed.whole || changed.quietly;
  if (changed.whole || changed.members.length) composer.render();
  const posts = changed.whole ? [...state.posts.keys()] : changed.posts;
  const notices = changed.whole ? [...state.notices.keys()] : changed.notices;
  let arrived = 0;
  for (const id of posts) arrived += drawPost(id, quietly);
  for (const id of notices) arrived += drawNotice(id, quietly);
  forgetGone();
  group();
  byId("chat-empty").hidden = lines.size > 0;
  if (following || !lines.size) toTheEnd();
  else if (arrived) byId("newer").hidden = false;
}

/** Draw one message anew, for its scores or its card have changed. */
export function redraw(id) {
  if (lines.has(`m${id}`)) drawPost(id, true);
  group();
}

/** Draw anew what changes by the passing of time alone: "scoring", and mutes that end. */
export function settle() {
  composer.render();
  for (const waiting of document.querySelectorAll(".chip.waiting")) {
    redraw(waiting.closest(".message").id.replace("message-", ""));
  }
}

/** Bring a message into view; whether it is there. */
export function show(id) {
  const line = lines.get(`m${id}`)?.element;
  if (!line) return false;
  line.scrollIntoView({ block: "center" });
  line.focus({ preventScroll: true });
  line.classList.remove("flash");
  void line.offsetWidth; // begins the animation anew
  line.classList.add("flash");
  return true;
}

function drawPost(id, quietly) {
  const post = state.posts.get(id);
  if (!post) return 0;
  const acts = { edit: composer.startEditing, remove: composer.takeBack, redraw, openCard };
  return put(
    `m${id}`,
    post.posted_at,
    messageLine(post, { mine: post.member === composer.speaker(), acts }),
    quietly ? null : spoken(post),
  );
}

function drawNotice(id, quietly) {
  const notice = state.notices.get(id);
  if (notice.member !== composer.speaker()) {
    composer.render();
    return 0;
  }
  const news = quietly ? null : `Only you can see this: ${notice.text}`;
  return put(`n${id}`, notice.at, noticeLine(notice), news);
}

/** Draw a line. news: what is said of it when it arrives; null for nothing. */
function put(key, at, element, news) {
  const known = lines.get(key);
  lines.set(key, { at, element });
  if (known) {
    keepFocus(known.element, element, () => known.element.replaceWith(element));
    return 0;
  }
  if (news) {
    element.classList.add("arrives");
    announce(news);
  }
  const timeline = byId("timeline");
  let next = null;
  let last = timeline.lastElementChild;
  while (last && last.dataset.at > at) {
    next = last;
    last = last.previousElementSibling;
  }
  element.dataset.at = at;
  timeline.insertBefore(element, next);
  return 1;
}

function keepFocus(old, element, swap) {
  element.dataset.at = old.dataset.at;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const find = focused?.dataset.chip
    ? `[data-chip="${focused.dataset.chip}"]`
    : focused?.getAttribute("aria-label") && `[aria-label="${focused.getAttribute("aria-label")}"]`;
  swap();
  if (!focused) return;
  // Where what had the focus is gone, the line keeps it.
  ((find && element.querySelector(find)) || element).focus({ preventScroll: true });
}

function forgetGone() {
  for (const [key, { element }] of lines) {
    const kept = key.startsWith("m") ? state.posts : state.notices;
    if (kept.has(key.slice(1))) continue;
    element.remove();
    lines.delete(key);
  }
}

function group() {
  let before = null;
  for (const line of byId("timeline").children) {
    const member = line.dataset.member ?? null;
    line.classList.toggle("follows", member !== null && member === before);
    before = member;
  }
}

function seeAs() {
  for (const [key, { element }] of [...lines]) {
    if (key.startsWith("m")) continue;
    element.remove();
    lines.delete(key);
  }
  const all = { posts: [...state.posts.keys()], notices: [...state.notices.keys()] };
  render({ quietly: true, members: [], ...all });
  toTheEnd();
}

function follow(whether) {
  following = whether;
  // Who reads further up keeps their place when the room changes its size; who is at the end
  // stays there, and the browser's own scrolling would look like theirs.
  byId("chat-scroll").style.overflowAnchor = whether ? "none" : "auto";
}

function atTheEnd() {
  const scroll = byId("chat-scroll");
  return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_THE_END;
}

function toTheEnd() {
  const scroll = byId("chat-scroll");
  scroll.scrollTop = scroll.scrollHeight;
  follow(true);
  byId("newer").hidden = true;
}
