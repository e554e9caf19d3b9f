import { byId, counted, el, onceAFrame } from "./dom.js";

const BUTTONS = 4;

/** Questions about the selected objects, from the recipe. An answer goes to all of them and is one step. */
export class AttributePanel {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    const update = onceAFrame(() => this.#update());
    editor.selection.on("change", update);
    editor.on("task", update);
    editor.on("mode", update);
    editor.history.on("gesture", update);
  }

  #update() {
    const { editor } = this;
    const shapes = editor.selection.ids().flatMap((id) => editor.store.get(id) ?? []);
    const names = new Set(shapes.map(({ label }) => label));
    const label = names.size === 1 ? editor.labels.get([...names][0]) : undefined;
    byId("attributes").hidden = !label?.attributes.length;
    if (!label) return;
    byId("attributes-count").textContent = counted(shapes.length, "selected", "selected");
    const inside = document.activeElement?.closest("#attribute-rows");
    // A person who is typing an answer keeps the field under their hands.
    if (inside && document.activeElement?.matches("input[type=text], input[type=number]")) return;
    const focus = document.activeElement?.id ?? "";
    byId("attribute-rows").replaceChildren(...label.attributes.map((spec) => this.#row(spec, shapes)));
    if (inside && focus) document.getElementById(focus)?.focus();
  }

  /** @param {AttributeSpec} spec @param {Shape[]} shapes */
  #row(spec, shapes) {
    const values = new Set(shapes.map(({ attributes }) => attributes?.[spec.name] ?? null));
    const value = values.size === 1 ? [...values][0] : undefined;
    const id = `attribute-${spec.name}`;
    const missing = spec.required && (value === null || value === "");
    const name = el("label", { for: id, class: "attr-name" }, spec.title, missing ? el("span", { class: "is-missing" }, " needed") : null);
    const row = el("div", { class: "attr" }, name, this.#field(spec, value, id));
    for (const field of row.querySelectorAll("input, select, button")) field.toggleAttribute("disabled", this.editor.readOnly);
    return row;
  }

  /** @param {AttributeSpec} spec @param {Value | undefined} value undefined when the objects differ @param {string} id */
  #field(spec, value, id) {
    if (spec.type === "select") return this.#select(spec, value, id);
    if (spec.type === "checkbox") {
      const box = el("input", { type: "checkbox", id, checked: value === true });
      box.indeterminate = value === undefined;
      box.addEventListener("change", () => this.#answer(spec.name, box.checked));
      return box;
    }
    const type = spec.type === "number" ? "number" : "text";
    const field = el("input", { type, id, class: "input input-sm", value: value === undefined || value === null ? "" : String(value), placeholder: value === undefined ? "Several" : null });
    field.addEventListener("change", () => {
      const number = field.value === "" ? null : Number(field.value);
      this.#answer(spec.name, spec.type === "number" ? number : field.value);
    });
    return field;
  }

  /** @param {AttributeSpec} spec @param {Value | undefined} value @param {string} id */
  #select(spec, value, id) {
    const options = (spec.options ?? []).map((option) => (typeof option === "string" ? { name: option, title: option } : option));
    if (options.length <= BUTTONS) {
      const buttons = options.map(({ name, title }, k) => {
        const one = el("button", { type: "button", class: "btn btn-sm", id: k ? `${id}-${k}` : id, "aria-pressed": String(name === value) }, title);
        one.addEventListener("click", () => this.#answer(spec.name, name === value && !spec.required ? null : name));
        return one;
      });
      return el("div", { class: "group", role: "group", "aria-label": spec.title }, ...buttons);
    }
    const choices = options.map(({ name, title }) => el("option", { value: name, selected: name === value }, title));
    const select = el("select", { id, class: "input input-sm" }, el("option", { value: "" }, value === undefined ? "Several" : "Choose"), ...choices);
    select.addEventListener("change", () => this.#answer(spec.name, select.value || null));
    return select;
  }

  /** @param {string} name @param {Value} value */
  #answer(name, value) {
    const { editor } = this;
    if (editor.readOnly) return; // the lease may have ended while the answer was typed
    /** @type {Map<string, Shape>} */
    const shapes = new Map();
    for (const id of editor.selection.ids()) {
      const shape = editor.store.get(id);
      if (!shape) continue;
      const attributes = { ...shape.attributes, [name]: value };
      if (value === null) delete attributes[name];
      shapes.set(id, { ...shape, attributes });
    }
    editor.history.change({ shapes });
  }
}
