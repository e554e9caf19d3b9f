import { Emitter } from "./emitter.js";
import { clamp, middle } from "./geometry.js";

const MOST = 40;

/** Where the picture lies on the screen: screen = picture × scale + (x, y), in CSS pixels. Emits "change". */
export class Viewport extends Emitter {
  /** @type {Size} */
  size = { width: 1, height: 1 };
  /** @type {Size} */
  picture = { width: 1, height: 1 };
  scale = 1;
  x = 0;
  y = 0;
  /** What the view was fitted to, until a person moves it. @type {{rect: Rect, margin?: number} | null} */
  #fitted = null;

  /** The smallest scale: the whole picture takes a third of the stage. */
  get least() {
    return Math.min(1, this.scaleOf({ x: 0, y: 0, ...this.picture }, 0) / 3);
  }

  /** @param {Point} point @returns {Point} */
  toPicture(point) {
    return { x: (point.x - this.x) / this.scale, y: (point.y - this.y) / this.scale };
  }

  /** @param {Point} point @returns {Point} */
  toScreen(point) {
    return { x: point.x * this.scale + this.x, y: point.y * this.scale + this.y };
  }

  /** The part of the picture plane that is on the screen. @returns {Rect} */
  visible() {
    const { x, y } = this.toPicture({ x: 0, y: 0 });
    return { x, y, width: this.size.width / this.scale, height: this.size.height / this.scale };
  }

  /** @param {Rect} rect @param {number} margin screen pixels kept free on each side */
  scaleOf(rect, margin) {
    const { width, height } = this.size;
    return Math.min((width - 2 * margin) / rect.width, (height - 2 * margin) / rect.height);
  }

  /** @param {Rect} rect @param {number} [margin] */
  fit(rect, margin) {
    Object.assign(this, this.viewOf(rect, margin));
    this.#fitted = { rect, margin };
    this.emit("change");
  }

  /** How a rectangle fills the stage. @param {Rect} rect @param {number} [margin] @returns {View} */
  viewOf(rect, margin = Math.min(48, this.size.width / 12)) {
    const scale = clamp(this.scaleOf(rect, margin), this.least, MOST);
    const { x, y } = middle(rect);
    return { scale, x: this.size.width / 2 - x * scale, y: this.size.height / 2 - y * scale };
  }

  /** The stage has another size: what was fitted stays fitted. @param {Size} size */
  resize(size) {
    this.size = size;
    if (this.#fitted) this.fit(this.#fitted.rect, this.#fitted.margin);
    else this.emit("change");
  }

  /** @param {Point} point in picture pixels */
  centre(point) {
    this.#fitted = null;
    this.x = this.size.width / 2 - point.x * this.scale;
    this.y = this.size.height / 2 - point.y * this.scale;
    this.emit("change");
  }

  /** @param {number} factor @param {Point} [about] screen point that stays where it is */
  zoom(factor, about = { x: this.size.width / 2, y: this.size.height / 2 }) {
    this.#fitted = null;
    const scale = clamp(this.scale * factor, this.least, MOST);
    this.x = about.x - ((about.x - this.x) * scale) / this.scale;
    this.y = about.y - ((about.y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.emit("change");
  }

  /** @param {number} dx @param {number} dy in screen pixels */
  pan(dx, dy) {
    this.#fitted = null;
    this.x += dx;
    this.y += dy;
    this.emit("change");
  }

  /** Brings a rectangle on the screen, moving no more than needed. @param {Rect} rect */
  reveal(rect) {
    const seen = this.visible();
    const inside =
      rect.x >= seen.x &&
      rect.y >= seen.y &&
      rect.x + rect.width <= seen.x + seen.width &&
      rect.y + rect.height <= seen.y + seen.height;
    if (!inside) this.centre(middle(rect));
  }
}
