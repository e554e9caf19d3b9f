import { clamp, distance, rounded } from "../geometry.js";
import { drawn } from "../provenance.js";
import { finishGesture } from "./finish.js";
import { BaseTool } from "./tool.js";

/**
 * Click corner by corner. The first corner, a double click or Enter closes the outline, Backspace takes back the last
 * corner, Escape abandons it. Nothing is in the document until the outline is closed.
 */
export class PolygonTool extends BaseTool {
  id = "polygon";
  /** @type {Point[]} */
  #corners = [];

  get cursor() {
    return "crosshair";
  }

  /** @param {PointerInfo} event */
  pointerDown(event) {
    const label = this.editor.labels.get(this.editor.activeLabel);
    if (!label || !this.editor.offers("polygon")) return;
    if (!this.editor.takes(label.name, "polygon")) return this.editor.flow.say(`${label.title} is not drawn as a polygon.`);
    if (this.#corners.length >= 3 && distance(event, this.#corners[0]) <= event.reach) return this.#close();
    const corner = this.#onPicture(event);
    const last = this.#corners[this.#corners.length - 1];
    if (!last || distance(last, corner) > event.reach / 4) this.#corners.push(corner);
    if (this.#corners.length === 1) this.editor.selection.clear();
    this.#show(corner);
  }

  /** @param {PointerInfo} event */
  pointerMove(event) {
    if (this.#corners.length) this.#show(this.#onPicture(event));
  }

  doubleClick() {
    this.#close();
  }

  /** @param {string} name */
  key(name) {
    if (!this.#corners.length) return false;
    if (name === "Enter") this.#close();
    else if (name === "Backspace" || name === "Delete") this.#takeBack();
    else return false;
    return true;
  }

  cancel() {
    if (!this.#corners.length) return false;
    this.#corners = [];
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
    if (this.#corners.length < 3 || !label) return;
    const outer = this.#corners.map(({ x, y }) => /** @type {[number, number]} */ ([x, y]));
    this.cancel();
    /** @type {Polygon} */
    const shape = { ...drawn(label), type: "polygon", parts: [[outer]] };
    this.editor.history.begin();
    this.editor.put(shape);
    if (finishGesture(this.editor, [shape.id])) this.editor.selection.set([shape.id]);
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
