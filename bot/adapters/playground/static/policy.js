// The policy: presets, two thresholds a label, the bot's rights, and what a change would mean.

import * as api from "./api.js";
import { choice } from "./choice.js";
import { byId, el } from "./elements.js";
import { LABELS, judge, labelName, score } from "./format.js";
import { judgementOf, state } from "./state.js";

const ADMIN = "priya";
const SAYS = {
  observe: "Judges and tells reviewers. Touches nothing.",
  lenient: "Hides only what is all but certain.",
  balanced: "Hides what is clear, asks about doubt.",
  strict: "Hides early, asks about much.",
};

let draft = null;
let tell = () => {};

/** Set the drawer up. say: show a sentence. */
export function setUp(say) {
  tell = say;
  setUpFoot();
}

/** Draw the policy as it is, unless somebody is changing it; and what the page shows of it. */
export function render() {
  if (!state.policy) return;
  byId("policy-name").textContent = `${state.policy.name} · v${state.policy.version}`;
  byId("policy-version").textContent = `version ${state.policy.version}`;
  const moved = draft && draft.version !== state.policy.version;
  if (!draft || (moved && !dirty())) draft = copy(state.policy);
  else if (moved) draft.version = state.policy.version;
  if (moved || !byId("policy-scroll").firstChild) drawForm();
  drawRights();
  drawFoot();
}

function copy(policy) {
  return {
    version: policy.version,
    mode: policy.mode,
    thresholds: structuredClone(policy.thresholds),
    was: key(policy),
  };
}

const key = ({ mode, thresholds }) =>
  JSON.stringify([
    mode,
    LABELS.map((label) => thresholds[label] && [thresholds[label].review, thresholds[label].hide]),
  ]);
const dirty = () => key(draft) !== draft.was;

function drawForm() {
  byId("policy-scroll").replaceChildren(
    el("fieldset", { class: "presets", id: "presets" }),
    el(
      "div",
      { class: "legend", "aria-hidden": "true" },
      el("span", { class: "allow", text: "allow" }),
      el("span", { class: "review", text: "ask a reviewer" }),
      el("span", { class: "hide", text: "hide" }),
    ),
    el("div", { class: "dials" }, ...LABELS.map(dial)),
    el(
      "label",
      { class: "toggle" },
      el("input", {
        type: "checkbox",
        id: "acts",
        role: "switch",
        checked: draft.mode === "act",
        onchange: (event) => {
          draft.mode = event.currentTarget.checked ? "act" : "observe";
          edited();
        },
      }),
      el(
        "span",
        {},
        el("b", { text: "Act on what is found" }),
        el("i", { text: "Off, the bot only observes: it shows what it would have done." }),
      ),
    ),
    el(
      "label",
      { class: "toggle" },
      el("input", { type: "checkbox", id: "may-delete", role: "switch", onchange: changeRights }),
      el(
        "span",
        {},
        el("b", { text: "The bot may delete messages" }),
        el("i", { text: "Take this right away to see how the bot says that it cannot act." }),
      ),
    ),
  );
  drawPresets();
}

function drawPresets() {
  const chosen = state.presets.find((preset) => key(preset) === key(draft));
  byId("presets").replaceChildren(
    el("legend", { text: "Start from" }),
    ...state.presets.map((preset) =>
      choice(
        "preset",
        preset.name,
        preset === chosen,
        () => {
          draft.mode = preset.mode;
          draft.thresholds = structuredClone(preset.thresholds);
          drawForm();
          drawRights();
          drawFoot();
          byId("presets").querySelector(":checked")?.focus();
        },
        el("b", { text: preset.name }),
        el("i", { text: SAYS[preset.name] ?? "" }),
      ),
    ),
  );
}

function dial(label) {
  const limits = draft.thresholds[label];
  const values = el("output", { class: "values" });
  const track = el("span", { class: "zones", "aria-hidden": "true" });
  const inputs = ["review", "hide"].map((kind) =>
    el("input", {
      type: "range",
      min: "0.01",
      max: "1",
      step: "0.01",
      class: kind,
      disabled: !limits,
      value: limits?.[kind] ?? 1,
      "aria-label": `${labelName(label)}: ${kind === "hide" ? "hide from" : "ask a reviewer from"}`,
      "data-label": label,
      oninput: (event) => move(kind, Number(event.currentTarget.value)),
    }),
  );
  const box = el(
    "div",
    { class: "dial" },
    el("span", { class: "label", text: labelName(label) }),
    values,
    el("div", { class: "dual" }, track, ...inputs),
  );
  const show = () => {
    const now = draft.thresholds[label];
    if (!now) {
      values.textContent = "no threshold";
      return;
    }
    values.replaceChildren(
      el("span", { class: "review", text: score(now.review) }),
      el("span", { class: "hide", text: score(now.hide) }),
    );
    track.style.setProperty("--review", now.review);
    track.style.setProperty("--hide", now.hide);
    for (const input of inputs) {
      input.value = now[input.classList.contains("hide") ? "hide" : "review"];
      input.setAttribute("aria-valuetext", input.value);
    }
  };
  const move = (kind, value) => {
    const now = draft.thresholds[label];
    now[kind] = value;
    if (now.review > now.hide) now[kind === "hide" ? "review" : "hide"] = value;
    show();
    edited();
  };
  show();
  return box;
}

function edited() {
  drawPresets();
  drawFoot();
}

function drawRights() {
  const right = byId("may-delete");
  if (right) right.checked = state.mayDelete;
}

function setUpFoot() {
  byId("policy-foot").replaceChildren(
    el("p", { class: "preview", id: "policy-preview", role: "status" }),
    el(
      "div",
      { class: "row" },
      el("button", {
        type: "button",
        id: "policy-revert",
        class: "quiet",
        disabled: true,
        text: "Revert",
        onclick: revert,
      }),
      el("button", {
        type: "button",
        id: "policy-save",
        class: "primary",
        disabled: true,
        text: "Save as a new version",
        onclick: save,
      }),
    ),
  );
}

// The buttons stay as they are: one drawn anew under the pointer would swallow a click.
function drawFoot() {
  const changed = dirty();
  byId("policy-foot").classList.toggle("dirty", changed);
  const focused = byId("policy-foot").contains(document.activeElement);
  for (const id of ["policy-revert", "policy-save"]) byId(id).disabled = !changed;
  if (focused && !changed) byId("policy-scroll").focus(); // what is disabled loses the focus
  const now = el("p", {}, ...preview(changed));
  const shown = byId("policy-preview");
  if (shown.textContent !== now.textContent) shown.replaceChildren(...now.childNodes);
}

function preview(changed) {
  const judged = [...state.posts.values()]
    .map(judgementOf)
    .filter((each) => each && each.action !== null);
  if (!judged.length) return ["Post something, and see here what these rules make of it."];
  const now = tally(judged, state.policy.thresholds);
  const then = tally(judged, draft.thresholds);
  const messages = judged.length === 1 ? "the 1 message" : `the ${judged.length} messages`;
  const was = (count, before) => (changed && count !== before ? ` (now ${before})` : "");
  return [
    `Of ${messages} here: `,
    el("b", { class: "hide", text: `${then.hide} hidden` }),
    was(then.hide, now.hide),
    ", ",
    el("b", { class: "review", text: `${then.review} to review` }),
    was(then.review, now.review),
    draft.mode === "observe" ? ". Observing: none of it is done." : ".",
  ];
}

function tally(judged, thresholds) {
  const counts = { allow: 0, review: 0, hide: 0 };
  for (const { scores } of judged) counts[judge(scores, thresholds)] += 1;
  return counts;
}

function revert() {
  draft = copy(state.policy);
  drawForm();
  drawRights();
  drawFoot();
}

async function save() {
  try {
    const made = await api.changePolicy(ADMIN, draft.mode, draft.thresholds);
    state.policy = made;
    draft = copy(made);
    drawForm();
    render();
    tell(`Saved as version ${made.version}. It holds from the next message on.`, "good");
  } catch (error) {
    tell(error.message, "bad");
  }
}

async function changeRights(event) {
  try {
    await api.changeRights(ADMIN, event.currentTarget.checked);
  } catch (error) {
    tell(error.message, "bad");
    drawRights();
  }
}
