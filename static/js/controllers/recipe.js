/**
 * The editor of a recipe's next version. The draft lives on the page and in this browser, so that leaving loses nothing;
 * publishing sends it whole.
 *
 * Reads: `<script id="recipe-published">` and `<script id="recipe-labels">` (JSON lists of labels; the second differs
 * where the server refused a draft). Writes: `input[name=labels]`. Templates: label, attribute, line.
 */
import { KeptDraft } from "../kept_draft.js";
import { changes, freeKeys, nextColor, normalised, problems } from "../recipe_draft.js";
import { addAttribute, fillPanel, firstWrong, readPanel, showProblems } from "./recipe_panel.js";
import { toast } from "./toast.js";

/** @type {Controller} */
export function recipe(element) {
  const page = new RecipePage(/** @type {HTMLFormElement} */ (element));
  page.begin();
}

class RecipePage {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.published = read("recipe-published");
    this.panels = /** @type {HTMLElement} */ (form.querySelector("[data-part=panels]"));
    this.tree = /** @type {HTMLElement} */ (form.querySelector("[data-part=tree]"));
    this.instructions = /** @type {HTMLTextAreaElement} */ (form.querySelector("[name=instructions]"));
    this.writtenBefore = this.instructions.dataset.published ?? "";
    /** @type {HTMLElement | null} */ this.chosen = null;
    const { recipe = "", version = "" } = form.dataset;
    this.draft = new KeptDraft({ recipe, version });
  }

  begin() {
    // A draft that the server refused came back with the page and is the newer one.
    const kept = "refused" in this.form.dataset ? null : this.draft.found(this.published, this.writtenBefore);
    this.#part("overtaken")?.toggleAttribute("hidden", !kept?.overtaken);
    this.form.addEventListener("input", () => this.refresh());
    this.form.addEventListener("change", () => this.refresh());
    this.form.addEventListener("click", (event) => this.#clicked(/** @type {Element} */ (event.target)));
    this.form.addEventListener("keydown", (event) => {
      // Enter in a field would press Publish, and a version never changes.
      if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
    });
    this.form.addEventListener("submit", (event) => this.#publish(event));
    this.#show(kept?.labels ?? read("recipe-labels"), kept?.instructions ?? this.instructions.value);
  }

  /**
   * @param {RecipeLabel[]} labels
   * @param {string} instructions
   */
  #show(labels, instructions) {
    this.panels.replaceChildren();
    for (const label of labels) this.#addPanel(label);
    this.instructions.value = instructions;
    this.choose(/** @type {HTMLElement | null} */ (this.panels.firstElementChild));
    this.refresh();
  }

  /** @returns {RecipeLabel[]} */
  get labels() {
    return this.#panelList().map(readPanel);
  }

  refresh() {
    const labels = this.labels;
    const wrong = problems(labels);
    this.#drawTree(labels, wrong);
    this.#panelList().forEach((panel, index) => showProblems(panel, wrong.filter((one) => one.index === index)));
    const differs = this.#drawChanges(labels, wrong);
    if (differs) this.draft.keep(labels, this.instructions.value);
    else this.draft.forget();
    this.#part("none")?.toggleAttribute("hidden", labels.length > 0);
  }

  /** @param {HTMLElement | null} panel */
  choose(panel) {
    this.chosen = panel;
    for (const one of this.#panelList()) one.hidden = one !== panel;
  }

  /** @param {Element} target */
  #clicked(target) {
    const act = /** @type {HTMLElement | null} */ (target.closest("[data-act]"))?.dataset.act;
    const panel = /** @type {HTMLElement | null} */ (target.closest("[data-part=panel]"));
    if (act === "add") this.#add();
    else if (act === "choose") this.choose(this.#panelList()[Number(target.closest("li")?.dataset.index)]);
    else if (act === "retire" && panel) this.#retire(panel);
    else if (act === "add-attribute" && panel) addAttribute(panel);
    else if (act === "cut-attribute" && panel) this.#cut(panel, target);
    else if (act === "discard") return this.#discard();
    else return;
    this.refresh();
  }

  #add() {
    const labels = this.labels;
    const [key = ""] = freeKeys(labels);
    const panel = this.#addPanel(normalised({ key, color: nextColor(labels) }));
    this.choose(panel);
    /** @type {HTMLElement | null} */ (panel.querySelector("[data-field=title]"))?.focus();
  }

  /** @param {HTMLElement} panel */
  #retire(panel) {
    const label = readPanel(panel);
    const next = panel.nextElementSibling;
    const beside = /** @type {HTMLElement | null} */ (next ?? panel.previousElementSibling);
    panel.remove();
    this.choose(beside);
    this.refresh();
    // The button that was pressed is gone; without this, the keyboard would start again at the page's head.
    const line = /** @type {HTMLElement | null} */ (this.tree.querySelector("[aria-pressed=true]"));
    (line ?? /** @type {HTMLElement | null} */ (this.form.querySelector("[data-act=add]")))?.focus();
    const undo = () => {
      this.panels.insertBefore(panel, next);
      this.choose(panel);
      this.refresh();
    };
    toast(`${label.title || "Label"} is taken out`, { label: "Undo", act: undo });
  }

  /**
   * @param {HTMLElement} panel
   * @param {Element} target
   */
  #cut(panel, target) {
    target.closest("[data-part=attribute]")?.remove();
    /** @type {HTMLElement | null} */ (panel.querySelector("[data-act=add-attribute]"))?.focus();
  }

  /** @param {Event} event */
  #publish(event) {
    const labels = this.labels;
    const [first] = problems(labels);
    if (first) {
      event.preventDefault();
      this.choose(this.#panelList()[first.index]);
      this.refresh();
      if (this.chosen) firstWrong(this.chosen)?.focus();
      return;
    }
    /** @type {HTMLInputElement} */ (this.form.elements.namedItem("labels")).value = JSON.stringify(labels);
  }

  /** @param {RecipeLabel} label */
  #addPanel(label) {
    const panel = /** @type {HTMLElement} */ (copy(this.form, "label"));
    this.panels.append(panel);
    fillPanel(panel, label);
    panel.hidden = true;
    return panel;
  }

  /**
   * @param {RecipeLabel[]} labels
   * @param {RecipeProblem[]} wrong
   */
  #drawTree(labels, wrong) {
    const rows = labels.map((label, index) => {
      const row = /** @type {HTMLElement} */ (copy(this.form, "line"));
      row.dataset.index = String(index);
      const button = /** @type {HTMLElement} */ (row.querySelector("button"));
      button.setAttribute("aria-pressed", String(this.#panelList()[index] === this.chosen));
      /** @type {HTMLElement} */ (row.querySelector("kbd")).textContent = label.key || "\u00a0";
      /** @type {HTMLElement} */ (row.querySelector(".swatch")).classList.add(`label-${label.color}`);
      /** @type {HTMLElement} */ (row.querySelector("[data-part=title]")).textContent = label.title || "New label";
      const bad = wrong.some((one) => one.index === index);
      /** @type {HTMLElement} */ (row.querySelector("[data-part=wrong]")).hidden = !bad;
      return row;
    });
    const focused = this.tree.contains(document.activeElement);
    this.tree.replaceChildren(...rows);
    if (focused) /** @type {HTMLElement | null} */ (this.tree.querySelector("[aria-pressed=true]"))?.focus();
    const place = this.#part("count");
    if (place) place.textContent = String(labels.length);
  }

  /**
   * @param {RecipeLabel[]} labels
   * @param {RecipeProblem[]} wrong
   * @returns {boolean} whether the draft differs from what is published
   */
  #drawChanges(labels, wrong) {
    const lines = changes(this.published, labels);
    if (this.instructions.value !== this.writtenBefore) lines.push({ sign: "·", text: "Instructions" });
    const rows = lines.map(({ sign, text }) => {
      const row = document.createElement("li");
      const kind = { "+": "diff-add", "−": "diff-cut", "·": "diff-other" }[sign];
      row.append(Object.assign(document.createElement("span"), { className: kind, textContent: sign }), ` ${text}`);
      return row;
    });
    this.#part("changes")?.replaceChildren(...rows);
    this.#part("unchanged")?.toggleAttribute("hidden", rows.length > 0);
    for (const place of this.form.querySelectorAll("[data-part=draft]")) place.toggleAttribute("hidden", !rows.length);
    const publish = /** @type {HTMLButtonElement} */ (this.#part("publish"));
    publish.setAttribute("aria-disabled", String(!rows.length || !labels.length || wrong.length > 0));
    publish.disabled = !rows.length || !labels.length;
    return rows.length > 0;
  }

  #discard() {
    const { labels } = this;
    const instructions = this.instructions.value;
    this.#show(this.published, this.writtenBefore);
    toast("The draft is discarded", { label: "Undo", act: () => this.#show(labels, instructions) });
  }

  /** @returns {HTMLElement[]} */
  #panelList() {
    return /** @type {HTMLElement[]} */ ([...this.panels.children]);
  }

  /** @param {string} name @returns {HTMLElement | null} */
  #part(name) {
    return this.form.querySelector(`[data-part=${name}]`);
  }
}

/** @param {string} id @returns {RecipeLabel[]} */
function read(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "[]").map(normalised);
}

/**
 * @param {HTMLElement} root
 * @param {string} name
 */
function copy(root, name) {
  const template = /** @type {HTMLTemplateElement} */ (root.querySelector(`template[data-name=${name}]`));
  return /** @type {Element} */ (template.content.firstElementChild).cloneNode(true);
}
