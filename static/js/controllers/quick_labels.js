/**
 * The first labels of a project: typed one after another, each with the next free colour and key. What is typed is the
 * draft that the recipe page would show, kept in this browser, so that a reload loses nothing.
 *
 * Parts: `rows`, `count`, `starters`, `publish`; writes `input[name=labels]`. Template: row.
 */
import { KeptDraft } from "../kept_draft.js";
import { nameFrom, normalised, problems, withTitles } from "../recipe_draft.js";

/** @type {Controller} */
export function quickLabels(element) {
  new QuickLabels(/** @type {HTMLFormElement} */ (element)).begin();
}

class QuickLabels {
  /** @type {RecipeLabel[]} */ #labels = [];

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.field = /** @type {HTMLInputElement} */ (form.querySelector("#new-label"));
    this.instructions = /** @type {HTMLTextAreaElement} */ (form.querySelector("[name=instructions]"));
    const { recipe = "", version = "" } = form.dataset;
    this.draft = new KeptDraft({ recipe, version });
  }

  begin() {
    const sent = JSON.parse(document.getElementById("labels-sent")?.textContent ?? "[]").map(normalised);
    const kept = sent.length ? null : this.draft.found([], "");
    this.#labels = kept?.labels ?? sent;
    if (kept) this.instructions.value = kept.instructions;
    this.#draw();
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault(); // Enter adds a label; it must not publish
      this.#add();
    });
    this.form.addEventListener("click", (event) => this.#clicked(/** @type {Element} */ (event.target)));
    this.form.addEventListener("input", (event) => this.#typed(/** @type {HTMLElement} */ (event.target)));
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
    });
    this.form.addEventListener("submit", (event) => this.#publish(event));
  }

  /** @param {Element} target */
  #clicked(target) {
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-act]"));
    if (button?.dataset.act === "add") this.#add();
    if (button?.dataset.act === "starter") this.#append((button.dataset.titles ?? "").split("|"));
    if (button?.dataset.act === "cut") this.#cut(this.#index(button));
  }

  /** @param {HTMLElement} target */
  #typed(target) {
    const index = this.#index(target);
    if (index >= 0 && target instanceof HTMLInputElement) {
      const title = target.value.trim();
      this.#labels[index] = { ...this.#labels[index], title, name: nameFrom(title) };
    }
    if (target !== this.field) this.#refresh();
  }

  #add() {
    this.#append(this.field.value.split(","));
    this.field.value = "";
    this.field.focus();
  }

  /** @param {string[]} titles */
  #append(titles) {
    this.#labels = withTitles(this.#labels, titles);
    this.#draw();
  }

  /** @param {number} index */
  #cut(index) {
    this.#labels.splice(index, 1);
    this.#draw();
    const buttons = /** @type {NodeListOf<HTMLElement>} */ (this.#part("rows").querySelectorAll("[data-act=cut]"));
    (buttons[Math.min(index, buttons.length - 1)] ?? this.field).focus();
  }

  #draw() {
    const template = /** @type {HTMLTemplateElement} */ (this.form.querySelector("template[data-name=row]"));
    const rows = this.#labels.map((label) => {
      const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
      /** @type {HTMLElement} */ (row.querySelector("kbd")).textContent = label.key || "\u00a0";
      row.querySelector(".swatch")?.classList.add(`label-${label.color}`);
      /** @type {HTMLInputElement} */ (row.querySelector("input")).value = label.title;
      return row;
    });
    this.#part("rows").replaceChildren(...rows);
    this.#refresh();
  }

  #refresh() {
    const wrong = problems(this.#labels);
    [...this.#part("rows").children].forEach((row, index) => {
      const message = wrong.find((one) => one.index === index)?.message ?? "";
      /** @type {HTMLElement} */ (row.querySelector("[data-part=wrong]")).textContent = message;
      row.querySelector("input")?.setAttribute("aria-invalid", String(Boolean(message)));
    });
    this.#part("count").textContent = String(this.#labels.length || "");
    /** @type {HTMLButtonElement} */ (this.#part("publish")).disabled = !this.#labels.length || wrong.length > 0;
    if (this.#labels.length || this.instructions.value) this.draft.keep(this.#labels, this.instructions.value);
    else this.draft.forget();
  }

  /** @param {Event} event */
  #publish(event) {
    if (!this.#labels.length || problems(this.#labels).length) return event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (this.form.elements.namedItem("labels"));
    field.value = JSON.stringify(this.#labels);
  }

  /** @param {Element} element */
  #index(element) {
    const row = element.closest("li");
    return row ? [...this.#part("rows").children].indexOf(row) : -1;
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.form.querySelector(`[data-part=${name}]`));
  }
}
