import { TileStore } from "./tile_store.js";

const DIM = "rgba(14,15,17,.62)";
const EDGE = "rgba(255,255,255,.9)";

/** The picture: a preview at once, then tiles of the level that fits the scale; outside the unit it is dimmed. */
export class PictureLayer {
  /** @param {HTMLCanvasElement} canvas @param {Editor} editor @param {() => void} arrived */
  constructor(canvas, editor, arrived) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this.editor = editor;
    const memory = /** @type {{deviceMemory?: number}} */ (navigator).deviceMemory ?? 8;
    this.tiles = new TileStore(arrived, memory <= 4 ? 150 : 300);
    this.previews = new TileStore(arrived, 4);
    /** What the next task will need at once. @type {{tiles: string[], previews: string[]}} */
    this.ahead = { tiles: [], previews: [] };
  }

  /** Another task: what was made ready for it stays. */
  restart() {
    this.tiles.clear(new Set(this.ahead.tiles));
    this.previews.clear(new Set(this.ahead.previews));
    this.ahead = { tiles: [], previews: [] };
  }

  /** Loads the picture of the next task as it will open. @param {Picture} item @param {View} view in device pixels */
  prepare(item, view) {
    this.ahead = { tiles: item.tiles?.levels ? tilesIn(item, cellsIn(item, view, this.canvas)) : [], previews: [wholeUrl(item)] };
  }

  /** @param {View} view in device pixels @param {number} ratio @param {string} ground */
  draw(view, ratio, ground) {
    const { context, canvas, editor } = this;
    context.fillStyle = ground;
    context.fillRect(0, 0, canvas.width, canvas.height);
    const item = editor.task?.item;
    if (!item) return;
    // Who draws wants to see pixels; who tells what a thing is does not.
    context.imageSmoothingEnabled = view.scale < 4 || editor.isObject;
    this.#drawWhole(item, view);
    if (item.tiles?.levels) this.#drawTiles(item, view);
    if (editor.isPart) this.#dim(view, ratio);
  }

  /** @param {Picture} item @param {View} view */
  #drawWhole(item, view) {
    const url = wholeUrl(item);
    this.previews.want([item.preview, url, ...this.ahead.previews]);
    const bitmap = this.previews.get(url) ?? this.previews.get(item.preview);
    if (bitmap) this.#place(bitmap, bitmap.width, bitmap.height, { x: 0, y: 0, width: item.width, height: item.height }, view);
  }

  /** @param {Picture} item @param {View} view */
  #drawTiles(item, view) {
    const cells = cellsIn(item, view, this.canvas);
    for (const cell of cells) this.#drawCell(item, cell, view);
    this.tiles.want([...tilesIn(item, cells), ...this.ahead.tiles]);
  }

  /** The tile, else the part of its nearest ancestor that is here. @param {Picture} item @param {Cell} cell @param {View} view */
  #drawCell(item, cell, view) {
    const { levels, size } = item.tiles;
    const target = rectOf(item, cell);
    if (target.width <= 0 || target.height <= 0) return;
    for (let up = 0; up <= cell.z; up++) {
      const parent = { z: cell.z - up, x: cell.x >> up, y: cell.y >> up };
      const bitmap = this.tiles.get(tileUrl(item, parent));
      if (!bitmap) continue;
      const scale = scaleOf(levels, parent.z);
      const left = target.x * scale - parent.x * size;
      const top = target.y * scale - parent.y * size;
      const wide = Math.min(bitmap.width - left, target.width * scale);
      const high = Math.min(bitmap.height - top, target.height * scale);
      if (wide > 0 && high > 0) this.#place(bitmap, wide, high, target, view, left, top);
      return;
    }
  }

  /**
   * Floors both edges, or seams show between tiles.
   * @param {ImageBitmap} bitmap @param {number} wide @param {number} high
   * @param {Rect} to @param {View} view @param {number} [left] @param {number} [top]
   */
  #place(bitmap, wide, high, to, view, left = 0, top = 0) {
    const x = Math.floor(to.x * view.scale + view.x);
    const y = Math.floor(to.y * view.scale + view.y);
    const width = Math.floor((to.x + to.width) * view.scale + view.x) - x;
    const height = Math.floor((to.y + to.height) * view.scale + view.y) - y;
    this.context.drawImage(bitmap, left, top, wide, high, x, y, width, height);
  }

  /** @param {View} view @param {number} ratio */
  #dim(view, ratio) {
    const { context, canvas } = this;
    const { region } = this.editor;
    const x = Math.round(region.x * view.scale + view.x);
    const y = Math.round(region.y * view.scale + view.y);
    const width = Math.round(region.width * view.scale);
    const height = Math.round(region.height * view.scale);
    context.fillStyle = DIM;
    context.beginPath();
    context.rect(0, 0, canvas.width, canvas.height);
    context.rect(x, y, width, height);
    context.fill("evenodd");
    if (this.editor.isObject) return; // its corners say where it is
    context.strokeStyle = EDGE;
    context.lineWidth = ratio;
    context.strokeRect(x - ratio / 2, y - ratio / 2, width + ratio, height + ratio);
  }
}

/** @typedef {{z: number, x: number, y: number}} Cell */

/** The whole picture in one file: small where tiles follow. @param {Picture} item */
function wholeUrl(item) {
  return item.tiles?.levels ? item.preview : item.full;
}

/** The tiles on the screen, those in the middle first. @param {Picture} item @param {View} view @param {Size} canvas @returns {Cell[]} */
export function cellsIn(item, view, canvas) {
  const level = levelFor(item.tiles.levels, view.scale);
  const span = item.tiles.size / scaleOf(item.tiles.levels, level);
  const seen = { left: -view.x / view.scale, top: -view.y / view.scale };
  const right = Math.min(item.width, seen.left + canvas.width / view.scale);
  const bottom = Math.min(item.height, seen.top + canvas.height / view.scale);
  const cells = [];
  for (let y = Math.max(0, Math.floor(seen.top / span)); y * span < bottom; y++) {
    for (let x = Math.max(0, Math.floor(seen.left / span)); x * span < right; x++) cells.push({ z: level, x, y });
  }
  const centre = { x: (seen.left + right) / 2 / span - 0.5, y: (seen.top + bottom) / 2 / span - 0.5 };
  return cells.sort((a, b) => away(a, centre) - away(b, centre));
}

/** Level 0 is the coarsest, the last is full resolution. @param {number} levels @param {number} level */
function scaleOf(levels, level) {
  return 2 ** (level - (levels - 1));
}

/** The coarsest level that is not blurred at this scale. @param {number} levels @param {number} scale */
export function levelFor(levels, scale) {
  const exact = levels - 1 + Math.log2(scale) - 0.15;
  return Math.max(0, Math.min(levels - 1, Math.ceil(exact)));
}

/** @param {Picture} item @param {Cell} cell @returns {Rect} in picture pixels */
function rectOf(item, cell) {
  const span = item.tiles.size / scaleOf(item.tiles.levels, cell.z);
  const [x, y] = [cell.x * span, cell.y * span];
  return { x, y, width: Math.min(span, item.width - x), height: Math.min(span, item.height - y) };
}

/** @param {Picture} item @param {Cell} cell */
function tileUrl(item, { z, x, y }) {
  return item.tiles.url.replace("{z}", String(z)).replace("{x}", String(x)).replace("{y}", String(y));
}

/** The coarsest one stands in for all that are not here yet. @param {Picture} item @param {Cell[]} cells */
function tilesIn(item, cells) {
  return [{ z: 0, x: 0, y: 0 }, ...cells].map((cell) => tileUrl(item, cell));
}

/** @param {Point} cell @param {Point} centre */
function away(cell, centre) {
  return (cell.x - centre.x) ** 2 + (cell.y - centre.y) ** 2;
}
