/**
 * Keys of a page: `?` lists them, `G` and a letter goes to a page, a letter presses the control that carries it.
 * The page declares them where they act: `data-go="p"` on a link, `data-key="n"` on a button or link.
 */

const PATIENCE = 1500;
/** @type {Record<string, string>} */
const SIGNS = { arrowleft: "←", arrowright: "→", escape: "Esc", space: "Space" };

/** @type {Controller} */
export function keys(element) {
  const help = /** @type {HTMLDialogElement} */ (element);
  let waitingUntil = 0;

  /** @param {KeyboardEvent} event */
  const pressed = (event) => {
    if (isTyping(event) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const going = Date.now() < waitingUntil;
    waitingUntil = 0;
    if (going) return press(`[data-go="${CSS.escape(key)}"]`, event);
    if (key === "?") return show(help, event);
    if (key === "g") waitingUntil = Date.now() + PATIENCE;
    else press(`[data-key="${CSS.escape(key)}"]`, event);
  };
  /** @param {Event} event */
  const clicked = (event) => {
    if (/** @type {Element} */ (event.target).closest("[data-opens=keys]")) show(help, event);
  };
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", clicked);
  return () => {
    document.removeEventListener("keydown", pressed);
    document.removeEventListener("click", clicked);
  };
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

/**
 * @param {string} selector
 * @param {Event} event
 */
function press(selector, event) {
  const control = /** @type {HTMLElement | null} */ (document.querySelector(selector));
  if (!control || control.matches(":disabled")) return;
  event.preventDefault();
  control.click();
}

/**
 * @param {HTMLDialogElement} help
 * @param {Event} event
 */
function show(help, event) {
  event.preventDefault();
  fill(help, "page", "[data-key]");
  fill(help, "go", "[data-go]");
  if (!help.open) help.showModal();
}

/**
 * One part of the table: what the page declares of its kind; without any, the part is not shown.
 * @param {HTMLDialogElement} help
 * @param {string} name
 * @param {string} selector
 */
function fill(help, name, selector) {
  const part = /** @type {HTMLElement} */ (help.querySelector(`[data-part=${name}]`));
  const rows = declared(selector);
  /** @type {HTMLElement} */ (part.querySelector("dl")).replaceChildren(...rows);
  part.hidden = !rows.length;
}

/** @param {string} selector @returns {HTMLElement[]} */
function declared(selector) {
  /** @type {Map<string, HTMLElement[]>} */
  const rows = new Map();
  for (const control of document.querySelectorAll(selector)) {
    const { key, go, keyName } = /** @type {HTMLElement} */ (control).dataset;
    const strokes = key ? [key] : ["g", go ?? ""];
    const name = keyName || control.querySelector(".nav-text")?.textContent || words(control);
    if (!rows.has(strokes.join())) rows.set(strokes.join(), row(strokes, name));
  }
  return [...rows.values()].flat();
}

/** The control's own words, without the key printed on it. @param {Element} control */
function words(control) {
  const copy = /** @type {Element} */ (control.cloneNode(true));
  copy.querySelectorAll("kbd, .count").forEach((part) => part.remove());
  return copy.textContent?.trim() ?? "";
}

/**
 * @param {string[]} strokes
 * @param {string} name
 */
function row(strokes, name) {
  const term = document.createElement("dt");
  for (const stroke of strokes) {
    term.append(Object.assign(document.createElement("kbd"), { textContent: SIGNS[stroke] ?? stroke.toUpperCase() }));
  }
  return [term, Object.assign(document.createElement("dd"), { textContent: name })];
}
