import { ShapeScene } from "../scene.js";
import { OBJECT_MARGIN, regionOf } from "../unit.js";
import { CachedLayer } from "./cached_layer.js";
import { LiveLayer } from "./live_layer.js";
import { paintBeside, paintShape, paintSuggestion } from "./paint.js";
import { inkOf } from "./palette.js";
import { Pen } from "./pen.js";
import { PictureLayer } from "./picture_layer.js";
import { Raster } from "./raster.js";
import { paintReading } from "./reading_marks.js";
import { Strain } from "./strain.js";

/** @typedef {Record<Layer, HTMLCanvasElement>} Canvases */

/**
 * One animation frame loop over four canvases. A change marks the layers that show it; a frame draws only those, and
 * no frame is asked for while nothing changes.
 */
export class Renderer {
  /** @type {Set<Layer>} */
  #dirty = new Set();
  #asked = false;
  #strain = new Strain();
  /** Shapes of the open gesture: off the shape layer, on the live one. @type {Set<string>} */
  #lifted = new Set();
  #ground = "#000000";
  /** @type {{from: ShapeScene, without: number, scene: ShapeScene} | null} */
  #thinned = null;

  /** @param {Editor} editor @param {Canvases} canvases */
  constructor(editor, canvases) {
    this.editor = editor;
    this.canvases = canvases;
    this.picture = new PictureLayer(canvases.picture, editor, () => this.mark("picture"));
    this.shapes = new CachedLayer(canvases.shapes, (pen, shape) => {
      if (editor.store.has(shape.id)) paintShape(pen, shape, inkOf(editor.labels.get(shape.label)));
      else paintBeside(pen, shape, inkOf(editor.labels.get(shape.label)));
    });
    this.suggestions = new CachedLayer(canvases.suggestions, (pen, shape) => paintSuggestion(pen, shape), new Raster());
    this.live = new LiveLayer(canvases.live, editor);
    this.#listen();
  }

  /** @param {...Layer} layers */
  mark(...layers) {
    for (const layer of layers) this.#dirty.add(layer);
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => this.#frame());
  }

  markAll() {
    this.mark("picture", "shapes", "suggestions", "live");
  }

  /** The stage has another size. @param {Size} size in CSS pixels */
  resize(size) {
    this.#strain.look();
    this.editor.viewport.resize(size);
    this.#fitCanvases();
  }

  /** The next task's picture, so that it is there when the task opens. @param {Task} task */
  prepare(task) {
    const { scale, x, y } = this.editor.viewport.viewOf(regionOf(task), OBJECT_MARGIN);
    const { ratio } = this.#strain;
    this.picture.prepare(task.item, { scale: scale * ratio, x: x * ratio, y: y * ratio });
    this.mark("picture");
  }

  /** The colour around the picture. @param {string} color */
  setGround(color) {
    this.#ground = color;
    this.mark("picture");
  }

  #listen() {
    const { editor } = this;
    editor.on("task", () => this.#restart());
    editor.on("mode", () => this.mark("suggestions", "live"));
    editor.on("preview", () => this.mark("live"));
    editor.viewport.on("change", () => this.markAll());
    editor.selection.on("change", () => this.mark("live"));
    editor.selection.on("hover", () => this.mark("live"));
    editor.suggestions.on("change", () => this.mark("suggestions", "live"));
    editor.reading.on("change", () => this.mark("suggestions"));
    editor.store.on("load", () => this.mark("shapes", "live"));
    editor.store.on("change", () => this.#changed());
    editor.history.on("close", () => this.#drop());
  }

  #restart() {
    this.picture.restart();
    this.shapes.reset();
    this.suggestions.reset();
    this.#drop();
    this.markAll();
  }

  /** While a gesture is open, only its first touch of a shape redraws the layer below. */
  #changed() {
    const before = this.#lifted.size;
    for (const id of this.editor.history.touched()) this.#lifted.add(id);
    if (!this.#lifted.size || this.#lifted.size !== before) this.mark("shapes");
    this.mark("live");
  }

  #drop() {
    this.#lifted.clear();
    this.#thinned = null;
    this.mark("shapes", "live");
  }

  #fitCanvases() {
    const { width, height } = this.editor.viewport.size;
    for (const [name, canvas] of Object.entries(this.canvases)) {
      const ratio = name === "live" ? this.#strain.sharpest : this.#strain.ratio;
      Object.assign(canvas, { width: Math.max(1, Math.round(width * ratio)), height: Math.max(1, Math.round(height * ratio)) });
    }
    this.markAll();
  }

  #frame() {
    const started = performance.now();
    const dirty = this.#dirty;
    this.#dirty = new Set();
    this.#asked = false;
    if (dirty.has("picture")) this.picture.draw(this.#view(this.#strain.ratio), this.#strain.ratio, this.#ground);
    // One slice a frame: the layer below goes first.
    if (dirty.has("shapes")) this.#drawCached(this.shapes, this.#ownScene(), true);
    if (dirty.has("suggestions")) this.#drawSuggestions(!(dirty.has("shapes") && this.shapes.isBuilding));
    if (dirty.has("live")) this.live.draw(this.#view(this.#strain.sharpest), this.#strain.sharpest, this.#lifted);
    const work = performance.now() - started;
    this.shapes.afterFrame(work);
    this.suggestions.afterFrame(work);
    if (dirty.has("picture") && this.#strain.tooMuch(work)) this.#fitCanvases();
    if (this.shapes.isBusy) this.mark("shapes");
    if (this.suggestions.isBusy) this.mark("suggestions");
  }

  /** @param {boolean} mayBuild */
  #drawSuggestions(mayBuild) {
    const { editor } = this;
    const scene = editor.suggestionsVisible ? editor.suggestions.scene() : EMPTY;
    this.#drawCached(this.suggestions, scene, mayBuild);
    if (!editor.suggestionsVisible) return;
    paintReading(new Pen(this.suggestions.context, this.#view(this.#strain.ratio), this.#strain.ratio), editor.reading);
  }

  /** @param {CachedLayer} layer @param {ShapeScene} scene @param {boolean} mayBuild */
  #drawCached(layer, scene, mayBuild) {
    layer.draw(scene, this.#view(this.#strain.ratio), this.#strain.ratio, this.editor.picture, mayBuild);
  }

  /** The document without what is in the hand, and what lies beside it. One object alone is marked by the live layer. */
  #ownScene() {
    const { beside, isObject } = this.editor;
    if (isObject) return EMPTY;
    const from = this.editor.scene();
    if (!this.#lifted.size && !beside.length) return from;
    if (this.#thinned?.from !== from || this.#thinned.without !== this.#lifted.size) {
      const scene = new ShapeScene([...beside, ...from.shapes.filter(({ id }) => !this.#lifted.has(id))]);
      this.#thinned = { from, without: this.#lifted.size, scene };
    }
    return this.#thinned.scene;
  }

  /** @param {number} ratio @returns {View} in device pixels */
  #view(ratio) {
    const { scale, x, y } = this.editor.viewport;
    return { scale: scale * ratio, x: x * ratio, y: y * ratio };
  }
}

const EMPTY = new ShapeScene([]);
