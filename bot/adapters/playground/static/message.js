// One message of the lobby, and the lines that only one member sees.

import { avatar } from "./choice.js";
import { bars } from "./bars.js";
import { editable } from "./composer.js";
import { el, icon } from "./elements.js";
import { between, clock, duration, highest, labelName, score } from "./format.js";
import { cardAbout, judgementOf, state } from "./state.js";

const opened = new Set();
const SCORING_S = 8;

/** A line of the timeline for a message. acts: edit, remove, openCard. */
export function messageLine(post, { mine, acts }) {
  const member = state.members.get(post.member) ?? { id: post.member, name: post.member, role: "" };
  const judged = judgementOf(post);
  const line = el(
    "li",
    {
      class: `line message ${post.state} ${mine ? "mine" : ""}`,
      id: `message-${post.id}`,
      "data-member": post.member,
      tabindex: "-1",
    },
    avatar(member),
    el(
      "div",
      { class: "body" },
      el(
        "p",
        { class: "who" },
        el("b", { text: member.name }),
        member.role === "member" ? null : el("i", { class: "role", text: member.role }),
        el("time", { datetime: post.posted_at, text: clock(post.posted_at) }),
      ),
      el(
        "div",
        { class: "row" },
        said(post, acts),
        el("div", { class: "beside" }, ...beside(post, judged, mine, acts)),
      ),
      opened.has(post.id) && judged ? scores(post, judged) : null,
    ),
  );
  return line;
}

/** What is said of a message that arrives. */
export function spoken(post) {
  const name = state.members.get(post.member)?.name ?? post.member;
  return `${name}: ${post.text || "hidden by Aman"}`;
}

/** A line that only the member concerned sees. */
export function noticeLine(notice) {
  return el(
    "li",
    { class: "line notice", "data-notice": notice.id },
    el("p", {}, el("b", { text: "Only you can see this" }), el("span", { text: notice.text })),
  );
}

function said(post, acts) {
  if (post.state === "hidden") {
    const took = duration(Math.max(0, between(post.edited_at ?? post.posted_at, post.hidden_at)));
    const card = cardAbout(post.id);
    return el(
      "p",
      { class: "bubble covered" },
      icon("hidden"),
      el("span", {}, "hidden by Aman · ", el("b", { text: took })),
      card
        ? el("button", {
            type: "button",
            class: "link",
            text: `case #${card.view.number}`,
            onclick: () => acts.openCard(card.id),
          })
        : null,
    );
  }
  if (post.state === "deleted") {
    return el(
      "p",
      { class: "bubble covered" },
      icon("bin"),
      el("span", { text: "taken back by its author" }),
    );
  }
  const bubble = el("p", { class: "bubble", dir: "auto", text: post.text });
  if (post.left_out > 0) {
    bubble.append(
      el("i", {
        class: "left-out",
        text: ` … and ${post.left_out.toLocaleString()} more characters`,
      }),
    );
  }
  return bubble;
}

function beside(post, judged, mine, acts) {
  const parts = [];
  const chip = chipOf(post, judged, acts);
  if (chip) parts.push(chip);
  if (post.restored_at && post.state === "visible")
    parts.push(el("span", { class: "mark restored", text: "restored" }));
  if (post.edited_at && post.state === "visible")
    parts.push(el("span", { class: "mark", text: "edited" }));
  if (mine && post.state === "visible") {
    const change = () => tool("edit", "Edit this message", () => acts.edit(post));
    parts.push(
      el(
        "span",
        { class: "own" },
        editable(post) ? change() : null,
        tool("bin", "Take this message back", () => acts.remove(post)),
      ),
    );
  }
  return parts;
}

function tool(name, label, onclick) {
  return el(
    "button",
    { type: "button", class: "icon", "aria-label": label, title: label, onclick },
    icon(name),
  );
}

function chipOf(post, judged, acts) {
  if (post.state === "deleted") return null;
  if (!judged) {
    const age = (Date.now() - Date.parse(post.edited_at ?? post.posted_at)) / 1000;
    return age < SCORING_S ? el("span", { class: "chip waiting", text: "scoring" }) : null;
  }
  if (judged.action === null) return el("span", { class: "chip exempt", text: "not judged" });
  const open = opened.has(post.id);
  return el(
    "button",
    {
      type: "button",
      class: `chip ${judged.action}`,
      "aria-expanded": String(open),
      "data-chip": post.id,
      onclick: () => {
        if (open) opened.delete(post.id);
        else opened.add(post.id);
        acts.redraw(post.id);
      },
    },
    ...chipWords(judged),
  );
}

function chipWords(judged) {
  const top = highest(judged.scores);
  const words = {
    allow: "",
    review: judged.enforced ? "to review" : "would go to review",
    hide: judged.enforced ? "hide" : "would be hidden",
  };
  const listed = judged.reason.includes("deny list");
  const name = listed ? "deny list" : top ? labelName(top[0]) : "no score";
  const value = listed || !top ? null : el("b", { text: score(top[1]) });
  return [
    el("span", { text: name }),
    value,
    words[judged.action] ? el("i", { text: words[judged.action] }) : null,
  ];
}

function scores(post, judged) {
  const thresholds = state.policy?.thresholds ?? {};
  return el(
    "div",
    { class: "scores", role: "group", "aria-label": "All scores" },
    bars(judged.scores, thresholds),
    el(
      "p",
      { class: "fine" },
      el("span", { text: judged.action === "allow" ? "allowed" : judged.reason }),
      ` · policy v${judged.policy_version}`,
    ),
  );
}
