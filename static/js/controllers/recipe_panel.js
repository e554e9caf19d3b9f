/** One label's panel on the recipe page: a label into its fields and back, and the sentences about what is wrong. */
import { fittingDefault, nameFrom, optionsFrom } from "../recipe_draft.js";

/**
 * @param {HTMLElement} panel
 * @param {RecipeLabel} label
 */
export function fillPanel(panel, label) {
  Object.assign(panel.dataset, { name: label.id ? label.name : "", labelId: label.id ?? "" });
  field(panel, "title").value = label.title;
  field(panel, "key").value = label.key;
  for (const radio of panel.querySelectorAll("[data-field=color]")) {
    const choice = /** @type {HTMLInputElement} */ (radio);
    choice.name = `color-${panelNumber(panel)}`;
    choice.checked = Number(choice.value) === label.color;
  }
  for (const box of panel.querySelectorAll("[data-field=geometry]")) {
    const choice = /** @type {HTMLInputElement} */ (box);
    choice.checked = label.geometry.includes(choice.value);
  }
  for (const attribute of label.attributes) fillAttribute(addAttribute(panel), attribute);
}

/** The name lasts: only a label that was never published takes its name from its title. @param {HTMLElement} panel */
export function readPanel(panel) {
  const title = field(panel, "title").value.trim();
  const { name, labelId } = panel.dataset;
  const colors = /** @type {NodeListOf<HTMLInputElement>} */ (panel.querySelectorAll("[data-field=color]"));
  const shapes = /** @type {NodeListOf<HTMLInputElement>} */ (panel.querySelectorAll("[data-field=geometry]"));
  return {
    ...(labelId && { id: labelId }),
    name: name || nameFrom(title),
    title,
    color: Number([...colors].find((choice) => choice.checked)?.value ?? 1),
    key: field(panel, "key").value.trim(),
    geometry: [...shapes].filter((choice) => choice.checked).map((choice) => choice.value),
    attributes: [...panel.querySelectorAll("[data-part=attribute]")].map(readAttribute),
  };
}

/** @param {HTMLElement} panel */
export function addAttribute(panel) {
  const root = /** @type {HTMLElement} */ (panel.closest("form"));
  const template = /** @type {HTMLTemplateElement} */ (root.querySelector("template[data-name=attribute]"));
  const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  panel.querySelector("[data-part=attributes]")?.append(row);
  return row;
}

/**
 * @param {HTMLElement} panel
 * @param {RecipeProblem[]} wrong
 */
export function showProblems(panel, wrong) {
  const heading = panel.querySelector("[data-part=heading]");
  if (heading) heading.textContent = field(panel, "title").value || "New label";
  for (const name of ["title", "key", "geometry"]) {
    const problem = wrong.find((one) => one.field === name);
    say(panel.querySelector(`[data-error=${name}]`), problem?.message, field(panel, name));
  }
  panel.querySelectorAll("[data-part=attribute]").forEach((element, at) => {
    const row = /** @type {HTMLElement} */ (element);
    const message = wrong.find((one) => one.field === `attributes.${at}`)?.message;
    say(row.querySelector("[data-error]"), message, field(row, "title"));
    const chooses = field(row, "type").value === "select";
    row.querySelector("[data-part=options]")?.toggleAttribute("hidden", !chooses);
  });
}

/** The first field that a sentence is about. @param {HTMLElement} panel @returns {HTMLElement | null} */
export function firstWrong(panel) {
  return panel.querySelector("[aria-invalid=true]");
}

/**
 * @param {HTMLElement} row
 * @param {RecipeAttribute} attribute
 */
function fillAttribute(row, attribute) {
  const { name, default: value, options } = attribute;
  Object.assign(row.dataset, { name, default: JSON.stringify(value), options: JSON.stringify(options) });
  field(row, "title").value = attribute.title;
  field(row, "type").value = attribute.type;
  field(row, "options").value = options.join(", ");
  /** @type {HTMLInputElement} */ (field(row, "required")).checked = attribute.required;
}

/**
 * @param {Element} element
 * @returns {RecipeAttribute}
 */
function readAttribute(element) {
  const row = /** @type {HTMLElement} */ (element);
  const title = field(row, "title").value.trim();
  const type = /** @type {RecipeAttribute["type"]} */ (field(row, "type").value);
  const before = JSON.parse(row.dataset.options ?? "[]");
  const options = type === "select" ? optionsFrom(field(row, "options").value, before) : [];
  return {
    name: row.dataset.name || nameFrom(title),
    title,
    type,
    options,
    required: /** @type {HTMLInputElement} */ (field(row, "required")).checked,
    default: fittingDefault(JSON.parse(row.dataset.default ?? "null"), type, options),
  };
}

let panels = 0;
/** @type {WeakMap<HTMLElement, number>} */
const numbers = new WeakMap();

/** Radio buttons of one panel share a name that no other panel has. @param {HTMLElement} panel */
function panelNumber(panel) {
  if (!numbers.has(panel)) numbers.set(panel, (panels += 1));
  return numbers.get(panel);
}

/**
 * @param {HTMLElement} root
 * @param {string} name
 */
function field(root, name) {
  return /** @type {HTMLInputElement | HTMLSelectElement} */ (root.querySelector(`[data-field=${name}]`));
}

let sentences = 0;

/**
 * @param {Element | null} place
 * @param {string | undefined} message
 * @param {HTMLElement} about the field that the sentence is about, which names it to screen readers
 */
function say(place, message, about) {
  if (!place) return;
  if (!place.id) place.id = `recipe-error-${(sentences += 1)}`;
  place.toggleAttribute("hidden", !message);
  const words = place.querySelector("span");
  if (words) words.textContent = message ?? "";
  about.setAttribute("aria-invalid", String(Boolean(message)));
  about.setAttribute("aria-describedby", place.id);
}
