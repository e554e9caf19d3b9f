import { relabel } from "../commands/relabel.js";
import { byId, el, onceAFrame } from "./dom.js";

/** The labels with their keys and counts; pressing one makes it active and gives it to the selection. */
export class LabelList {
  /** @type {Map<string, {row: HTMLButtonElement, count: HTMLElement}>} */
  #rows = new Map();

  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    const update = onceAFrame(() => this.#update());
    editor.on("task", () => this.#build());
    editor.on("label", update);
    editor.history.on("gesture", update);
    editor.store.on("load", update);
  }

  #build() {
    const { editor } = this;
    this.#rows.clear();
    byId("labels-version").textContent = `recipe v${editor.task?.recipe.number ?? ""}`;
    const labels = [...editor.labels.values()];
    const anyKey = labels.some(({ key }) => key);
    labels.forEach((label, k) => {
      const key = label.key || (!anyKey && k < 9 ? String(k + 1) : "");
      const count = el("span", { class: "end num" });
      const name = el("span", { class: "line-name" }, label.title);
      const row = el("button", { type: "button", class: "line" }, key ? el("kbd", {}, key) : el("span", { class: "no-key" }), swatch(label), name, count);
      row.addEventListener("click", () => relabel(editor, label));
      this.#rows.set(label.name, { row, count });
    });
    byId("labels").replaceChildren(...[...this.#rows.values()].map(({ row }) => row));
    this.#update();
  }

  #update() {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const { label } of this.editor.store.shapes()) counts.set(label, (counts.get(label) ?? 0) + 1);
    for (const [name, { row, count }] of this.#rows) {
      row.setAttribute("aria-pressed", String(name === this.editor.activeLabel));
      count.textContent = (counts.get(name) ?? 0).toLocaleString("en");
    }
  }
}

/** @param {LabelSpec | undefined} label */
export function swatch(label) {
  return el("span", { class: label ? `swatch label-${((label.color - 1) % 20) + 1}` : "swatch" });
}
