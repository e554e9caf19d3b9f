import { Emitter } from "./emitter.js";
import { isInside, middle, overlapRatio } from "./geometry.js";
import { ShapeScene } from "./scene.js";
import { boundsOf, isDrawable } from "./shapes/index.js";

const SAME = 0.8;

/**
 * The layer of predictions: greyed, filtered in the browser, never in the document. A prediction is hidden when a
 * person committed or rejected it, when a shape of the same label already covers it, or when it lies below the floor.
 * Emits "change" when what is shown may differ.
 */
export class Suggestions extends Emitter {
  /** @type {Store} */
  #store;
  /** @type {Map<string, Suggestion>} */
  #all = new Map();
  /** Which inference brought a prediction. @type {Map<string, string>} */
  #inference = new Map();
  /** Rejected predictions of readings that newer ones have replaced. @type {Map<string, Suggestion>} */
  #refused = new Map();
  /** @type {(shape: Suggestion) => boolean} */
  #wanted = () => true;
  /** @type {Rect | null} */
  #region = null;
  /** @type {ShapeScene | null} */
  #scene = null;
  /** @type {Suggestion[] | null} */
  #open = null;
  #floor = 0.45;

  /** @param {Store} store */
  constructor(store) {
    super();
    this.#store = store;
    store.on("load", () => this.#changed());
    store.on("change", ({ patch, inverse }) => {
      if (mayReveal(patch, inverse)) this.#changed();
    });
  }

  get floor() {
    return this.#floor;
  }

  set floor(value) {
    if (value === this.#floor) return;
    this.#floor = value;
    this.#changed(false);
  }

  /** Forgets everything; from now on only what lies in the unit counts. @param {Rect | null} region */
  restart(region) {
    this.#region = region;
    this.#refused.clear();
    this.#all.clear();
    this.#inference.clear();
    this.#changed();
  }

  /** Narrows to one model. @param {(shape: Suggestion) => boolean} wanted */
  only(wanted) {
    this.#wanted = wanted;
    this.#changed();
  }

  /** @param {string} id */
  get(id) {
    return this.#all.get(id);
  }

  /** Everything still to be decided, whatever its score. */
  open() {
    this.#open ??= [...this.#all.values()].filter((shape) => this.#isOpen(shape));
    return this.#open;
  }

  /** What the person sees, in drawing order. */
  shown() {
    return /** @type {Suggestion[]} */ (this.scene().shapes);
  }

  /** @param {string} id */
  isShown(id) {
    const shape = this.#all.get(id);
    return shape !== undefined && shape.score >= this.#floor && this.#isOpen(shape);
  }

  scene() {
    this.#scene ??= new ShapeScene(this.open().filter((shape) => shape.score >= this.#floor));
    return this.#scene;
  }

  /** Settled predictions of an earlier visit. @param {Iterable<Suggestion>} shapes */
  load(shapes) {
    this.#drop(() => true);
    this.#take(shapes, "");
  }

  /**
   * What one part of the picture gave. What an older inference had there makes room, and so does what was only half
   * seen at the edge of a neighbouring part.
   * @param {string} inference
   * @param {Rect | null} part
   * @param {Iterable<Suggestion>} shapes
   * @param {string[]} gone
   */
  addPart(inference, part, shapes, gone = []) {
    if (gone.length) this.#drop((id) => gone.includes(id));
    if (part) this.#drop((id, shape) => this.#inference.get(id) !== inference && isInside(part, middle(boundsOf(shape))));
    this.#take(shapes, inference);
  }

  /**
   * The merged result of an inference replaces its parts and all that older ones of the same model version left.
   * @param {string} inference
   * @param {Suggestion[]} shapes
   * @param {string} version of the model, when nothing was found that names it
   */
  settle(inference, shapes, version = "") {
    const read = shapes[0]?.source?.model_version ?? version;
    this.#drop((id, shape) => this.#inference.get(id) === inference || shape.source?.model_version === read);
    this.#take(shapes, inference);
  }

  /** @param {Iterable<Suggestion>} shapes @param {string} inference */
  #take(shapes, inference) {
    for (const shape of shapes) {
      if (!isDrawable(shape)) continue;
      this.#all.set(shape.id, shape);
      this.#inference.set(shape.id, inference);
    }
    this.#changed();
  }

  /** @param {(id: string, shape: Suggestion) => boolean} gone */
  #drop(gone) {
    for (const [id, shape] of this.#all) {
      if (!gone(id, shape)) continue;
      if (this.#store.isRejected(id)) this.#refused.set(id, shape);
      this.#all.delete(id);
      this.#inference.delete(id);
    }
  }

  /** @param {Suggestion} shape */
  #isOpen(shape) {
    if (this.#store.isCommitted(shape.id) || this.#store.isRejected(shape.id) || !this.#wanted(shape)) return false;
    if (this.#region && !isInside(this.#region, middle(boundsOf(shape)))) return false;
    return !this.#isCovered(shape) && !this.#isRefused(shape);
  }

  /** A later reading gives what a person rejected another id, and must not offer it again. @param {Suggestion} shape */
  #isRefused(shape) {
    for (const [id, refused] of this.#refused) {
      if (refused.label !== shape.label || !this.#store.isRejected(id)) continue;
      if (overlapRatio(boundsOf(refused), boundsOf(shape)) >= SAME) return true;
    }
    return false;
  }

  /** A second reading of the same picture must not offer again what is already there. @param {Suggestion} shape */
  #isCovered(shape) {
    const bounds = boundsOf(shape);
    this.#ground ??= new ShapeScene(this.#store.shapes());
    const ground = this.#ground;
    return ground
      .within(bounds)
      .some((k) => ground.at(k).label === shape.label && overlapRatio(ground.bounds(k), bounds) >= SAME);
  }

  /** The document as it was when coverage was last asked for. @type {ShapeScene | null} */
  #ground = null;

  #changed(document = true) {
    this.#scene = null;
    if (document) this.#open = this.#ground = null;
    this.emit("change");
  }
}

/** A shape that only moves neither hides nor reveals a suggestion: a drag must not filter thousands of them again. */
/** @param {Patch} patch @param {Required<Patch>} inverse */
function mayReveal(patch, inverse) {
  if (patch.rejected?.size) return true;
  for (const [id, value] of patch.shapes ?? []) if (!value || !inverse.shapes.get(id)) return true;
  return false;
}
