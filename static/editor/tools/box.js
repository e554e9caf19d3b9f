import { clamp, rectBetween, rounded } from "../geometry.js";
import { drawn } from "../provenance.js";
import { finishGesture } from "./finish.js";
import { BaseTool } from "./tool.js";

/** Drag out a box; Escape abandons it. */
export class BoxTool extends BaseTool {
  id = "box";
  /** @type {Point | null} */
  #from = null;
  /** @type {ShapeCommon | null} */
  #made = null;

  get cursor() {
    return "crosshair";
  }

  /** @param {PointerInfo} event */
  pointerDown(event) {
    const label = this.editor.labels.get(this.editor.activeLabel);
    if (!label || !this.editor.offers("box")) return;
    if (!this.editor.takes(label.name, "box")) return this.editor.flow.say(`${label.title} is not drawn as a box.`);
    this.#from = this.#onPicture(event);
    this.#made = drawn(label);
    this.editor.selection.clear();
    this.editor.history.begin();
  }

  /** @param {PointerInfo} event */
  pointerMove(event) {
    if (!this.#from || !this.#made) return;
    const { x, y, width, height } = rectBetween(this.#from, this.#onPicture(event));
    const rect = { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height) };
    this.editor.put({ ...this.#made, type: "box", ...rect });
  }

  /** @param {PointerInfo} event */
  pointerUp(event) {
    const made = this.#made;
    if (!this.#from || !made) return;
    const corner = this.#onPicture(event);
    // A click without a drag is not an object: three screen pixels each way is the least that a hand means.
    const meant = Math.min(Math.abs(corner.x - this.#from.x), Math.abs(corner.y - this.#from.y)) > event.reach / 2;
    this.pointerMove(event);
    this.#from = this.#made = null;
    if (!meant) return this.editor.history.cancel();
    if (finishGesture(this.editor, [made.id])) this.editor.selection.set([made.id]);
  }

  cancel() {
    if (!this.#from) return false;
    this.#from = this.#made = null;
    this.editor.history.cancel();
    return true;
  }

  /** @param {Point} point @returns {Point} */
  #onPicture({ x, y }) {
    const { width, height } = this.editor.picture;
    return { x: clamp(x, 0, width), y: clamp(y, 0, height) };
  }
}
