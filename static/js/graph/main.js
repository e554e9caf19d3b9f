/** The graph editor's page: reads what is embedded in it and ties its parts together. */
import { GraphEditor } from "./editor.js";
import * as keyboard from "./keyboard.js";
import { Panel } from "./panel.js";
import { copy } from "./parts.js";
import * as pointer from "./pointer.js";
import { Viewport } from "./viewport.js";

const root = /** @type {HTMLElement} */ (document.getElementById("graph"));
const editor = new GraphEditor(root, JSON.parse(document.getElementById("pipeline-drawing")?.textContent ?? ""));
const viewport = new Viewport(editor.svg);
const panel = new Panel(part("panel"), editor);
const fit = () => viewport.fit(editor.check.layout.box);

/** @param {string} name */
function part(name) {
  return /** @type {HTMLElement} */ (root.querySelector(`[data-part=${name}]`));
}

function showState() {
  const { differs, newest } = editor;
  for (const one of root.querySelectorAll("[data-part=draft]")) one.toggleAttribute("hidden", !differs);
  part("overtaken")?.toggleAttribute("hidden", !editor.isOvertaken);
  part("empty").toggleAttribute("hidden", editor.graph.stages.length > 0);
  editor.svg.toggleAttribute("hidden", !editor.graph.stages.length);
  for (const one of root.querySelectorAll("[data-part=next]")) one.textContent = String(newest + 1);
  for (const one of root.querySelectorAll("[data-part=newest]")) one.textContent = String(newest);
  disable("publish", !differs || editor.check.faults.length > 0);
  disable("undo", !editor.history.canUndo);
  disable("redo", !editor.history.canRedo);
}

/** @param {string} act @param {boolean} rests */
function disable(act, rests) {
  // Not `disabled`: the button keeps the focus of whoever has just pressed it.
  root.querySelector(`[data-act=${act}]`)?.setAttribute("aria-disabled", String(rests));
}

function showFaults() {
  const { faults } = editor.check;
  part("fine").toggleAttribute("hidden", faults.length > 0);
  part("faults").replaceChildren(...faults.map((fault) => {
    const row = copy("fault");
    const button = /** @type {HTMLButtonElement} */ (row.querySelector("button"));
    button.disabled = !fault.stage;
    button.addEventListener("click", () => editor.choose(fault.stage, { focus: true }));
    /** @type {HTMLElement} */ (row.querySelector("span")).textContent = fault.message;
    return row;
  }));
}

/** @type {Record<string, () => unknown>} */
const ACTS = {
  undo: () => editor.undo(),
  redo: () => editor.redo(),
  publish: () => editor.publish(),
  discard: () => editor.discard(),
  fit,
  "zoom-in": () => viewport.zoom(1.25),
  "zoom-out": () => viewport.zoom(0.8),
};
root.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-act], [data-adds]"));
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  if (button.dataset.adds) editor.addStage(button.dataset.adds);
  else ACTS[button.dataset.act ?? ""]?.();
});
root.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !panel.place.contains(/** @type {Node} */ (event.target))) return;
  editor.choose(editor.chosen, { focus: true });
});

function reveal() {
  const spot = editor.check.spots.get(editor.chosen ?? "");
  if (spot) viewport.reveal(spot, editor.check.layout);
}

editor.listen({
  drawn: showState,
  chosen: () => {
    panel.show(editor.chosen);
    reveal();
  },
  checked: () => {
    showFaults();
    panel.showChecked();
    reveal();
  },
});
pointer.listen(editor, viewport);
keyboard.listen(editor, { enter: () => panel.enter(), zoom: (factor) => viewport.zoom(factor), fit });
const begun = editor.begin();
panel.show(null);
showFaults();
viewport.fit(editor.check.layout.box, true);
void begun.then(() => viewport.fit(editor.check.layout.box, true));
