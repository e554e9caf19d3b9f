import { clamp, distance, rounded } from "../geometry.js";
import { drawn } from "../provenance.js";
import { finishGesture } from "./finish.js";
import { BaseTool } from "./tool.js";

/** Undo as well: the step before the outline is not what a person means who has just set a corner wrongly. */
const BACK = new Set(["Backspace", "Delete", "Z", "Ctrl+Z"]);

/**
 * Click corner by corner. The first corner, a double click or Enter closes the outline, Backspace takes back the last
 * corner, Escape abandons it. Nothing is in the document until the outline is closed.
 */
export class PolygonTool extends BaseTool {
  id = "polygon";
  /** @type {Point[]} */
  #corners = [];
  /** Whether the press that is down has placed the last corner. */
  #placed = false;

  get cursor() {
    return "crosshair";
  }

  /** @param {PointerInfo} event */
  pointerDown(event) {
    const label = this.editor.labels.get(this.editor.activeLabel);
    if (!label || !this.editor.offers("polygon")) return;
    if (!this.#allows(label)) return;
    if (this.#corners.length >= 3 && distance(event, this.#corners[0]) <= event.reach) return this.#close();
    const corner = this.#onPicture(event);
    const last = this.#corners[this.#corners.length - 1];
    this.#placed = !last || distance(last, corner) > event.reach / 4;
    if (this.#placed) this.#corners.push(corner);
    if (this.#corners.length === 1) this.editor.selection.clear();
    this.#show(corner);
  }

  /** @param {PointerInfo} event */
  pointerMove(event) {
    if (this.#corners.length) this.#show(this.#onPicture(event));
  }

  pointerUp() {
    this.#placed = false;
  }

  doubleClick() {
    this.#close();
  }

  /** Two fingers that zoom begin with one that placed a corner: only that one goes. */
  lose() {
    if (this.#placed) this.#takeBack();
    this.#placed = false;
  }

  /** @param {string} name */
  key(name) {
    if (!this.#corners.length) return false;
    if (name === "Enter") this.#close();
    else if (BACK.has(name)) this.#takeBack();
    else return false;
    return true;
  }

  cancel() {
    if (!this.#corners.length) return false;
    this.#corners = [];
    this.#placed = false;
    this.editor.showPreview(null);
    return true;
  }

  #takeBack() {
    this.#corners.pop();
    if (this.#corners.length) this.#show(this.#corners[this.#corners.length - 1]);
    else this.editor.showPreview(null);
  }

  #close() {
    const label = this.editor.labels.get(this.editor.activeLabel);
    if (this.#corners.length < 3 || !label || !this.#allows(label)) return;
    const outer = this.#corners.map(({ x, y }) => /** @type {[number, number]} */ ([x, y]));
    /** @type {Polygon} */
    const shape = { ...drawn(label), type: "polygon", parts: [[outer]] };
    this.editor.history.begin();
    this.editor.put(shape);
    // Refused, the outline stays open: it is many clicks, and one of them may be all that is wrong.
    if (!finishGesture(this.editor, [shape.id])) return;
    this.cancel();
    this.editor.selection.set([shape.id]);
  }

  /** The label may have changed since the first corner. @param {LabelSpec} label */
  #allows({ name, title }) {
    const allowed = this.editor.takes(name, "polygon");
    if (!allowed) this.editor.flow.say(`${title} is not drawn as a polygon.`);
    return allowed;
  }

  /** @param {Point} pointer */
  #show(pointer) {
    this.editor.showPreview({ kind: "outline", points: [...this.#corners, pointer], label: this.editor.activeLabel });
  }

  /** @param {Point} point @returns {Point} */
  #onPicture({ x, y }) {
    const { width, height } = this.editor.picture;
    return { x: rounded(clamp(x, 0, width)), y: rounded(clamp(y, 0, height)) };
  }
}
