import { BaseTool } from "./tool.js";

/** Drag the picture. */
export class PanTool extends BaseTool {
  id = "pan";
  /** Screen point where the picture is held. @type {Point | null} */
  #held = null;

  get cursor() {
    return "grab";
  }

  /** @param {PointerInfo} event */
  pointerDown(event) {
    this.#held = this.editor.viewport.toScreen(event);
  }

  /** @param {PointerInfo} event */
  pointerMove(event) {
    if (!this.#held) return;
    const now = this.editor.viewport.toScreen(event);
    const [dx, dy] = [now.x - this.#held.x, now.y - this.#held.y];
    this.#held = now;
    this.editor.viewport.pan(dx, dy);
  }

  pointerUp() {
    this.#held = null;
  }

  cancel() {
    const held = this.#held !== null;
    this.#held = null;
    return held;
  }
}
