/**
 * Choosing pictures of a gallery: by click, with shift for a run of them, by keys, or all that match.
 *
 * Within the element: `.item input[type=checkbox]`, `[data-part=bulk]` with `[data-part=count]`, `[data-part=all]` and
 * `[data-part=none]`, and `[data-part=said]` for readers. Keys on a box: arrows move, Space selects, Enter opens.
 * What the acts need is kept in `chosen` (../bulk.js), which asks for it.
 */
import { bulkActs } from "../bulk.js";
import { count } from "../words.js";

/** @type {Controller} */
export function selection(element) {
  const choice = new Choice(element);
  const endActs = bulkActs(element, choice);
  /** @param {Event} event */
  const changed = (event) => {
    const box = boxOf(event.target);
    if (box) choice.toggle(box);
  };
  /** @param {MouseEvent} event */
  const clicked = (event) => {
    const target = /** @type {Element} */ (event.target);
    const box = boxOf(target);
    if (box && event.shiftKey) choice.reach(box);
    else if (box) choice.last = box.value;
    if (target.closest("[data-part=all]")) choice.takeAll();
    if (target.closest("[data-part=none]")) choice.clear();
  };
  /** @param {KeyboardEvent} event */
  const pressed = (event) => {
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && choice.size) {
      event.preventDefault();
      return choice.clear();
    }
    const box = boxOf(event.target);
    if (box) onBox(event, box, choice);
    else if (isIdle(event.target) && event.key.startsWith("Arrow")) enter(event, element);
  };
  const renewed = () => choice.show();
  element.addEventListener("change", changed);
  element.addEventListener("click", clicked);
  document.addEventListener("keydown", pressed);
  element.addEventListener("htmx:afterSettle", renewed);
  renewed();
  return () => {
    endActs();
    document.removeEventListener("keydown", pressed);
  };
}

/** What is chosen: some ids, or all that the page's filter finds. */
export class Choice {
  /** @type {Set<string>} */
  #ids = new Set();
  all = false;
  last = "";

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  get size() {
    return this.all ? 1 : this.#ids.size;
  }

  get ids() {
    return [...this.#ids];
  }

  /** @param {HTMLInputElement} box */
  toggle(box) {
    if (this.all) this.#leaveAll();
    if (box.checked) this.#ids.add(box.value);
    else this.#ids.delete(box.value);
    this.show();
  }

  /** All boxes between the last one clicked and this one. @param {HTMLInputElement} box */
  reach(box) {
    const boxes = boxesIn(this.element);
    const [from, to] = [boxes.findIndex((one) => one.value === this.last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of boxes.slice(from < 0 ? to : from, to + 1)) this.#ids.add(one.value);
    this.show();
  }

  takeAll() {
    this.all = true;
    this.show();
  }

  clear() {
    this.all = false;
    this.#ids.clear();
    this.show();
  }

  /** Boxes, bar and the sentence for readers say what is chosen. */
  show() {
    for (const box of boxesIn(this.element)) box.checked = this.all || this.#ids.has(box.value);
    const bar = /** @type {HTMLElement | null} */ (this.element.querySelector("[data-part=bulk]"));
    const text = this.all ? (this.element.dataset.filter ? "All that match" : "All of the dataset") : `${count(this.#ids.size)} selected`;
    if (bar) bar.hidden = !this.size;
    say(this.element, "count", text);
    say(this.element, "said", this.size ? text : "");
    bar?.querySelector("[data-part=all]")?.toggleAttribute("hidden", this.all);
  }

  /** From all to those that are shown. */
  #leaveAll() {
    this.all = false;
    for (const one of boxesIn(this.element)) this.#ids.add(one.value);
  }
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLInputElement} box
 * @param {Choice} choice
 */
function onBox(event, box, choice) {
  const boxes = boxesIn(choice.element);
  const at = boxes.indexOf(box);
  const next = boxes[neighbour(event.key, at, columnsOf(boxes), boxes.length)];
  if (event.key === "Enter") return box.closest(".item")?.querySelector("a")?.click();
  if (!next || next === box) return;
  event.preventDefault();
  next.focus();
  next.closest(".item")?.scrollIntoView({ block: "nearest" });
  if (event.shiftKey) {
    choice.last = choice.last || box.value;
    choice.reach(next);
  }
}

/**
 * Where a key leads in a grid of this many columns; the same place where it leads nowhere.
 * @param {string} key
 * @param {number} at
 * @param {number} columns
 * @param {number} total
 */
export function neighbour(key, at, columns, total) {
  const forward = globalThis.document?.documentElement.dir === "rtl" ? -1 : 1;
  /** @type {Record<string, number>} */
  const steps = { ArrowLeft: -forward, ArrowRight: forward, ArrowUp: -columns, ArrowDown: columns };
  if (key === "Home") return 0;
  if (key === "End") return total - 1;
  const to = at + (steps[key] ?? 0);
  return to < 0 || to >= total ? at : to;
}

/** @param {HTMLInputElement[]} boxes */
function columnsOf(boxes) {
  const tops = boxes.map((box) => box.getBoundingClientRect().top);
  const second = tops.findIndex((top) => Math.abs(top - (tops[0] ?? 0)) > 4);
  return second < 0 ? boxes.length : second;
}

/** The first arrow goes into the gallery. @param {KeyboardEvent} event @param {HTMLElement} element */
function enter(event, element) {
  const [first] = boxesIn(element);
  if (!first || event.key === "ArrowUp" || event.key === "ArrowLeft") return;
  event.preventDefault();
  first.focus();
}

/** Nothing has the focus, so that arrows are free. @param {EventTarget | null} target */
function isIdle(target) {
  return target === document.body || (target instanceof Element && target.id === "main");
}

/** @param {HTMLElement} element */
function boxesIn(element) {
  return /** @type {HTMLInputElement[]} */ ([...element.querySelectorAll(".item input[type=checkbox]")]);
}

/** @param {EventTarget | null} target @returns {HTMLInputElement | null} */
function boxOf(target) {
  return target instanceof HTMLInputElement && target.matches(".item input[type=checkbox]") ? target : null;
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {string} words
 */
function say(element, name, words) {
  const part = element.querySelector(`[data-part=${name}]`);
  if (part && part.textContent !== words) part.textContent = words;
}
