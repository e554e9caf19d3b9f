import { commandFor } from "../commands/index.js";
import { keyName } from "./key_name.js";

const WRITING = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const PRESSABLE = "button, a[href], summary, input:not([type=range])";
const CLAIMED = new Set(["Space", "Enter"]);

/**
 * Keys run the tool first, then the table of commands. Whoever writes in a field or has a dialog open is left alone,
 * and so are Space and Enter on a control that has the focus.
 * @param {Editor} editor
 * @param {HTMLElement} stage
 */
export function bindKeyboard(editor, stage) {
  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.defaultPrevented || event.isComposing || target.closest("dialog") || document.querySelector("dialog[open]")) return;
    const name = keyName(event);
    if (target.matches(WRITING)) return leave(event, target);
    if (CLAIMED.has(name) && target.closest(PRESSABLE)) return;
    if (name.includes("Arrow") && target.matches("input[type=range], input[type=radio]")) return;
    if (takes(editor, name)) event.preventDefault();
  });
  /** Escape takes the focus from a field back to the picture. @param {KeyboardEvent} event @param {Element} target */
  function leave(event, target) {
    if (event.key !== "Escape" || !(target instanceof HTMLElement)) return;
    target.blur();
    stage.focus();
  }
}

/** @param {Editor} editor @param {string} name @returns {boolean} whether the key meant something */
export function takes(editor, name) {
  if (editor.tool.key(name)) return true;
  const command = commandFor(name);
  if (!command?.enabled(editor)) return false;
  command.run(editor);
  return true;
}
