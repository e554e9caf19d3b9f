/** `@` in a text offers the people who can read it; arrows, Enter or Tab take one, Escape goes on writing. */
import { ask } from "../api.js";

const PAUSE = 120;
/** What stands before the caret: an @ at the start of a word, and up to three words of a name. */
const NAME = /(?:^|[\s(])@([^\s@]{0,40}(?: [^\s@]{1,40}){0,2})$/;

export class Mentions {
  /** @type {AbortController | null} */ #asked = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  /** @param {HTMLElement} element holds the text, the list and the address of the readers */
  constructor(element) {
    this.element = element;
    element.addEventListener("input", () => this.#look());
    element.addEventListener("focusout", (event) => {
      if (!this.list?.contains(/** @type {Node | null} */ (event.relatedTarget))) this.#close();
    });
    element.addEventListener("mousedown", (event) => {
      const line = /** @type {Element} */ (event.target).closest("[data-part=names] li");
      if (!line) return;
      event.preventDefault(); // the text keeps the focus
      this.#take(line);
    });
  }

  get list() {
    return /** @type {HTMLElement | null} */ (this.element.querySelector("[data-part=names]"));
  }

  get field() {
    return /** @type {HTMLTextAreaElement | null} */ (this.element.querySelector("[data-part=text]"));
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the list */
  takes(event) {
    const { list } = this;
    if (!list || list.hidden || event.ctrlKey || event.metaKey) return false;
    const lines = [...list.children];
    const now = lines.findIndex((line) => line.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#mark(lines, (now + step + lines.length) % lines.length);
    else if ((event.key === "Enter" || event.key === "Tab") && lines[now]) this.#take(/** @type {Element} */ (lines[now]));
    else if (event.key === "Escape") this.#close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #look() {
    const wanted = this.#wanted();
    if (wanted === null) return this.#close();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#offer(wanted), PAUSE);
  }

  /** @returns {string | null} what is typed of a name */
  #wanted() {
    const { field } = this;
    return field ? (NAME.exec(field.value.slice(0, field.selectionEnd))?.[1] ?? null) : null;
  }

  /** @param {string} wanted */
  async #offer(wanted) {
    const from = /** @type {HTMLElement | null} */ (this.element.querySelector("[data-readers]"))?.dataset.readers;
    if (!from) return;
    this.#asked?.abort();
    const own = (this.#asked = new AbortController());
    try {
      const { results } = await ask("GET", `${from}?q=${encodeURIComponent(wanted)}`, undefined, own.signal);
      if (this.#asked === own && this.#wanted() === wanted) this.#show(results);
    } catch {
      if (this.#asked === own) this.#close(); // a name can be written out
    }
  }

  /** @param {{person: string, name: string}[]} readers */
  #show(readers) {
    const { list, field } = this;
    if (!list || !field) return;
    const lines = readers.map(({ person, name }) => {
      const line = Object.assign(document.createElement("li"), { textContent: name, id: `name-${person}` });
      line.setAttribute("role", "option");
      return line;
    });
    list.replaceChildren(...lines);
    list.hidden = !lines.length;
    this.#mark(lines, 0);
  }

  /** @param {Element[]} lines @param {number} which */
  #mark(lines, which) {
    for (const [number, line] of lines.entries()) line.setAttribute("aria-selected", String(number === which));
    lines[which]?.scrollIntoView({ block: "nearest" });
    const id = lines[which]?.id;
    if (id) this.field?.setAttribute("aria-activedescendant", id);
    else this.field?.removeAttribute("aria-activedescendant");
  }

  /** @param {Element} line */
  #take(line) {
    const { field } = this;
    const wanted = this.#wanted();
    if (!field || wanted === null) return;
    const end = field.selectionEnd;
    field.setRangeText(`${line.textContent} `, end - wanted.length, end, "end");
    this.#close();
  }

  #close() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.#asked = null;
    if (!this.list) return;
    this.list.hidden = true;
    this.field?.removeAttribute("aria-activedescendant");
  }
}
