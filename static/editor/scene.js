import { Grid } from "./hit_test.js";
import { boundsOf, isDrawable, kindOf } from "./shapes/index.js";

/**
 * Shapes in drawing order with an index over them. Larger shapes lie below smaller ones, whatever their age: a wheel
 * can always be reached on its car, and redrawing a part of the picture gives the same pixels as redrawing all of it.
 * A scene is never changed; an edit makes a new one.
 * @implements {Scene}
 */
export class ShapeScene {
  /** @param {Iterable<Shape>} shapes */
  constructor(shapes) {
    const sized = [];
    for (const shape of shapes) if (isDrawable(shape)) sized.push({ shape, area: boxArea(boundsOf(shape)) });
    sized.sort((a, b) => b.area - a.area);
    this.shapes = sized.map((one) => one.shape);
    this.boxes = this.shapes.map(boundsOf);
    this.grid = new Grid(this.boxes);
  }

  get size() {
    return this.shapes.length;
  }

  /** @param {number} index */
  at(index) {
    return this.shapes[index];
  }

  /** @param {number} index */
  bounds(index) {
    return this.boxes[index];
  }

  /** Indexes in drawing order. @param {Rect} rect */
  within(rect) {
    return this.grid.within(rect);
  }

  /** The topmost shape there. @param {Point} point @param {number} reach @returns {Shape | null} */
  hit(point, reach) {
    const index = this.grid.hit(point, reach, (k) => kindOf(this.shapes[k]).contains(this.shapes[k], point));
    return index < 0 ? null : this.shapes[index];
  }
}

/** @param {Rect} rect */
function boxArea(rect) {
  return rect.width * rect.height;
}
