/** Asks the server what it has by a name: not at every key, and never with two questions at once. */
import { ask } from "../api.js";

const PAUSE = 160;
const SHORTEST = 2;

export class Finding {
  isAsking = false;
  /** @type {AbortController | null} */ #asked = null;
  /** @type {unknown} */ #timer;

  /**
   * @param {string} url
   * @param {(found: Found[], words: string) => void} show
   * @param {{wait?: (act: () => void, ms: number) => unknown, stop?: (timer: any) => void}} [clock] for tests
   */
  constructor(url, show, { wait = setTimeout, stop = clearTimeout } = {}) {
    this.url = url;
    this.show = show;
    this.wait = wait.bind(globalThis);
    this.stop = stop.bind(globalThis);
  }

  /** Forget the last question, and ask this one if it is long enough. @param {string} words */
  ask(words) {
    this.stop(this.#timer);
    this.#asked?.abort();
    this.#asked = null;
    const wanted = words.trim();
    this.isAsking = Boolean(this.url) && wanted.length >= SHORTEST;
    if (this.isAsking) this.#timer = this.wait(() => void this.#send(wanted), PAUSE);
    else this.show([], wanted);
  }

  /** @param {string} wanted */
  async #send(wanted) {
    const own = new AbortController();
    this.#asked = own;
    /** @type {Found[]} */
    let found = [];
    try {
      found = (await ask("GET", `${this.url}?q=${encodeURIComponent(wanted)}`, undefined, own.signal)).results;
    } catch {
      // Offline, or overtaken by the next question: the page's own lines are there all the same.
    }
    if (this.#asked !== own) return;
    this.isAsking = false;
    this.show(found, wanted);
  }
}
