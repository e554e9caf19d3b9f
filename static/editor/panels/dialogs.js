import { commandsOf } from "../commands/index.js";
import { printed } from "../input/key_name.js";
import { byId, counted, el } from "./dom.js";
import { bindReasonKeys, clearReasons, returnReason } from "./reasons.js";

const GROUPS = [
  ["question", "Question"],
  ["suggestions", "Suggestions"],
  ["tools", "Tools"],
  ["objects", "Objects"],
  ["view", "Picture"],
  ["review", "Review"],
  ["flow", "Task"],
];

/** @param {string} id */
function dialog(id) {
  return /** @type {HTMLDialogElement} */ (byId(id));
}

/** Every key that means something in this task, from the table that binds them. @param {Editor} editor */
export function showKeys(editor) {
  const list = byId("keys-list");
  list.replaceChildren();
  for (const [group, title] of GROUPS) {
    const lines = linesOf(editor, group);
    if (!lines.size) continue;
    list.append(el("h3", {}, title));
    const table = el("dl", { class: "keys" });
    for (const [label, keys] of lines) {
      table.append(el("dt", {}, ...keys.map((key) => el("kbd", {}, key))), el("dd", {}, label));
    }
    list.append(table);
  }
  dialog("keys-dialog").showModal();
}

/** @param {Editor} editor @param {string} group @returns {Map<string, string[]>} */
function linesOf(editor, group) {
  const hidden = new Set([editor.isReview ? "submit" : ""]);
  if (!editor.isReview) for (const id of ["accept", "fix", "return"]) hidden.add(id);
  if (!editor.task?.suggestions_shown || !editor.task.deployments.length) hidden.add("ask");
  if (!editor.task?.suggestions_shown) for (const id of ["walk-next", "walk-back", "commit-selected", "commit-all"]) hidden.add(id);
  if (editor.isReview) hidden.add("keep-answer");
  if ((editor.question?.choices.length ?? 0) <= 9) hidden.add("search-answers");
  if (!document.getElementById("questions-dialog")) hidden.add("questions");
  for (const tool of ["box", "polygon"]) if (!editor.task?.stage.tools.includes(tool)) hidden.add(`tool-${tool}`);
  /** @type {Map<string, string[]>} */
  const lines = new Map();
  for (const { id, group: own, label, family, keys } of commandsOf(editor)) {
    if (own !== group || hidden.has(id) || !keys.length) continue;
    lines.set(family ?? label, [...(lines.get(family ?? label) ?? []), ...keys.map(printed)]);
  }
  for (const family of ["Label", "Answer"]) {
    const digits = lines.get(family);
    if (digits) lines.set(family, [`${digits[0]} to ${digits[digits.length - 1]}`]);
  }
  return lines;
}

/** @param {Editor} editor @param {Session} session */
export function bindDialogs(editor, session) {
  for (const one of document.querySelectorAll("dialog")) {
    one.querySelector("[data-close]")?.addEventListener("click", () => one.close());
    one.addEventListener("close", () => byId("canvas").focus({ preventScroll: true }));
  }
  const skip = dialog("skip-dialog");
  skip.addEventListener("close", () => {
    const chosen = new FormData(/** @type {HTMLFormElement} */ (skip.querySelector("form")));
    if (skip.returnValue === "skip") void session.skip(String(chosen.get("why")), String(chosen.get("mode")));
  });
  bindReturn(editor, session);
  bindConflict(session);
  editor.on("task", () => {
    byId("skip-kept").textContent = editor.isReview ? "The submission stays as it is." : "Your objects stay as a draft.";
  });
}

/** @param {Session} session */
function bindConflict(session) {
  const conflict = dialog("conflict-dialog");
  const title = byId("conflict-title");
  title.tabIndex = -1;
  const ask = () => {
    conflict.returnValue = "";
    conflict.showModal();
    // It comes in the middle of work: on a button, the Space or Enter meant for the picture would choose.
    title.focus();
  };
  // The person has to choose: closing the dialog would leave two versions with nobody knowing which one counts.
  conflict.addEventListener("cancel", (event) => event.preventDefault());
  conflict.addEventListener("close", () => {
    const { returnValue: kept } = conflict;
    if (kept === "mine" || kept === "theirs") void session.settle(kept);
    else if (session.parts.autosave.state === "conflict") ask(); // a second Escape closes even a dialog that prevents it
  });
  session.on("opened", () => conflict.close()); // of a task that was left
  session.on("conflict", ({ theirs, mine }) => {
    byId("conflict-mine").textContent = summary(mine, theirs, "here");
    byId("conflict-theirs").textContent = summary(theirs, mine, "there");
    if (!conflict.open) ask();
  });
}

/** @param {Editor} editor */
export function showSkip(editor) {
  const kept = editor.store.size;
  if (!editor.isReview) byId("skip-kept").textContent = `Your ${counted(kept, "object")} ${kept === 1 ? "stays" : "stay"} as a draft.`;
  const own = dialog("skip-dialog");
  own.returnValue = ""; // what was answered the last time must not answer again when this one is closed
  own.querySelector("form")?.reset();
  offerModes(own, editor.task?.stage.skip ?? []);
  own.showModal();
}

/** Only the ways that the stage allows, the first one chosen. @param {HTMLDialogElement} own @param {string[]} allowed */
function offerModes(own, allowed) {
  const modes = [...own.querySelectorAll("input")].filter((one) => one.name === "mode");
  for (const one of modes) {
    one.disabled = !allowed.includes(one.value);
    one.checked = false;
    if (one.parentElement) one.parentElement.hidden = one.disabled;
  }
  const first = modes.find((one) => !one.disabled);
  if (first) first.checked = true;
}

export function showReturn() {
  dialog("return-dialog").returnValue = "";
  dialog("return-dialog").showModal();
}

/**
 * A return needs a sentence: the annotator reads it beside the picture. It is kept until another task is open, since
 * sending it may fail.
 * @param {Editor} editor
 * @param {Session} session
 */
function bindReturn(editor, session) {
  const own = dialog("return-dialog");
  const comment = /** @type {HTMLTextAreaElement} */ (byId("return-comment"));
  const send = /** @type {HTMLButtonElement} */ (byId("return-send"));
  const check = () => (send.disabled = !comment.value.trim());
  comment.addEventListener("input", check);
  check();
  bindReasonKeys(comment);
  own.addEventListener("keydown", ({ key, ctrlKey, metaKey }) => {
    if (key === "Enter" && (ctrlKey || metaKey)) send.click();
  });
  own.addEventListener("close", () => {
    const words = comment.value.trim();
    if (own.returnValue === "return" && words) void session.giveBack(words, returnReason());
  });
  let about = editor.task?.id;
  editor.on("task", ({ id }) => {
    if (id !== about) {
      comment.value = "";
      clearReasons();
    }
    about = id;
    check();
  });
}

/** "14 objects, 3 only here, 1 different". @param {Shape[]} own @param {Shape[]} other @param {string} place */
function summary(own, other, place) {
  const known = new Map(other.map((shape) => [shape.id, JSON.stringify(shape)]));
  const alone = own.filter(({ id }) => !known.has(id)).length;
  const differ = own.filter((shape) => known.has(shape.id) && known.get(shape.id) !== JSON.stringify(shape)).length;
  return `${counted(own.length, "object")}, ${alone} only ${place}, ${differ} different`;
}
