/**
 * Fields of a form that stand for settings: `data-setting` is the path, `data-type` how its text is read, `data-offers`
 * what it chooses from, `data-when="does=crop"` on a part: it is shown while that setting has that value.
 */
import { readAs, valueAt, withValue, written } from "./settings.js";

/** @typedef {(name: string) => Offer[]} Offers */

/**
 * Write settings into the fields of a part.
 * @param {Element} root
 * @param {Record<string, any>} settings
 * @param {Offers} offers
 */
export function fill(root, settings, offers) {
  for (const field of fieldsOf(root)) {
    const value = valueAt(settings, field.dataset.setting ?? "");
    if (field instanceof HTMLFieldSetElement) fillList(field, value, offers);
    else if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = value ?? "on" in field.dataset;
    else if (field instanceof HTMLSelectElement) fillChoice(field, value, offers);
    else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
      field.value = written(field.dataset.type ?? "text", value);
    }
  }
  showParts(root, settings);
}

/**
 * The settings with what a field says now.
 * @param {Element} target what was typed in or chosen
 * @param {Record<string, any>} settings
 */
export function taken(target, settings) {
  const field = /** @type {HTMLElement | null} */ (target.closest("[data-setting]"));
  if (!field) return settings;
  const path = field.dataset.setting ?? "";
  // What a kind of its own is told means nothing to another.
  const base = "resets" in field.dataset ? {} : settings;
  return withValue(base, path, valueOf(field));
}

/** @param {Element} root @param {Record<string, any>} settings */
export function showParts(root, settings) {
  for (const part of root.querySelectorAll("[data-when]")) {
    const [path, wanted] = (/** @type {HTMLElement} */ (part).dataset.when ?? "").split("=");
    part.toggleAttribute("hidden", !wanted.split("|").includes(String(valueAt(settings, path))));
  }
}

/** @param {Element} root @returns {HTMLElement[]} */
function fieldsOf(root) {
  return [...root.querySelectorAll("[data-setting]")].map((field) => /** @type {HTMLElement} */ (field));
}

/** @param {HTMLElement} field */
function valueOf(field) {
  if (field instanceof HTMLFieldSetElement) {
    const chosen = boxesOf(field).filter((box) => box.checked).map((box) => box.value);
    return chosen.length || "keepEmpty" in field.dataset ? chosen : undefined;
  }
  if (field instanceof HTMLInputElement && field.type === "checkbox") {
    return field.checked === ("on" in field.dataset) ? undefined : field.checked;
  }
  const { value } = /** @type {HTMLInputElement} */ (field);
  if (field.dataset.type === "yes") return value === "yes";
  return readAs(field.dataset.type ?? "text", value);
}

/** @param {HTMLFieldSetElement} field */
function boxesOf(field) {
  return [...field.querySelectorAll("input")];
}

/**
 * @param {HTMLFieldSetElement} field
 * @param {string[] | null | undefined} value
 * @param {Offers} offers
 */
function fillList(field, value, offers) {
  const chosen = value ?? [];
  const place = field.querySelector("[data-part=boxes]");
  if (place && field.dataset.offers) {
    const known = offers(field.dataset.offers);
    const gone = chosen.filter((value) => !known.some((one) => one.value === value));
    place.replaceChildren(...[...known, ...gone.map(missing)].map(box));
    field.hidden = !place.children.length;
  }
  const all = "all" in field.dataset && !value;
  for (const one of boxesOf(field)) one.checked = all || chosen.includes(one.value);
}

/** @param {Offer} offer */
function box({ value, title }) {
  const label = document.createElement("label");
  label.className = "check";
  label.append(Object.assign(document.createElement("input"), { type: "checkbox", value }), ` ${title}`);
  return label;
}

/**
 * @param {HTMLSelectElement} field
 * @param {any} value
 * @param {Offers} offers
 */
function fillChoice(field, value, offers) {
  const text = field.dataset.type === "yes" ? (value === false ? "no" : "yes") : written("text", value);
  if (field.dataset.offers) {
    const known = offers(field.dataset.offers);
    const list = text && !known.some((one) => one.value === text) ? [missing(text), ...known] : known;
    const first = [...field.options].filter((option) => "fixed" in option.dataset);
    field.replaceChildren(...first, ...list.map((one) => new Option(one.title, one.value)));
  }
  field.value = text;
  if (field.selectedIndex < 0) field.selectedIndex = 0;
}

/** What a graph names and the project no longer has stays to be seen. @param {string} value @returns {Offer} */
function missing(value) {
  return { value, title: `${value} (not there)` };
}
