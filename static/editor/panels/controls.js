import { isEnabled, run } from "../commands/index.js";
import { byId, onceAFrame } from "./dom.js";

/** The second click of a double click comes when the next task is open, which nobody has seen. */
const ONCE = new Set(["submit", "accept"]);

/** The buttons that stand in the page: each runs a command or picks a tool, and is off while that is not possible. */
/** @param {Editor} editor @param {Session} session */
export function bindControls(editor, session) {
  const root = byId("editor");
  const stage = byId("canvas");
  const drawing = stage.getAttribute("aria-label") ?? "";
  const buttons = /** @type {HTMLButtonElement[]} */ ([...root.querySelectorAll("button[data-command], button[data-tool]")]);
  for (const one of buttons) {
    one.addEventListener("click", ({ detail }) => press(editor, idOf(one), detail));
  }
  // Whoever pressed a button with the pointer goes on with keys on the picture; with the keyboard, focus stays put.
  root.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element && event.target.closest("button, input[type=range]");
    if (pressed && event.detail > 0) stage.focus({ preventScroll: true });
  });
  const update = onceAFrame(() => {
    for (const one of buttons) show(editor, session, one);
    root.dataset.unit = editor.task?.unit.kind ?? "item";
    root.dataset.mode = editor.isReview ? "review" : "label";
    root.dataset.pen = editor.readOnly ? "off" : "on";
    root.dataset.suggestions = editor.suggestionsVisible ? "on" : "off";
    stage.setAttribute("aria-label", (editor.isObject && stage.dataset.asking) || drawing);
    stage.dataset.tool = editor.tool.id;
    stage.style.cursor = editor.tool.cursor;
  });
  for (const name of ["task", "tool", "mode", "label"]) editor.on(name, update);
  for (const name of ["gesture", "open", "close"]) editor.history.on(name, update);
  editor.selection.on("change", update);
  editor.suggestions.on("change", update);
  editor.store.on("load", update);
  session.on("busy", update);
  session.parting.on("change", update);
  update();
}

/** @param {Editor} editor @param {string} id @param {number} clicks that came in a row, by the browser's count */
export function press(editor, id, clicks) {
  if (clicks > 1 && ONCE.has(id)) return;
  run(editor, id);
}

/** @param {Editor} editor @param {Session} session @param {HTMLButtonElement} one */
function show(editor, session, one) {
  const { tool, command } = one.dataset;
  const hands = ["submit", "skip", "accept", "return"].includes(command ?? "");
  one.disabled = !isEnabled(editor, idOf(one)) || (hands && session.busy);
  if (tool) one.setAttribute("aria-pressed", String(editor.tool.id === tool));
}

/** @param {HTMLButtonElement} one */
function idOf(one) {
  return one.dataset.tool ? `tool-${one.dataset.tool}` : (one.dataset.command ?? "");
}
