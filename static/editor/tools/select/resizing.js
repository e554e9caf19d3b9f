import { clamp } from "../../geometry.js";
import { resized } from "../../shapes/index.js";
import { finishGesture } from "../finish.js";
import { adopt } from "./adopt.js";

/** One handle follows the pointer: a side or corner of a box, or a corner of a polygon. */
export class Resizing {
  cursor = "default";
  /** @type {Shape | null} */
  #original = null;
  #handle = "";

  /** @param {SelectTool} tool */
  constructor(tool) {
    this.tool = tool;
    this.editor = tool.editor;
  }

  /** @param {Handle} handle */
  start(handle) {
    const { editor, tool } = this;
    editor.history.begin();
    this.#original = adopt(editor, editor.selection.only ?? "") ?? null;
    this.#handle = handle.name;
    this.cursor = handle.cursor;
    tool.state = this;
  }

  pointerDown() {}

  /** @param {PointerInfo} event */
  pointerMove({ x, y }) {
    if (!this.#original) return;
    const { width, height } = this.editor.picture;
    this.editor.put(resized(this.#original, this.#handle, { x: clamp(x, 0, width), y: clamp(y, 0, height) }));
  }

  /** @param {PointerInfo} event */
  pointerUp(event) {
    this.pointerMove(event);
    this.tool.state = this.tool.idle;
    finishGesture(this.editor, this.#original ? [this.#original.id] : []);
  }

  cancel() {
    this.editor.history.cancel();
  }
}
