import { holds, overlaps } from "../geometry.js";
import { boundsOf } from "../shapes/index.js";
import { Buffer } from "./buffer.js";
import { Pen } from "./pen.js";

const DIRECT = 250;
const PATCHES = 120;
const SWEPT = 30;
const ROOM = 0.2;
const SETTLED = 4;
const RESTED = 8;

/**
 * A layer of many shapes that stays fluid with ten thousand of them. Few shapes in view are simply drawn. Many come
 * from bitmaps: `overview` holds the whole picture at fit scale, `front` the view and a margin at full sharpness, and
 * `back` is the next front, painted a slice a frame.
 */
export class CachedLayer {
  #overview = new Buffer();
  #front = new Buffer();
  #back = new Buffer();
  /** @type {Set<Shape>} what the bitmaps show */
  #drawn = new Set();
  #perFrame = 400;
  #still = 0;
  #ratio = 1;
  #last = "";
  #direct = true;
  /** Frames since the slider last moved. */
  #rested = RESTED;

  /** @param {HTMLCanvasElement} canvas @param {Painter} painter @param {Raster | null} [raster] for shapes that come and go by the thousand */
  constructor(canvas, painter, raster = null) {
    this.canvas = canvas;
    this.raster = raster;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.painter = painter;
  }

  /** Whether the next frame has something to do even if nothing changes. */
  get isBusy() {
    return !this.#direct && (this.#rested < RESTED || this.#overview.isBuilding || this.#back.isBuilding || this.#still <= SETTLED);
  }

  /** Everything has to be drawn anew. */
  reset() {
    for (const buffer of [this.#overview, this.#front, this.#back]) buffer.isReady = false;
    this.#drawn = new Set();
    this.#still = 0;
  }

  /** Whether a bitmap is half made. */
  get isBuilding() {
    return !this.#direct && (this.#overview.isBuilding || this.#back.isBuilding);
  }

  /**
   * @param {Scene} scene @param {View} view in device pixels @param {number} ratio @param {Size} picture
   * @param {boolean} mayBuild whether this frame has room for a slice
   */
  draw(scene, view, ratio, picture, mayBuild) {
    const { context, canvas } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    const seen = { x: -view.x / view.scale, y: -view.y / view.scale, width: canvas.width / view.scale, height: canvas.height / view.scale };
    const visible = scene.within(seen);
    this.#direct = visible.length <= DIRECT;
    if (ratio !== this.#ratio) this.reset();
    this.#ratio = ratio;
    if (this.#direct) {
      const pen = new Pen(context, view, ratio);
      for (const index of visible) this.painter(pen, scene.at(index));
      // The bitmaps are not kept up while nobody looks at them.
      if (this.#drawn.size) this.reset();
      return;
    }
    const changes = this.#catchUp(scene);
    this.#watch(view);
    if (this.raster && this.#isSweeping(changes)) return this.raster.draw(context, scene, visible, view);
    this.#prepare(scene, view, picture, seen);
    if (mayBuild) this.#build(scene);
    this.#blit(view, seen);
  }

  /** Slices grow and shrink so that a frame with one stays within the screen's pace. @param {number} work ms */
  afterFrame(work) {
    if (work > 9) this.#perFrame = Math.max(100, Math.floor(this.#perFrame * 0.7));
    else if (work < 6) this.#perFrame = Math.min(4000, Math.floor(this.#perFrame * 1.15) + 10);
  }

  /** Patches what changed since the bitmaps were drawn. @param {Scene} scene @returns {number} how much did */
  #catchUp(scene) {
    const now = new Set();
    for (let k = 0; k < scene.size; k++) now.add(scene.at(k));
    const changed = [...difference(this.#drawn, now), ...difference(now, this.#drawn)];
    this.#drawn = now;
    if (!changed.length) return 0;
    const many = changed.length > (this.raster ? SWEPT : PATCHES);
    for (const buffer of [this.#overview, this.#front]) {
      if (many) buffer.isStale = true;
      else if (buffer.isReady) this.#patch(buffer, changed, scene);
    }
    // Half-made bitmaps count by the old scene's indexes.
    if (this.#back.isBuilding) this.#back.start(sizeOf(this.#back.canvas), this.#back.view, scene);
    if (this.#overview.isBuilding) this.#overview.start(sizeOf(this.#overview.canvas), this.#overview.view, scene);
    return changed.length;
  }

  /** Shapes come and go in every frame: bitmaps would only be thrown away. @param {number} changes */
  #isSweeping(changes) {
    const wasDrawn = this.#front.isReady;
    if (changes > SWEPT && wasDrawn) this.#rested = 0;
    else this.#rested++;
    return this.#rested < RESTED;
  }

  /** @param {Buffer} buffer @param {Shape[]} changed @param {Scene} scene */
  #patch(buffer, changed, scene) {
    for (const shape of changed) {
      if (overlaps(buffer.rect, boundsOf(shape))) buffer.patch(boundsOf(shape), scene, this.painter, this.#ratio);
    }
  }

  /** Counts the frames since the view last moved. @param {View} view */
  #watch(view) {
    const key = `${view.scale} ${view.x} ${view.y}`;
    this.#still = key === this.#last ? this.#still + 1 : 0;
    this.#last = key;
  }

  /** Starts the bitmap that is missing. @param {Scene} scene @param {View} view @param {Size} picture @param {Rect} seen */
  #prepare(scene, view, picture, seen) {
    if (this.#needsBack(view, seen)) this.#startBack(scene, view);
    else if (this.#needsOverview) this.#startOverview(scene, picture);
  }

  /** One slice. @param {Scene} scene */
  #build(scene) {
    if (this.#back.isBuilding) {
      this.#back.slice(this.#perFrame, scene, this.painter, this.#ratio);
      if (this.#back.isReady) this.#swap();
    } else if (this.#overview.isBuilding) {
      this.#overview.slice(this.#perFrame, scene, this.painter, this.#ratio);
    }
  }

  get #needsOverview() {
    const idle = !this.#overview.isBuilding && !this.#back.isBuilding;
    return idle && (!this.#overview.isReady || this.#overview.isStale);
  }

  /** @param {View} view @param {Rect} seen */
  #needsBack(view, seen) {
    if (this.#back.isBuilding) {
      const off = view.scale / this.#back.view.scale;
      return off > 2.2 || off < 1 / 2.2 || (!holds(this.#back.rect, seen) && this.#still === SETTLED);
    }
    const zoom = view.scale / this.#front.view.scale;
    if (!this.#front.isReady || this.#front.isStale || zoom > 1.5 || zoom < 0.67) return true;
    return !holds(this.#front.rect, seen) || (zoom !== 1 && this.#still >= SETTLED);
  }

  /** @param {Scene} scene @param {View} view */
  #startBack(scene, view) {
    const { width, height } = this.canvas;
    const size = { width: Math.ceil(width * (1 + 2 * ROOM)), height: Math.ceil(height * (1 + 2 * ROOM)) };
    const shifted = { scale: view.scale, x: view.x + Math.round(width * ROOM), y: view.y + Math.round(height * ROOM) };
    this.#back.start(size, shifted, scene);
    if (this.#back.isReady) this.#swap();
  }

  /** @param {Scene} scene @param {Size} picture */
  #startOverview(scene, picture) {
    const scale = Math.min(this.canvas.width / picture.width, this.canvas.height / picture.height);
    const size = { width: Math.ceil(picture.width * scale), height: Math.ceil(picture.height * scale) };
    this.#overview.start(size, { scale, x: 0, y: 0 }, scene);
  }

  #swap() {
    [this.#front, this.#back] = [this.#back, this.#front];
    this.#back.isReady = false;
  }

  /** @param {View} view @param {Rect} seen */
  #blit(view, seen) {
    const covered = this.#front.isReady && holds(this.#front.rect, seen);
    if (!covered && this.#overview.isReady) this.#place(this.#overview, view);
    if (!this.#front.isReady) return;
    if (!covered) {
      const { x, y, width, height } = new Pen(this.context, view, 1).place(this.#front.rect);
      this.context.clearRect(x, y, width, height);
    }
    this.#place(this.#front, view);
  }

  /** @param {Buffer} buffer @param {View} view */
  #place({ canvas, view: own }, view) {
    const zoom = view.scale / own.scale;
    // Smoothing costs a third of a moving frame and cannot be seen in it.
    this.context.imageSmoothingEnabled = this.#still > 0;
    const x = Math.round(view.x - own.x * zoom);
    const y = Math.round(view.y - own.y * zoom);
    this.context.drawImage(canvas, x, y, canvas.width * zoom, canvas.height * zoom);
  }
}

/** @template T @param {Set<T>} from @param {Set<T>} without */
function* difference(from, without) {
  for (const one of from) if (!without.has(one)) yield one;
}

/** @param {Size} canvas @returns {Size} */
function sizeOf({ width, height }) {
  return { width, height };
}
