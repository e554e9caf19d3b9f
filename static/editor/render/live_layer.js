import { handlesOf } from "../handles.js";
import { overlaps, union } from "../geometry.js";
import { boundsOf, isDrawable } from "../shapes/index.js";
import { paintBrackets, paintHandles, paintShape, paintSuggestion, paintTag } from "./paint.js";
import { inkOf } from "./palette.js";
import { Pen } from "./pen.js";

const TAGS = 12;
const HANDLED = 30;
const PICKED = 1500;
const ACCENT = "#1f5bd8";

/** What follows the hand: hovered, selected and dragged shapes, handles, tags, the outline being drawn. */
export class LiveLayer {
  /** What the last frame painted, in device pixels. @type {Rect | null} */
  #dirty = null;

  /** @param {HTMLCanvasElement} canvas @param {Editor} editor */
  constructor(canvas, editor) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.editor = editor;
  }

  /** @param {View} view in device pixels @param {number} ratio @param {Set<string>} lifted */
  draw(view, ratio, lifted) {
    this.#wipe();
    const pen = new Pen(this.context, view, ratio);
    if (this.editor.isObject) return this.#subject(pen);
    const { selection } = this.editor;
    const seen = this.editor.viewport.visible();
    const picked = selection
      .ids()
      .flatMap((id) => this.editor.find(id) ?? [])
      .filter((shape) => isDrawable(shape) && overlaps(boundsOf(shape), seen))
      .slice(0, PICKED);
    const drawn = new Set(picked.map(({ id }) => id));
    for (const id of lifted) {
      const shape = drawn.has(id) ? undefined : this.editor.store.get(id);
      if (shape && isDrawable(shape)) this.#paint(pen, shape, false);
    }
    for (const shape of picked) this.#paint(pen, shape, true);
    if (picked.length <= HANDLED && !this.editor.readOnly) for (const shape of picked) this.#handles(pen, shape);
    for (const shape of picked.slice(0, TAGS)) this.#tag(pen, shape);
    this.#hover(pen);
    this.#preview(pen);
  }

  /** The outline shows only where it says more than the corners do. @param {Pen} pen */
  #subject(pen) {
    const { subject } = this.editor;
    if (!subject || !isDrawable(subject)) return;
    if (subject.type !== "box" || subject.rotation) {
      pen.outline(subject);
      pen.stroke("rgba(0,0,0,.6)", 3);
      pen.stroke("#ffffff", 1.25, [6, 3]);
    }
    this.#grow(paintBrackets(pen, boundsOf(subject)));
  }

  #wipe() {
    if (this.#dirty) this.context.clearRect(this.#dirty.x, this.#dirty.y, this.#dirty.width, this.#dirty.height);
    this.#dirty = null;
  }

  /** @param {Pen} pen */
  #hover(pen) {
    const { selection } = this.editor;
    const shape = selection.hover && !selection.has(selection.hover) ? this.editor.find(selection.hover) : undefined;
    if (!shape) return;
    if (this.#isSuggestion(shape)) paintSuggestion(pen, shape, { hover: true });
    else paintShape(pen, shape, this.#ink(shape));
    this.#mark(pen, boundsOf(shape));
    this.#tag(pen, shape);
  }

  /** @param {Pen} pen */
  #preview(pen) {
    const { preview, labels } = this.editor;
    if (!preview) return;
    const { context } = this;
    context.beginPath();
    if (preview.kind === "band") {
      const { x, y, width, height } = pen.place(preview.rect);
      context.rect(x + 0.5, y + 0.5, width, height);
      pen.fill("#ffffff", 0.12);
      pen.stroke("rgba(0,0,0,.6)", 3);
      pen.stroke("#ffffff", 1, [4, 3]);
      return this.#mark(pen, preview.rect);
    }
    const ink = inkOf(labels.get(preview.label));
    preview.points.forEach((point, k) => (k ? pen.lineTo(point.x, point.y) : pen.moveTo(point.x, point.y)));
    pen.stroke("rgba(0,0,0,.72)", 4.5);
    pen.stroke(ink.color, 2.25);
    const corners = preview.points.slice(0, -1).map(({ x, y }) => ({ x, y, name: "", cursor: "" }));
    paintHandles(pen, corners, "#17181b", false);
    this.#mark(pen, boundsOfPoints(preview.points));
  }

  /** @param {Pen} pen @param {Shape} shape @param {boolean} picked */
  #paint(pen, shape, picked) {
    if (this.#isSuggestion(shape)) paintSuggestion(pen, shape, { picked });
    else {
      paintShape(pen, shape, this.#ink(shape), picked);
      if (picked && pen.sideOf(shape) > 6) pen.stroke("#ffffff", 1);
    }
    this.#mark(pen, boundsOf(shape));
  }

  /** @param {Pen} pen @param {Shape} shape */
  #handles(pen, shape) {
    const small = pen.sideOf(shape) < 30;
    paintHandles(pen, handlesOf(shape, pen.scale / pen.ratio), this.#isSuggestion(shape) ? ACCENT : "#17181b", small);
  }

  /** @param {Pen} pen @param {Shape} shape */
  #tag(pen, shape) {
    const label = this.editor.labels.get(shape.label);
    const suggested = this.#isSuggestion(shape);
    const score = suggested && shape.score !== undefined ? `  ${shape.score.toFixed(2)}` : "";
    this.#grow(paintTag(pen, shape, `${label?.title ?? shape.label}${score}`, suggested ? "#ffffff" : this.#ink(shape).color));
  }

  /** @param {Shape} shape */
  #isSuggestion(shape) {
    return !this.editor.store.has(shape.id);
  }

  /** @param {Shape} shape */
  #ink(shape) {
    return inkOf(this.editor.labels.get(shape.label));
  }

  /** @param {Pen} pen @param {Rect} rect in picture pixels */
  #mark(pen, rect) {
    const { x, y, width, height } = pen.place(rect);
    const room = 8 * pen.ratio;
    this.#grow({ x: x - room, y: y - room, width: width + 2 * room, height: height + 2 * room });
  }

  /** @param {Rect} area in device pixels */
  #grow({ x, y, width, height }) {
    const area = { x: Math.floor(x), y: Math.floor(y), width: Math.ceil(width) + 2, height: Math.ceil(height) + 2 };
    this.#dirty = this.#dirty ? union(this.#dirty, area) : area;
  }
}

/** @param {Point[]} points @returns {Rect} */
function boundsOfPoints(points) {
  return points.map(({ x, y }) => ({ x, y, width: 0, height: 0 })).reduce((all, one) => union(all, one));
}
