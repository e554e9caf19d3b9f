const IN_FLIGHT = 8;
const RETRY = 4000;

/**
 * Pictures from the network as bitmaps: at most eight requests at once, those nearest to the middle of the view
 * first, those that left the view aborted, and the oldest let go when there are too many.
 */
export class TileStore {
  /** @type {Map<string, ImageBitmap>} oldest use first */
  #bitmaps = new Map();
  /** @type {Map<string, AbortController>} */
  #loading = new Map();
  /** @type {Map<string, number>} when to try again */
  #failed = new Map();
  /** @type {string[]} */
  #queue = [];

  /** @param {() => void} arrived @param {number} most bitmaps kept */
  constructor(arrived, most = 300) {
    this.arrived = arrived;
    this.most = most;
  }

  /** @param {string} url */
  get(url) {
    const bitmap = this.#bitmaps.get(url);
    if (bitmap) {
      this.#bitmaps.delete(url);
      this.#bitmaps.set(url, bitmap);
    }
    return bitmap;
  }

  /** What the view needs now, most urgent first; everything else is no longer wanted. @param {string[]} urls */
  want(urls) {
    const wanted = new Set(urls);
    for (const [url, controller] of this.#loading) if (!wanted.has(url)) controller.abort();
    const now = Date.now();
    this.#queue = urls.filter((url) => !this.#bitmaps.has(url) && (this.#failed.get(url) ?? 0) < now);
    this.#pump();
  }

  /** Lets go of everything but these. @param {Set<string>} [kept] */
  clear(kept = new Set()) {
    for (const [url, controller] of this.#loading) {
      if (kept.has(url)) continue;
      controller.abort();
      this.#loading.delete(url);
    }
    for (const [url, bitmap] of this.#bitmaps) {
      if (kept.has(url)) continue;
      bitmap.close();
      this.#bitmaps.delete(url);
    }
    this.#failed.clear();
    this.#queue = [];
  }

  #pump() {
    while (this.#queue.length && this.#loading.size < IN_FLIGHT) {
      const url = /** @type {string} */ (this.#queue.shift());
      if (!this.#loading.has(url)) this.#load(url);
    }
  }

  /** @param {string} url */
  async #load(url) {
    const controller = new AbortController();
    this.#loading.set(url, controller);
    try {
      const answer = await fetch(url, { signal: controller.signal });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const bitmap = await createImageBitmap(await answer.blob());
      // Decoding cannot be aborted: by now another task may be open.
      if (this.#loading.get(url) === controller) this.#keep(url, bitmap);
      else bitmap.close();
    } catch {
      // A part that is not made yet or did not arrive: its coarser parent stays on the screen, and it is tried again.
      if (!controller.signal.aborted) this.#retryLater(url);
    } finally {
      if (this.#loading.get(url) === controller) this.#loading.delete(url);
      this.#pump();
    }
  }

  /** @param {string} url @param {ImageBitmap} bitmap */
  #keep(url, bitmap) {
    this.#bitmaps.set(url, bitmap);
    for (const [old, one] of this.#bitmaps) {
      if (this.#bitmaps.size <= this.most) break;
      one.close();
      this.#bitmaps.delete(old);
    }
    this.arrived();
  }

  /** @param {string} url */
  #retryLater(url) {
    this.#failed.set(url, Date.now() + RETRY);
    setTimeout(this.arrived, RETRY + 50);
  }
}
