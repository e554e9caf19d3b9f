import { Emitter } from "./emitter.js";

/** What is selected and what the pointer is over: ids of shapes and of suggestions alike. Emits "change". */
export class Selection extends Emitter {
  /** @type {Set<string>} */
  #ids = new Set();
  /** @type {string | null} */
  #hover = null;

  get size() {
    return this.#ids.size;
  }

  get hover() {
    return this.#hover;
  }

  /** The only selected id, or null when there is none or more than one. */
  get only() {
    return this.#ids.size === 1 ? /** @type {string} */ (this.#ids.values().next().value) : null;
  }

  ids() {
    return [...this.#ids];
  }

  /** @param {string} id */
  has(id) {
    return this.#ids.has(id);
  }

  /** @param {Iterable<string>} ids */
  set(ids) {
    const wanted = new Set(ids);
    if (wanted.size === this.#ids.size && [...wanted].every((id) => this.#ids.has(id))) return;
    this.#ids = wanted;
    this.emit("change");
  }

  /** @param {string} id */
  toggle(id) {
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.emit("change");
  }

  clear() {
    this.set([]);
  }

  /** Lets go of what is no longer there. @param {(id: string) => boolean} there */
  prune(there) {
    this.set(this.ids().filter(there));
    if (this.#hover && !there(this.#hover)) this.point(null);
  }

  /** @param {string | null} id */
  point(id) {
    if (id === this.#hover) return;
    this.#hover = id;
    this.emit("hover");
  }
}
