import { missingAttribute } from "../provenance.js";
import { boundsOf, isDrawable } from "../shapes/index.js";
import { swatch } from "./label_list.js";
import { button, byId, el, onceAFrame } from "./dom.js";

const PAGE = 60;

/** The objects, newest first, with their origin. A long list is shown a page at a time. */
export class ShapeList {
  #limit = PAGE;

  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    const update = onceAFrame(() => this.#update());
    editor.on("task", () => {
      this.#limit = PAGE;
      update();
    });
    editor.history.on("gesture", update);
    editor.store.on("load", update);
    editor.selection.on("change", update);
  }

  #update() {
    const { store } = this.editor;
    const shapes = [...store.shapes()];
    byId("objects-count").textContent = shapes.length.toLocaleString("en");
    byId("objects-order").hidden = shapes.length < 2;
    byId("objects-none").hidden = shapes.length > 0;
    const shown = shapes.slice(-this.#limit).reverse();
    const rows = shown.map((shape, k) => el("li", {}, this.#row(shape, shapes.length - k)));
    const hidden = shapes.length - shown.length;
    if (hidden > 0) rows.push(el("li", {}, button(`Show more, ${hidden.toLocaleString("en")} left`, () => this.#more(), "btn btn-sm btn-quiet")));
    const list = byId("objects");
    const focused = list.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.shape : undefined;
    list.replaceChildren(...rows);
    if (!focused) return;
    const lines = /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("[data-shape]"));
    [...lines].find((one) => one.dataset.shape === focused)?.focus({ preventScroll: true });
  }

  #more() {
    this.#limit += 4 * PAGE;
    this.#update();
  }

  /** @param {Shape} shape @param {number} number */
  #row(shape, number) {
    const { editor } = this;
    const label = editor.labels.get(shape.label);
    const missing = missingAttribute(shape, label);
    const origin = missing ? el("span", { class: "end is-missing" }, `${missing.title} missing`) : el("span", { class: "end num" }, originOf(shape));
    const selected = editor.selection.has(shape.id);
    const row = el("button", { type: "button", class: "line", "data-shape": shape.id, "aria-pressed": String(selected) }, swatch(label), el("span", { class: "line-name" }, `${label?.title ?? shape.label} ${number}`), origin);
    row.addEventListener("click", (event) => {
      if (event.shiftKey) editor.selection.toggle(shape.id);
      else editor.selection.set([shape.id]);
      if (isDrawable(shape)) editor.viewport.reveal(boundsOf(shape));
    });
    return row;
  }
}

/** @param {Shape} shape */
function originOf({ source, score }) {
  if (source?.kind === "import") return "imported";
  if (source?.kind !== "model") return "drawn";
  const sure = score === undefined ? "" : ` ${score.toFixed(2)}`;
  return source.action === "edited" ? `from model${sure}, edited` : `from model${sure}`;
}
