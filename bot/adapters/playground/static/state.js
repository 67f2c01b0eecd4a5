// All that the page knows, as the server told it.

const KEPT = 200;

export const state = {
  members: new Map(),
  posts: new Map(),
  notices: new Map(),
  cards: new Map(),
  judged: new Map(),
  policy: null,
  figures: null,
  presets: [],
  mayDelete: true,
};

/** Take news in; returns the ids of what changed, by kind. */
export function take(news) {
  if (news.whole) {
    for (const kind of ["members", "posts", "notices", "cards", "judged"]) state[kind].clear();
    state.presets = news.presets;
  }
  const { members, posts, notices, cards, may_delete: mayDelete } = news.world;
  for (const [kind, items] of Object.entries({ members, posts, notices, cards })) {
    for (const item of items) state[kind].set(item.id, item);
    if (kind !== "members") forgetOldest(state[kind]);
  }
  for (const judged of news.judged) state.judged.set(judged.message, judged);
  state.mayDelete = mayDelete;
  state.policy = news.standing.policy ?? state.policy;
  state.figures = news.standing.figures;
  return {
    whole: news.whole,
    members: members.map((each) => each.id),
    posts: [...new Set([...posts.map((each) => each.id), ...news.judged.map((j) => j.message)])],
    notices: notices.map((each) => each.id),
    cards: cards.map((each) => each.id),
    judged: news.judged.length > 0,
  };
}

function forgetOldest(kept) {
  if (kept.size <= KEPT) return;
  const oldestFirst = [...kept.keys()].sort((a, b) => Number(a) - Number(b));
  for (const id of oldestFirst.slice(0, kept.size - KEPT)) kept.delete(id);
}

/** How the message stands that a score belongs to; null when the score is of an older revision. */
export function judgementOf(post) {
  const judged = state.judged.get(post.id);
  return judged && (judged.revision ?? post.revision) === post.revision ? judged : null;
}

/** The card about a message, or about a sentence that it is a part of; null where there is none. */
export function cardAbout(messageId) {
  let found = null;
  for (const card of state.cards.values()) if (messagesOf(card.view).includes(messageId)) found = card;
  return found;
}

/** The ids of the messages that a card is about. */
export const messagesOf = (view) => (view ? [view.message_id, ...(view.parts ?? [])] : []);
