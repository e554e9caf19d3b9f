/** Values one after another, to be undone and redone. */

/** @template T */
export class History {
  /** @type {T[]} */ #past = [];
  /** @type {T[]} */ #future = [];
  /** @type {string} */ #going = "";

  /** @param {T} present */
  constructor(present) {
    this.present = present;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /**
   * @param {T} value
   * @param {string} [going] what is being done; changes in a row with the same words are one step, such as letters
   */
  change(value, going = "") {
    if (!going || going !== this.#going) this.#past.push(this.present);
    this.#going = going;
    this.#future = [];
    this.present = value;
  }

  /** The next change is a step of its own. */
  pause() {
    this.#going = "";
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  /**
   * @param {T[]} from
   * @param {T[]} to
   */
  #step(from, to) {
    const value = from.pop();
    if (value === undefined) return;
    to.push(this.present);
    this.present = value;
    this.pause();
  }
}
