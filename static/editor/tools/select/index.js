import { handlesOf } from "../../handles.js";
import { BaseTool } from "../tool.js";
import { Brushing } from "./brushing.js";
import { Idle } from "./idle.js";
import { Moving } from "./moving.js";
import { Panning } from "./panning.js";
import { Resizing } from "./resizing.js";

/**
 * Select, move and resize. One state gets the events at a time; `idle` decides on pointer down which one follows,
 * and every state goes back to idle when its gesture ends.
 */
export class SelectTool extends BaseTool {
  id = "select";

  /** @param {Editor} editor */
  constructor(editor) {
    super(editor);
    this.idle = new Idle(this);
    this.moving = new Moving(this);
    this.resizing = new Resizing(this);
    this.brushing = new Brushing(this);
    this.panning = new Panning(this);
    /** @type {Idle | Moving | Resizing | Brushing | Panning} */
    this.state = this.idle;
  }

  get cursor() {
    return this.state.cursor;
  }

  /** @param {PointerInfo} event */
  pointerDown(event) {
    this.state.pointerDown(event);
  }

  /** @param {PointerInfo} event */
  pointerMove(event) {
    this.state.pointerMove(event);
  }

  /** @param {PointerInfo} event */
  pointerUp(event) {
    this.state.pointerUp(event);
  }

  /** @param {PointerInfo} event */
  doubleClick(event) {
    this.idle.removeCorner(event);
  }

  cancel() {
    const busy = this.state !== this.idle || this.idle.isPressed;
    this.state.cancel();
    this.state = this.idle;
    return busy;
  }

  /** The handle of the selected shape within reach. @param {PointerInfo} event @returns {Handle | null} */
  handleAt(event) {
    const { editor } = this;
    const shape = editor.selection.only && !editor.readOnly ? editor.find(editor.selection.only) : undefined;
    return shape ? nearest(handlesOf(shape, editor.viewport.scale), event) : null;
  }
}

/** @param {Handle[]} handles @param {PointerInfo} event */
function nearest(handles, event) {
  let best = null;
  let reach = event.reach * 1.2;
  for (const handle of handles) {
    const away = Math.hypot(handle.x - event.x, handle.y - event.y);
    if (away > reach) continue;
    [best, reach] = [handle, away];
  }
  return best;
}
