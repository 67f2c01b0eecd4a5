// The page: takes the news in and has each part draw what changed.

import * as api from "./api.js";
import * as chat from "./chat.js";
import { byId } from "./elements.js";
import * as figures from "./figures.js";
import * as policy from "./policy.js";
import * as review from "./review.js";
import { messagesOf, state, take } from "./state.js";

const HINT_SEEN = "aman-playground-hint-seen";
const WIDE = matchMedia("(min-width: 1360px)");
let linked = true;
let hiding = 0;

function tell(text, kind) {
  const toast = byId("toast");
  toast.textContent = text;
  toast.className = `toast shown ${kind}`;
  clearTimeout(hiding);
  hiding = setTimeout(() => toast.classList.remove("shown"), 2500 + 45 * text.length);
}

function showTab(tab) {
  document.body.dataset.tab = tab;
  for (const button of document.querySelectorAll(".tabs button")) {
    if (button.dataset.tab === tab) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function showPolicy(shown) {
  document.body.classList.toggle("with-policy", shown);
  byId("policy-toggle").setAttribute("aria-expanded", String(shown));
}

function onNews(news) {
  const changed = take(news);
  const cardsOf = changed.cards.flatMap((id) => messagesOf(state.cards.get(id)?.view));
  chat.render(changed);
  for (const id of cardsOf) chat.redraw(id);
  review.render(changed);
  policy.render();
  figures.render();
  warn();
}

function warn() {
  const words = !linked
    ? "The playground does not answer. What you see here is as it was; the page goes on trying."
    : state.mayDelete
      ? ""
      : "Aman cannot act: it may not delete messages in the lobby. What it would hide stays visible until you give that right back under Policy.";
  const alert = byId("alert");
  if (alert.textContent === words) return; // written anew, it would be read out again
  alert.textContent = words;
  alert.hidden = !words;
}

function onLink(up) {
  if (up === linked) return;
  linked = up;
  warn();
}

async function attempt(action, done) {
  try {
    await action();
    if (done) tell(done, "good");
  } catch (error) {
    tell(error.message, "bad");
  }
}

function seenHint() {
  byId("hint").hidden = true;
  try {
    localStorage.setItem(HINT_SEEN, "yes");
  } catch {
    // A browser that keeps nothing shows the hint at each visit.
  }
}

function setUp() {
  chat.setUp(tell, (id) => {
    showTab("review");
    if (!byId("review").offsetParent) showPolicy(false); // it had taken the room
    review.show(id);
  });
  review.setUp(tell, (id) => {
    showTab("chat");
    if (!chat.show(id)) tell("That message is not in the chat any more.", "note");
  });
  policy.setUp(tell);
  for (const button of document.querySelectorAll(".tabs button")) {
    button.addEventListener("click", () => showTab(button.dataset.tab));
  }
  byId("policy-toggle").addEventListener("click", () =>
    showPolicy(!document.body.classList.contains("with-policy")),
  );
  byId("policy-close").addEventListener("click", () => {
    showPolicy(false);
    byId("policy-toggle").focus();
  });
  for (const id of ["play", "play-empty"]) {
    byId(id).addEventListener("click", () => {
      showTab("chat");
      attempt(api.playSample);
    });
  }
  byId("clear").addEventListener("click", () =>
    attempt(api.reset, "Cleared. Cases that nobody has decided stay in the review channel."),
  );
  byId("hint-close").addEventListener("click", seenHint);
  let seen = null;
  try {
    seen = localStorage.getItem(HINT_SEEN);
  } catch {
    // As above.
  }
  byId("hint").hidden = seen !== null;
  showPolicy(WIDE.matches);
  setInterval(() => {
    review.tick();
    chat.settle();
  }, 2000);
  api.listen(onNews, onLink);
}

setUp();
