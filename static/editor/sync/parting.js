import { Emitter } from "../emitter.js";
import { patiently } from "./patience.js";

const WINDOW = 6000;

/** @typedef {{task: Task, send: () => Promise<unknown>}} Given */

/**
 * The answer that was given last. It is safe as a draft, and is handed in when its moment to be taken back is over.
 * Emits "change" when there is one to take back or no more, "settled" when it was handed in, and "refused"
 * `{task, error}` when the server did not take it.
 */
export class Parting extends Emitter {
  /** @type {Given | null} */
  #given = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Log} log */
  constructor(log) {
    super();
    this.log = log;
  }

  /** The task whose answer can be taken back. */
  get task() {
    return this.#given?.task;
  }

  /** The one before it cannot be taken back any more. @param {Task} task @param {() => Promise<unknown>} send */
  hold(task, send) {
    void this.settle();
    this.#given = { task, send };
    this.#timer = setTimeout(() => void this.settle(), WINDOW);
    this.emit("change");
  }

  /** Takes the answer back: its task is still this person's. */
  take() {
    const given = this.#given;
    clearTimeout(this.#timer);
    this.#given = null;
    if (given) this.emit("change");
    return given?.task;
  }

  /** Hands it in now. */
  async settle() {
    const given = this.#given;
    if (!given) return;
    this.take();
    try {
      await patiently(given.send);
      await this.log.forget(given.task.id);
      this.emit("settled");
    } catch (error) {
      this.emit("refused", { task: given.task, error });
    }
  }
}
