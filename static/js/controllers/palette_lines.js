/** The lines of the palette: what this page can do, where it leads, and what the server found. */

let numbered = 0;

/**
 * Lines under a title; `isFound` where the next search replaces them.
 * @param {string} title
 * @param {HTMLElement[]} lines
 */
export function group(title, lines, isFound = false) {
  const head = Object.assign(document.createElement("p"), { textContent: title, id: `palette-group-${(numbered += 1)}` });
  const list = document.createElement("ul");
  list.setAttribute("role", "presentation");
  list.append(...lines);
  const whole = document.createElement("div");
  whole.setAttribute("role", "group");
  whole.setAttribute("aria-labelledby", head.id);
  whole.toggleAttribute("data-found", isFound);
  whole.hidden = !lines.length;
  whole.append(head, list);
  return whole;
}

/**
 * What the page can do: its buttons, and the controls that carry a key. A button of a row, or one of several with the
 * same words, does not say by itself whom it is about, and is left out.
 * @param {HTMLDialogElement} box is closed before the control is pressed
 */
export function acts(box) {
  /** @type {Map<string, HTMLElement[]>} */
  const found = new Map();
  for (const one of document.querySelectorAll("[data-key], main .btn:not(.list *, .table *)")) {
    const control = /** @type {HTMLElement} */ (one);
    const name = control.dataset.keyName || wordsOf(control);
    const rests = control.matches(":disabled, dialog:not([open]) *, .nav *") || !control.checkVisibility();
    if (name && !rests) found.set(name, [...(found.get(name) ?? []), control]);
  }
  const said = [...found].flatMap(([name, [control, other]]) => (control && (!other || control.dataset.key) ? [{ name, control }] : []));
  return said.map(({ name, control }) => {
    const button = Object.assign(document.createElement("button"), { type: "button", tabIndex: -1 });
    button.addEventListener("click", () => {
      box.close();
      control.click();
    });
    return row(button, { text: name, icon: control.querySelector("svg"), keys: control.dataset.key });
  });
}

/** The links of the navigation and all others marked `data-place`, each address once; a place names its page besides. */
export function pages() {
  /** @type {Map<string, HTMLAnchorElement[]>} */
  const found = new Map();
  for (const selector of [".nav a[href]", "a[data-place]"]) {
    for (const link of document.querySelectorAll(selector)) {
      const anchor = /** @type {HTMLAnchorElement} */ (link);
      found.set(anchor.href, [...(found.get(anchor.href) ?? []), anchor]);
    }
  }
  return [...found].map(([href, links]) => {
    const [text = "", meta] = new Set(links.map((link) => link.dataset.place || link.querySelector(".nav-text")?.textContent || ""));
    const [{ dataset }] = /** @type {[HTMLAnchorElement]} */ (links);
    return row(linkTo(href), { text, meta, icon: links[0]?.querySelector("svg"), keys: dataset.go && `g ${dataset.go}` });
  });
}

/**
 * @param {string} kind
 * @param {Found["hits"]} hits
 * @param {string} icon its name
 * @param {string} icons where they are
 */
export function hitLines(kind, hits, icon, icons) {
  return hits.map(({ title, meta, url }) => row(linkTo(url), { text: title, meta, icon: pictureOf(icon, icons) }));
}

/** The last line: all that the server has by these words. @param {string} url @param {string} text @param {string} icons */
export function more(url, text, icons) {
  const list = document.createElement("ul");
  list.setAttribute("role", "presentation");
  list.toggleAttribute("data-found", true);
  list.append(row(linkTo(url), { text, icon: pictureOf("search", icons) }));
  return list;
}

/** @param {string} href */
function linkTo(href) {
  return Object.assign(document.createElement("a"), { href, tabIndex: -1 });
}

/**
 * @param {HTMLElement} control
 * @param {{text: string, meta?: string, icon?: Element | null, keys?: string}} said
 */
function row(control, { text, meta, icon, keys }) {
  control.id = `palette-line-${(numbered += 1)}`;
  control.setAttribute("role", "option");
  if (icon) control.append(icon.cloneNode(true));
  control.append(Object.assign(document.createElement("span"), { textContent: text.trim() }));
  if (meta) control.append(Object.assign(document.createElement("small"), { textContent: meta }));
  if (keys) control.append(Object.assign(document.createElement("kbd"), { textContent: keys.toUpperCase() }));
  const line = document.createElement("li");
  line.setAttribute("role", "presentation");
  line.append(control);
  return line;
}

/** @param {string} name @param {string} icons */
function pictureOf(name, icons) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${icons}#${name}`);
  picture.append(use);
  return picture;
}

/** The control's own words, without the key printed on it. @param {HTMLElement} control */
function wordsOf(control) {
  const copy = /** @type {Element} */ (control.cloneNode(true));
  copy.querySelectorAll("kbd, .count, svg").forEach((part) => part.remove());
  return (copy.textContent?.trim() || control.getAttribute("aria-label")) ?? "";
}
