import { Emitter } from "./emitter.js";

const DEPTH = 500;

/**
 * Undo and redo by gesture, for local changes only. Between `begin` and `commit` any number of changes are one step;
 * a change outside a gesture is a step of its own.
 * Emits "open" (a gesture began), "gesture" (`Gesture`: a step was done, undone or redone) and "close".
 */
export class History extends Emitter {
  /** @type {Store} */
  #store;
  /** @type {Required<Patch> | null} */
  #open = null;
  /** @type {Required<Patch>[]} */
  #undo = [];
  /** @type {Required<Patch>[]} */
  #redo = [];

  /** @param {Store} store */
  constructor(store) {
    super();
    this.#store = store;
  }

  /** Whether a gesture is under way: something is in the hand. */
  get isOpen() {
    return this.#open !== null;
  }

  get canUndo() {
    return this.#undo.length > 0 && !this.#open;
  }

  get canRedo() {
    return this.#redo.length > 0 && !this.#open;
  }

  /** Ids of the shapes that the open gesture has touched so far. */
  touched() {
    return this.#open?.shapes.keys() ?? [].values();
  }

  begin() {
    if (this.#open) return;
    this.#open = { shapes: new Map(), rejected: new Map() };
    this.emit("open");
  }

  /** @param {Patch} patch */
  change(patch) {
    const single = !this.#open;
    if (single) this.begin();
    const inverse = this.#store.apply(patch, "local");
    keepFirst(this.#open?.shapes, inverse.shapes);
    keepFirst(this.#open?.rejected, inverse.rejected);
    if (single) this.commit();
  }

  /** Ends the gesture. One that changed nothing leaves no step. */
  commit() {
    const before = this.#close();
    if (!before || (!before.shapes.size && !before.rejected.size)) return;
    this.#undo.push(before);
    if (this.#undo.length > DEPTH) this.#undo.shift();
    this.#redo = [];
    this.#tell("do", before);
  }

  /** Ends the gesture and takes back what it did. */
  cancel() {
    const before = this.#close();
    if (before) this.#store.apply(before, "local");
  }

  undo() {
    if (this.canUndo) this.#step("undo", this.#undo, this.#redo);
  }

  redo() {
    if (this.canRedo) this.#step("redo", this.#redo, this.#undo);
  }

  /**
   * Forgets all steps, or takes up those of an earlier visit.
   * @param {Iterable<{kind: GestureKind, before: Required<Patch>}>} steps oldest first
   */
  restart(steps = []) {
    this.#undo = [];
    this.#redo = [];
    for (const { kind, before } of steps) {
      if (kind === "do") this.#redo = [];
      (kind === "undo" ? this.#undo : this.#redo).pop();
      (kind === "undo" ? this.#redo : this.#undo).push(before);
    }
    this.#undo = this.#undo.slice(-DEPTH);
    this.emit("close");
  }

  /** @param {GestureKind} kind @param {Required<Patch>[]} from @param {Required<Patch>[]} to */
  #step(kind, from, to) {
    const patch = from.pop();
    if (!patch) return;
    const inverse = this.#store.apply(patch, "local");
    to.push(inverse);
    this.#tell(kind, inverse);
  }

  #close() {
    const open = this.#open;
    this.#open = null;
    if (open) this.emit("close");
    return open;
  }

  /** @param {GestureKind} kind @param {Required<Patch>} before */
  #tell(kind, before) {
    /** @type {Required<Patch>} */
    const after = { shapes: new Map(), rejected: new Map() };
    for (const id of before.shapes.keys()) after.shapes.set(id, this.#store.get(id) ?? null);
    for (const id of before.rejected.keys()) after.rejected.set(id, this.#store.isRejected(id));
    this.emit("gesture", { kind, before, after });
  }
}

/**
 * @template V
 * @param {Map<string, V> | undefined} kept
 * @param {Map<string, V>} inverse
 */
function keepFirst(kept, inverse) {
  for (const [id, before] of inverse) if (kept && !kept.has(id)) kept.set(id, before);
}
