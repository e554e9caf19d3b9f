import { isInside, padded } from "./geometry.js";

const CELL = 128;
const LARGE = 16;

/**
 * A uniform grid over bounding boxes in compressed rows: `start[cell] … start[cell + 1]` are the entries of a cell.
 * Shapes that cover more than 16 cells are kept in a short list, so that one shape over the whole picture does not
 * fill the grid. Building 10,000 boxes takes under 2 ms, so an edit simply builds a new grid.
 */
export class Grid {
  left = 0;
  top = 0;
  columns = 0;
  rows = 0;
  start = new Int32Array(1);
  entries = new Int32Array(0);

  /** @param {ArrayLike<Rect>} bounds */
  constructor(bounds) {
    this.bounds = bounds;
    /** @type {number[]} */
    this.large = [];
    this.#measure();
    this.#fill();
  }

  /** Indexes whose boxes touch the rectangle, ascending. @param {Rect} rect @returns {number[]} */
  within(rect) {
    /** @type {Set<number>} */
    const found = new Set();
    for (const index of this.large) if (touches(this.bounds[index], rect)) found.add(index);
    this.#eachCell(rect, (cell) => {
      for (let k = this.start[cell]; k < this.start[cell + 1]; k++) {
        if (touches(this.bounds[this.entries[k]], rect)) found.add(this.entries[k]);
      }
    });
    return [...found].sort((a, b) => a - b);
  }

  /**
   * The highest index under a point for which the exact test holds, else the nearest box within reach, else -1.
   * @param {Point} point
   * @param {number} reach
   * @param {(index: number) => boolean} contains
   */
  hit(point, reach, contains) {
    let near = -1;
    const candidates = this.within(padded({ ...point, width: 0, height: 0 }, reach));
    for (let k = candidates.length - 1; k >= 0; k--) {
      const index = candidates[k];
      const box = this.bounds[index];
      if (isInside(box, point) && contains(index)) return index;
      const small = Math.max(box.width, box.height) < 2 * reach;
      if (near < 0 && small && isInside(padded(box, reach), point)) near = index;
    }
    return near;
  }

  #measure() {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < this.bounds.length; i++) {
      const box = this.bounds[i];
      left = Math.min(left, box.x);
      top = Math.min(top, box.y);
      right = Math.max(right, box.x + box.width);
      bottom = Math.max(bottom, box.y + box.height);
    }
    if (!this.bounds.length) return;
    this.left = left;
    this.top = top;
    this.columns = Math.floor((right - left) / CELL) + 1;
    this.rows = Math.floor((bottom - top) / CELL) + 1;
  }

  #fill() {
    const counts = new Int32Array(this.columns * this.rows + 1);
    for (let i = 0; i < this.bounds.length; i++) {
      if (this.#cellsOf(this.bounds[i]) > LARGE) this.large.push(i);
      else this.#eachCell(this.bounds[i], (cell) => counts[cell + 1]++);
    }
    for (let cell = 0; cell < counts.length - 1; cell++) counts[cell + 1] += counts[cell];
    this.start = counts;
    this.entries = new Int32Array(counts[counts.length - 1]);
    const next = counts.slice();
    const large = new Set(this.large);
    for (let i = 0; i < this.bounds.length; i++) {
      if (!large.has(i)) this.#eachCell(this.bounds[i], (cell) => (this.entries[next[cell]++] = i));
    }
  }

  /** @param {Rect} rect */
  #cellsOf(rect) {
    const span = (/** @type {number} */ from, /** @type {number} */ length) =>
      Math.floor((from + length) / CELL) - Math.floor(from / CELL) + 1;
    return span(rect.x - this.left, rect.width) * span(rect.y - this.top, rect.height);
  }

  /** @param {Rect} rect @param {(cell: number) => void} visit */
  #eachCell(rect, visit) {
    const first = Math.max(0, Math.floor((rect.x - this.left) / CELL));
    const last = Math.min(this.columns - 1, Math.floor((rect.x + rect.width - this.left) / CELL));
    const upper = Math.max(0, Math.floor((rect.y - this.top) / CELL));
    const lower = Math.min(this.rows - 1, Math.floor((rect.y + rect.height - this.top) / CELL));
    for (let row = upper; row <= lower; row++) {
      for (let column = first; column <= last; column++) visit(row * this.columns + column);
    }
  }
}

/** Touching edges count: a box of no width still has to be found. @param {Rect} a @param {Rect} b */
function touches(a, b) {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
}
