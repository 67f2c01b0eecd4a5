// The box to say something, and who says it.

import * as api from "./api.js";
import { avatar, choice } from "./choice.js";
import { byId, el } from "./elements.js";
import { clock } from "./format.js";
import { state } from "./state.js";

const seen = new Map();
let chosen = "asha";
let editing = null;
let drawn = "";
let tell = () => {};
let onSpeaker = () => {};

/** Who is spoken as: their id. */
export const speaker = () => chosen;

/** Set the box up. say: show a sentence; changed: called when somebody else is spoken as. */
export function setUp(say, changed) {
  tell = say;
  onSpeaker = changed;
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  byId("say").addEventListener("input", fit);
  byId("say").addEventListener("keydown", onKey);
}

function onKey(event) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  } else if (event.key === "Escape" && editing) {
    stopEditing();
  } else if (event.key === "ArrowUp" && byId("say").value === "" && !editing) {
    const last = [...state.posts.values()].reverse().find(editable);
    if (!last) return;
    event.preventDefault();
    startEditing(last);
  }
}

/** Whether whoever is spoken as can change this message: it is theirs, and here in full. */
export function editable(post) {
  return post.member === chosen && post.state === "visible" && post.left_out === 0;
}

/** Draw who can be spoken as, and whether they can speak. */
export function render() {
  seen.set(chosen, newestNotice(chosen));
  const members = [...state.members.values()];
  const speakers = members
    .filter((member) => member.role !== "reviewer")
    .map((member) => ({
      member,
      out: member.banned ? "banned" : muted(member) ? "muted" : null,
      unread: newestNotice(member.id) > (seen.get(member.id) ?? 0),
    }));
  const now = JSON.stringify([chosen, editing?.id, speakers]);
  if (now === drawn) return; // a row drawn anew under the pointer would swallow a click
  drawn = now;
  const row = byId("speakers");
  const focused = row.contains(document.activeElement);
  row.replaceChildren(el("legend", { text: "Speak as" }), ...speakers.map(speakerChoice));
  if (focused) row.querySelector("input:checked")?.focus();
  byId("people-count").textContent = `${members.filter((member) => !member.banned).length} people`;
  drawNote();
}

function speakerChoice({ member, out, unread }) {
  const label = choice(
    "speaker",
    member.id,
    member.id === chosen,
    speakAs,
    avatar(member, "small"),
    el("span", { class: "name", text: member.name }),
    out ? el("i", { class: "out", text: out }) : null,
    unread ? el("i", { class: "dot", title: "has a notice" }) : null,
  );
  label.classList.toggle("is-out", Boolean(out));
  return label;
}

function newestNotice(member) {
  const theirs = [...state.notices.values()].filter((notice) => notice.member === member);
  return Math.max(0, ...theirs.map((notice) => Number(notice.id)));
}

function speakAs(member) {
  chosen = member;
  if (editing) stopEditing();
  render();
  onSpeaker();
}

function muted(member) {
  return member.muted_until !== null && Date.parse(member.muted_until) > Date.now();
}

function drawNote() {
  const member = state.members.get(chosen);
  if (!member) return;
  const note = byId("composer-note");
  const box = byId("say");
  const out = member.banned
    ? `${member.name} is banned from the lobby and cannot post.`
    : muted(member)
      ? `${member.name} is muted until ${clock(member.muted_until)} and cannot post.`
      : null;
  const words = editing ? "Editing a message · Esc to stop" : out;
  note.hidden = !words;
  note.textContent = words ?? "";
  box.disabled = Boolean(out);
  box.placeholder = `Message as ${member.name}`;
  fit();
}

async function send() {
  const box = byId("say");
  const text = box.value;
  if (!text.trim() || box.disabled) return;
  const target = editing;
  box.value = "";
  stopEditing();
  fit();
  try {
    if (target) await api.edit(target.id, chosen, text);
    else await api.post(chosen, text);
  } catch (error) {
    if (!box.value) {
      box.value = text;
      if (target?.member === chosen) editing = target;
      drawNote();
    }
    tell(error.message, "bad");
  }
}

/** Put a message of one's own back into the box. */
export function startEditing(post) {
  editing = post;
  byId("say").value = post.text;
  drawNote();
  byId("say").focus();
}

function stopEditing() {
  if (editing) byId("say").value = "";
  editing = null;
  drawNote();
}

/** Take a message of one's own back. */
export async function takeBack(post) {
  try {
    await api.remove(post.id, chosen);
    byId("say").focus();
  } catch (error) {
    tell(error.message, "bad");
  }
}

function fit() {
  const box = byId("say");
  if (box.offsetParent) {
    // In a tab that is not open, nothing has a height.
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 160)}px`;
  }
  byId("send").disabled = box.disabled || !box.value.trim();
}
