import { Emitter } from "./emitter.js";

/**
 * The document: shapes by id, and the predictions that a person rejected. Shapes are never changed in place, a new
 * value replaces the old one, so a shape object can be compared and cached by identity.
 * Emits "change" `{patch, inverse, origin}` after every patch and "load" after a new document.
 */
export class Store extends Emitter {
  /** @type {Map<string, Shape>} */
  #shapes = new Map();
  /** @type {Set<string>} */
  #rejected = new Set();
  /** Prediction id → id of the shape that it became. @type {Map<string, string>} */
  #committed = new Map();

  get size() {
    return this.#shapes.size;
  }

  /** @param {string} id */
  get(id) {
    return this.#shapes.get(id);
  }

  /** @param {string} id */
  has(id) {
    return this.#shapes.has(id);
  }

  /** Oldest first. */
  shapes() {
    return this.#shapes.values();
  }

  rejected() {
    return this.#rejected.values();
  }

  /** @param {string} prediction */
  isRejected(prediction) {
    return this.#rejected.has(prediction);
  }

  /** @param {string} prediction */
  isCommitted(prediction) {
    return this.#committed.has(prediction);
  }

  /**
   * Replaces the document.
   * @param {Iterable<Shape>} shapes
   * @param {Iterable<string>} rejected
   */
  load(shapes, rejected) {
    this.#shapes = new Map();
    this.#committed = new Map();
    this.#rejected = new Set(rejected);
    for (const shape of shapes) this.#set(shape.id, shape);
    this.emit("load");
  }

  /**
   * @param {Patch} patch
   * @param {Origin} origin
   * @returns {Required<Patch>} what undoes it
   */
  apply(patch, origin = "local") {
    /** @type {Required<Patch>} */
    const inverse = { shapes: new Map(), rejected: new Map() };
    for (const [id, value] of patch.shapes ?? []) {
      inverse.shapes.set(id, this.#shapes.get(id) ?? null);
      this.#set(id, value);
    }
    for (const [id, rejected] of patch.rejected ?? []) {
      inverse.rejected.set(id, this.#rejected.has(id));
      if (rejected) this.#rejected.add(id);
      else this.#rejected.delete(id);
    }
    this.emit("change", { patch, inverse, origin });
    return inverse;
  }

  /** @param {string} id @param {Shape | null} value */
  #set(id, value) {
    const old = this.#shapes.get(id)?.source?.prediction;
    if (old && this.#committed.get(old) === id) this.#committed.delete(old);
    if (!value) return void this.#shapes.delete(id);
    this.#shapes.set(id, value);
    if (value.source?.prediction) this.#committed.set(value.source.prediction, id);
  }
}
