const FRAMES = 20;
const LIMIT = 14;

/**
 * How sharp the heavy layers are drawn. It starts at the screen's own ratio, at most 2, and steps down by a half where
 * the machine cannot keep pace: judged by how long frames take, not by the name of a device.
 */
export class Strain {
  sharpest = screenRatio();
  ratio = this.sharpest;
  /** @type {number[]} */
  #works = [];

  /** The page may have been zoomed, or moved to another screen. */
  look() {
    const sharpest = screenRatio();
    if (sharpest === this.sharpest) return;
    this.sharpest = this.ratio = sharpest;
    this.#works = [];
  }

  /** @param {number} work ms of one frame @returns {boolean} whether the ratio went down */
  tooMuch(work) {
    if (this.ratio <= 1) return false;
    this.#works.push(work);
    if (this.#works.length < FRAMES) return false;
    const median = this.#works.sort((a, b) => a - b)[FRAMES / 2];
    this.#works = [];
    if (median <= LIMIT) return false;
    this.ratio = Math.max(1, this.ratio - 0.5);
    return true;
  }
}

function screenRatio() {
  return Math.min(2, Math.max(1, globalThis.devicePixelRatio ?? 1));
}
