import { boundsOf, kindOf } from "../shapes/index.js";

/** A longer tip of a sharp corner would reach out of what the layers clear around a shape. */
const MITER = 2;

/**
 * Draws shapes in picture pixels on a canvas in device pixels. `ratio` is device pixels per CSS pixel, so that lines
 * are as thick on every screen.
 * @implements {Path}
 */
export class Pen {
  /** @param {CanvasRenderingContext2D} context @param {View} view in device pixels @param {number} ratio */
  constructor(context, view, ratio) {
    this.context = context;
    this.ratio = ratio;
    this.scale = view.scale;
    this.x = view.x;
    this.y = view.y;
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.context.moveTo(x * this.scale + this.x, y * this.scale + this.y);
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.context.lineTo(x * this.scale + this.x, y * this.scale + this.y);
  }

  closePath() {
    this.context.closePath();
  }

  /** On whole pixels, or thin lines turn grey. @param {Rect} rect @returns {Rect} */
  place(rect) {
    const x = Math.round(rect.x * this.scale + this.x);
    const y = Math.round(rect.y * this.scale + this.y);
    return {
      x,
      y,
      width: Math.max(1, Math.round((rect.x + rect.width) * this.scale + this.x) - x),
      height: Math.max(1, Math.round((rect.y + rect.height) * this.scale + this.y) - y),
    };
  }

  /** The longer side on the screen, in CSS pixels. @param {Shape} shape */
  sideOf(shape) {
    const { width, height } = boundsOf(shape);
    return (Math.max(width, height) * this.scale) / this.ratio;
  }

  /** The outline as a path, ready to fill or stroke. @param {Shape} shape */
  outline(shape) {
    this.context.beginPath();
    if (shape.type === "box" && !shape.rotation) {
      const { x, y, width, height } = this.place(shape);
      this.context.rect(x, y, width, height);
    } else {
      kindOf(shape).trace(this, shape, (0.75 * this.ratio) / this.scale);
    }
  }

  /** @param {string} color @param {number} width in CSS pixels @param {number[]} [dash] */
  stroke(color, width, dash = []) {
    const { context, ratio } = this;
    context.strokeStyle = color;
    context.lineWidth = width * ratio;
    context.miterLimit = MITER;
    context.setLineDash(ratio === 1 ? dash : dash.map((length) => length * ratio));
    context.stroke();
  }

  /** @param {string} color @param {number} [alpha] */
  fill(color, alpha = 1) {
    this.context.globalAlpha = alpha;
    this.context.fillStyle = color;
    this.context.fill("evenodd");
    this.context.globalAlpha = 1;
  }
}
