import { distance, middle, rectBetween } from "../geometry.js";

/** Two fingers move and zoom the picture together. */
export class Pinch {
  /** @type {Map<number, Point>} */
  #fingers = new Map();

  /** @param {Viewport} viewport */
  constructor(viewport) {
    this.viewport = viewport;
  }

  /** @param {Point} place @param {number} finger @returns {boolean} whether two fingers or more are down now */
  down(place, finger) {
    this.#fingers.set(finger, place);
    return this.#fingers.size >= 2;
  }

  /** @param {Point} place @param {number} finger @returns {boolean} whether the move was used up */
  move(place, finger) {
    if (this.#fingers.size !== 2 || !this.#fingers.has(finger)) return false;
    const [a, b] = this.#fingers.values();
    const [before, apart] = [middle(rectBetween(a, b)), distance(a, b)];
    this.#fingers.set(finger, place);
    const [c, d] = this.#fingers.values();
    const after = middle(rectBetween(c, d));
    this.viewport.pan(after.x - before.x, after.y - before.y);
    if (apart > 0) this.viewport.zoom(distance(c, d) / apart, after);
    return true;
  }

  /** @param {number} finger */
  up(finger) {
    this.#fingers.delete(finger);
  }
}
