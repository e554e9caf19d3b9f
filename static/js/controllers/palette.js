/** `Ctrl K`: go to any page that this one links to, by typing a part of its name. */

/** @type {Controller} */
export function palette(element) {
  const box = /** @type {HTMLDialogElement} */ (element);
  const input = /** @type {HTMLInputElement} */ (box.querySelector("input"));
  const list = /** @type {HTMLElement} */ (box.querySelector("ul"));

  const open = () => {
    if (box.open) return;
    list.replaceChildren(...places().map(line));
    input.value = "";
    narrow(box, "");
    box.showModal();
  };
  /** @param {KeyboardEvent} event */
  const pressed = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    open();
  };
  /** @param {Event} event */
  const clicked = (event) => {
    if (/** @type {Element} */ (event.target).closest("[data-opens=palette]")) open();
  };
  input.addEventListener("input", () => narrow(box, input.value));
  box.addEventListener("keydown", (event) => walk(box, event));
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close();
  });
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", clicked);
  return () => {
    document.removeEventListener("keydown", pressed);
    document.removeEventListener("click", clicked);
  };
}

/** The links of the navigation and all others marked `data-place`, each address once. @returns {HTMLAnchorElement[]} */
function places() {
  /** @type {Map<string, HTMLAnchorElement>} */
  const found = new Map();
  for (const link of document.querySelectorAll(".nav a[href], a[data-place]")) {
    const anchor = /** @type {HTMLAnchorElement} */ (link);
    if (!found.has(anchor.href)) found.set(anchor.href, anchor);
  }
  return [...found.values()];
}

/**
 * @param {HTMLAnchorElement} place
 * @param {number} index
 */
function line(place, index) {
  const link = Object.assign(document.createElement("a"), { href: place.href, id: `place-${index}` });
  link.setAttribute("role", "option");
  const icon = place.querySelector("svg")?.cloneNode(true);
  if (icon) link.append(icon);
  link.append(place.dataset.place || place.querySelector(".nav-text")?.textContent || place.textContent || "");
  if (place.dataset.go) {
    link.append(Object.assign(document.createElement("kbd"), { textContent: `G ${place.dataset.go.toUpperCase()}` }));
  }
  const row = document.createElement("li");
  row.setAttribute("role", "presentation");
  row.append(link);
  return row;
}

/**
 * @param {HTMLElement} box
 * @param {string} words
 */
function narrow(box, words) {
  const wanted = words.trim().toLowerCase();
  const rows = [...box.querySelectorAll("li")];
  for (const row of rows) row.hidden = !(row.textContent ?? "").toLowerCase().includes(wanted);
  const first = rows.find((row) => !row.hidden);
  mark(box, first);
  /** @type {HTMLElement | null} */ (box.querySelector(".none"))?.toggleAttribute("hidden", Boolean(first));
}

/**
 * The focus stays in the input, so the input names the marked line to screen readers.
 * @param {HTMLElement} box
 * @param {HTMLElement | undefined} row
 */
function mark(box, row) {
  for (const link of box.querySelectorAll("li a")) {
    link.setAttribute("aria-selected", String(link.parentElement === row));
  }
  box.querySelector("input")?.setAttribute("aria-activedescendant", row?.firstElementChild?.id ?? "");
  row?.scrollIntoView({ block: "nearest" });
}

/**
 * @param {HTMLElement} box
 * @param {KeyboardEvent} event
 */
function walk(box, event) {
  const rows = /** @type {HTMLElement[]} */ ([...box.querySelectorAll("li:not([hidden])")]);
  const now = rows.findIndex((row) => row.firstElementChild?.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && rows.length) {
    event.preventDefault();
    mark(box, rows[(now + step + rows.length) % rows.length]);
  } else if (event.key === "Enter" && rows[now]) {
    event.preventDefault();
    /** @type {HTMLElement} */ (rows[now].firstElementChild).click();
  }
}
