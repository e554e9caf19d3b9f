/**
 * `Ctrl K`: find or do. The page's own acts and pages answer at once; what the organization has by that name is asked of
 * the server while one types. One list: arrows walk it, Enter takes the marked line, Escape closes.
 */
import { acts, group, hitLines, more, pages } from "./palette_lines.js";
import { Finding } from "./palette_search.js";

/** @type {Controller} */
export function palette(element) {
  const box = /** @type {HTMLDialogElement} */ (element);
  const input = /** @type {HTMLInputElement} */ (box.querySelector("input"));
  const list = /** @type {HTMLElement} */ (box.querySelector("[role=listbox]"));
  const none = /** @type {HTMLElement} */ (box.querySelector(".none"));
  const words = box.dataset;
  let isHasty = false; // Enter came before the answer: its first line is taken

  const finding = new Finding(words.search ?? "", (found, wanted) => {
    for (const old of list.querySelectorAll("[data-found]")) old.remove();
    const groups = found.map(({ kind, title, icon, hits }) => group(title, hitLines(kind, hits, icon, words.icons ?? ""), true));
    list.append(...groups);
    if (found.length && words.page) list.append(more(`${words.page}?q=${encodeURIComponent(wanted)}`, words.all ?? "", words.icons ?? ""));
    settle();
    if (isHasty) shown(list)[0]?.click();
    isHasty = false;
  });

  const settle = () => {
    const lines = shown(list);
    if (!lines.some((line) => line.getAttribute("aria-selected") === "true")) mark(list, input, lines, 0);
    none.hidden = lines.length > 0;
    none.textContent = (finding.isAsking ? words.asking : words.none) ?? "";
  };
  const narrow = () => {
    isHasty = false;
    const wanted = input.value.trim().toLowerCase().split(/\s+/);
    list.querySelector("ul[data-found]")?.remove(); // it leads to what was typed before
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("[role=group]"))) {
      for (const line of one.querySelectorAll("li")) {
        const text = (line.textContent ?? "").toLowerCase();
        line.hidden = !wanted.every((word) => text.includes(word));
      }
      one.hidden = !one.querySelector("li:not([hidden])");
    }
    finding.ask(input.value);
    mark(list, input, shown(list), 0);
    settle();
  };
  const open = () => {
    if (box.open) return;
    list.replaceChildren(group(words.acts ?? "", acts(box)), group(words.pages ?? "", pages()));
    input.value = "";
    narrow();
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
  input.addEventListener("input", narrow);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && finding.isAsking && !shown(list).length) isHasty = true;
    else walk(list, input, event);
  });
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close();
  });
  box.addEventListener("close", () => finding.ask(""));
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", clicked);
  return () => {
    document.removeEventListener("keydown", pressed);
    document.removeEventListener("click", clicked);
  };
}

/** @param {HTMLElement} list @returns {HTMLElement[]} */
function shown(list) {
  return [...list.querySelectorAll("[role=option]")].flatMap((line) =>
    line instanceof HTMLElement && !line.closest("[hidden]") ? [line] : [],
  );
}

/** @param {HTMLElement} list @param {HTMLInputElement} input @param {HTMLElement[]} lines @param {number} which */
function mark(list, input, lines, which) {
  const line = lines[which];
  for (const other of list.querySelectorAll("[role=option]")) other.setAttribute("aria-selected", String(other === line));
  line?.scrollIntoView({ block: "nearest" });
  if (line) input.setAttribute("aria-activedescendant", line.id);
  else input.removeAttribute("aria-activedescendant");
}

/** @param {HTMLElement} list @param {HTMLInputElement} input @param {KeyboardEvent} event */
function walk(list, input, event) {
  const lines = shown(list);
  const now = lines.findIndex((line) => line.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && lines.length) {
    event.preventDefault();
    mark(list, input, lines, (now + step + lines.length) % lines.length);
  } else if (event.key === "Enter" && lines[now]) {
    event.preventDefault();
    lines[now].click();
  }
}
