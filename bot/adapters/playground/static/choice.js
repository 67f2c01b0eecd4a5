// A row of people (or anything else) of whom one is chosen: native radio buttons, so that the
// arrow keys, screen readers and touch all work as they always do.

import { el } from "./elements.js";
import { state } from "./state.js";

const HUES = 8;

/** The radio button of one choice, with its label's content. */
export function choice(name, value, checked, onchange, ...content) {
  return el(
    "label",
    { class: "choice" },
    el("input", { type: "radio", name, value, checked, onchange: () => onchange(value) }),
    el("span", {}, ...content),
  );
}

/** Somebody's initial in their colour. */
export function avatar(member, size = "") {
  return el("span", {
    class: `avatar ${size} hue-${hue(member.id)}`,
    "aria-hidden": "true",
    text: member.name.slice(0, 1),
  });
}

function hue(id) {
  return Math.max(0, [...state.members.keys()].indexOf(id)) % HUES;
}
