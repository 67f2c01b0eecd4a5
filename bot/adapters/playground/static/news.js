// What a screen reader says by itself: each arrival once, however often its line is drawn anew.

import { byId, el } from "./elements.js";

const KEPT = 20;
const SAID = 300;

/** Have a sentence said once whatever is being said has come to its end. */
export function announce(text) {
  const news = byId("news");
  news.append(el("p", { text: text.length > SAID ? `${text.slice(0, SAID)} …` : text }));
  while (news.childElementCount > KEPT) news.firstElementChild.remove();
}
