import { padded } from "../geometry.js";
import { Pen } from "./pen.js";

const BORDER = 5;

/** A bitmap of shapes at one scale, drawn in slices over several frames and patched where shapes change. */
export class Buffer {
  /** Whether it can be shown. */
  isReady = false;
  /** Whether it shows an older state and should be made again. */
  isStale = false;
  /** @type {View} */
  view = { scale: 1, x: 0, y: 0 };
  /** Indexes still to draw. @type {number[]} */
  #left = [];
  #next = 0;

  constructor() {
    this.canvas = document.createElement("canvas");
    // Read back after each slice, so the browser has to keep it where reading is cheap.
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", { willReadFrequently: true }));
  }

  get isBuilding() {
    return this.#next < this.#left.length;
  }

  /** The part of the picture plane that it holds. @returns {Rect} */
  get rect() {
    const { scale, x, y } = this.view;
    return { x: -x / scale, y: -y / scale, width: this.canvas.width / scale, height: this.canvas.height / scale };
  }

  /** @param {Size} size @param {View} view @param {Scene} scene */
  start(size, view, scene) {
    if (this.canvas.width !== size.width || this.canvas.height !== size.height) Object.assign(this.canvas, size);
    else this.context.clearRect(0, 0, size.width, size.height);
    this.view = view;
    this.isReady = this.isStale = false;
    this.#left = scene.within(this.rect);
    this.#next = 0;
    if (!this.#left.length) this.isReady = true;
  }

  /** @param {number} count @param {Scene} scene @param {Painter} painter @param {number} ratio */
  slice(count, scene, painter, ratio) {
    const pen = new Pen(this.context, this.view, ratio);
    const end = Math.min(this.#next + count, this.#left.length);
    for (; this.#next < end; this.#next++) painter(pen, scene.at(this.#left[this.#next]));
    // Canvas 2D only records: without reading one pixel, every slice would be painted in one long task at the swap.
    this.context.getImageData(0, 0, 1, 1);
    if (!this.isBuilding) this.isReady = true;
  }

  /** Draws one part again. @param {Rect} rect @param {Scene} scene @param {Painter} painter @param {number} ratio */
  patch(rect, scene, painter, ratio) {
    const pen = new Pen(this.context, this.view, ratio);
    const area = padded(pen.place(rect), BORDER * ratio);
    const touched = padded(rect, (2 * BORDER * ratio) / this.view.scale);
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(area.x, area.y, area.width, area.height);
    context.clip();
    context.clearRect(area.x, area.y, area.width, area.height);
    for (const index of scene.within(touched)) painter(pen, scene.at(index));
    context.restore();
  }
}
