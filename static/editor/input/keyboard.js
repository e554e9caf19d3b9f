import { commandFor, run } from "../commands/index.js";
import { keyName } from "./key_name.js";

const WRITING = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const PRESSABLE = "button, a[href], summary, input:not([type=range])";
const CLAIMED = new Set(["Space", "Enter"]);
/** A key held down must not hand in the next task, which nobody has seen, nor ask the model thirty times a second. */
const ONCE = new Set(["Ctrl+Enter", "Enter", "A", "F", "R", "M", ..."123456789"]);

/**
 * Keys run the tool first, then the table of commands. Whoever writes in a field or has a dialog open is left alone,
 * and so are Space and Enter on a control that has the focus.
 * @param {Editor} editor
 * @param {HTMLElement} stage
 */
export function bindKeyboard(editor, stage) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const focused = event.target instanceof Element ? event.target : document.body;
    // A dialog that was closed a moment ago may still hold the focus.
    const target = focused.closest("dialog") ? document.body : focused;
    const name = keyName(event);
    if (event.repeat && ONCE.has(name)) {
      event.preventDefault();
      return;
    }
    if (target.matches(WRITING) && !leaves(event, name, target)) return;
    if (CLAIMED.has(name) && target.closest(PRESSABLE)) return;
    if (name.includes("Arrow") && target.matches("input[type=range], input[type=radio]")) return;
    if (takes(editor, name)) event.preventDefault();
  });
  /**
   * Escape and Enter give the focus back to the picture, and the field its answer; submitting then goes on.
   * @param {KeyboardEvent} event @param {string} name @param {Element} target
   * @returns {boolean} whether the key also is a command
   */
  function leaves(event, name, target) {
    const ends = name === "Escape" || name === "Ctrl+Enter" || (name === "Enter" && target.matches("input"));
    if (!ends || !(target instanceof HTMLElement)) return false;
    event.preventDefault();
    target.blur();
    stage.focus({ preventScroll: true });
    return name === "Ctrl+Enter";
  }
}

/** @param {Editor} editor @param {string} name @returns {boolean} whether the key meant something */
export function takes(editor, name) {
  return editor.tool.key(name) || run(editor, commandFor(name, editor.isObject)?.id);
}
