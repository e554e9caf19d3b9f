/** Keys on the drawing and, where nobody types, on its page. */
import { neighbour } from "./walk.js";

const ARROWS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);

/**
 * @param {GraphEditor} editor
 * @param {{enter: () => void, zoom: (factor: number) => void, fit: () => void}} page
 */
export function listen(editor, page) {
  editor.svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (ARROWS.has(event.key)) walk(editor, event.key);
    else if (event.key === "Delete" || event.key === "Backspace") editor.chosen && editor.removeStage(editor.chosen);
    else if (event.key === "Enter") page.enter();
    else if (event.key === "+") page.zoom(1.25);
    else if (event.key === "-") page.zoom(0.8);
    else if (event.key === "0") page.fit();
    else return;
    event.preventDefault();
  });
  editor.svg.addEventListener("focusin", (event) => {
    const { key } = /** @type {SVGElement} */ (event.target).dataset;
    if (key && key !== editor.chosen) editor.choose(key, { focus: true });
  });
  document.addEventListener("keydown", (event) => {
    if (editor.readonly || !(event.ctrlKey || event.metaKey) || isTyping(event) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key === "y" || (key === "z" && event.shiftKey)) editor.redo();
    else if (key === "z") editor.undo();
    else return;
    event.preventDefault();
  });
}

/** @param {GraphEditor} editor @param {string} arrow */
function walk(editor, arrow) {
  const next = editor.chosen && neighbour(editor.graph, editor.check.spots, editor.chosen, arrow);
  if (next) editor.choose(next, { focus: true });
}

/** In a field, undoing is the browser's. @param {KeyboardEvent} event */
function isTyping(event) {
  return event.target instanceof HTMLElement && event.target.matches("input:not([type=checkbox], [type=radio]), textarea");
}
