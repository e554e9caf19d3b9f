import { Pinch } from "./pinch.js";

const REACH = 6;
const TOUCH_REACH = 14;
const DOUBLE = 350;

/**
 * Turns pointer events into calls of the one tool, in picture pixels. Moves only note the last place; the tool hears
 * of it once a frame. The middle button and two fingers always move the picture.
 */
export class PointerInput {
  /** @type {PointerEvent | null} */
  #moved = null;
  #asked = false;
  /** @type {{id: number, tool: Tool} | null} */
  #pressed = null;
  #wheel = { delta: 0, x: 0, y: 0, asked: false };
  #lastDown = { at: 0, x: 0, y: 0 };
  #box = { left: 0, top: 0 };

  /** @param {Editor} editor @param {HTMLElement} stage */
  constructor(editor, stage) {
    this.editor = editor;
    this.stage = stage;
    this.pinch = new Pinch(editor.viewport);
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event), { passive: true });
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", (event) => this.#lost(event));
    stage.addEventListener("lostpointercapture", (event) => this.#lost(event));
    stage.addEventListener("pointerleave", () => this.#leave(), { passive: true });
    stage.addEventListener("contextmenu", (event) => event.preventDefault());
    stage.addEventListener("wheel", (event) => this.#turn(event), { passive: false });
  }

  /** Where the stage is; read when it moves, never in a handler. @param {DOMRect} box */
  place(box) {
    this.#box = box;
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.stage.focus({ preventScroll: true });
    if (event.pointerType === "touch" && this.pinch.down(this.#screen(event), event.pointerId)) return this.#abandon();
    if (this.#pressed || event.button > 1) return;
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    const pan = this.editor.tools.get("pan");
    const tool = event.button === 1 && pan ? pan : this.editor.tool;
    this.#pressed = { id: event.pointerId, tool };
    const info = this.#info(event);
    if (this.#isDouble(event)) tool.doubleClick(info);
    else tool.pointerDown(info);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (event.pointerType === "touch" && this.pinch.move(this.#screen(event), event.pointerId)) return;
    if (this.#pressed && this.#pressed.id !== event.pointerId) return;
    this.#moved = event;
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => this.#flush());
  }

  #flush() {
    this.#asked = false;
    const event = this.#moved;
    this.#moved = null;
    if (!event) return;
    const tool = this.#pressed?.tool ?? this.editor.tool;
    tool.pointerMove(this.#info(event));
    this.stage.style.cursor = tool.cursor;
  }

  /** @param {PointerEvent} event */
  #up(event) {
    this.pinch.up(event.pointerId);
    if (this.#pressed?.id !== event.pointerId) return;
    this.#flush();
    const { tool } = this.#pressed;
    this.#pressed = null;
    tool.pointerUp(this.#info(event));
  }

  /** @param {PointerEvent} event */
  #lost(event) {
    this.pinch.up(event.pointerId);
    if (this.#pressed?.id === event.pointerId) this.#abandon();
  }

  #leave() {
    if (!this.#pressed) this.#moved = null;
    this.editor.selection.point(null);
  }

  #abandon() {
    this.#pressed?.tool.lose();
    this.#pressed = null;
    this.#moved = null;
  }

  /** Wheel turns of one frame are one zoom about the pointer; Shift pans sideways. @param {WheelEvent} event */
  #turn(event) {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
    const wheel = this.#wheel;
    if (event.shiftKey) return this.editor.viewport.pan(-(event.deltaY || event.deltaX) * unit, 0);
    wheel.delta += event.deltaY * unit * (event.ctrlKey ? 4 : 1);
    Object.assign(wheel, this.#screen(event));
    if (wheel.asked) return;
    wheel.asked = true;
    requestAnimationFrame(() => {
      this.editor.viewport.zoom(Math.exp(-wheel.delta * 0.0016), wheel);
      Object.assign(wheel, { delta: 0, asked: false });
    });
  }

  /** @param {PointerEvent} event */
  #isDouble(event) {
    const last = this.#lastDown;
    const near = Math.hypot(event.clientX - last.x, event.clientY - last.y) < 5;
    const double = near && event.timeStamp - last.at < DOUBLE;
    this.#lastDown = { at: double ? 0 : event.timeStamp, x: event.clientX, y: event.clientY };
    return double;
  }

  /** @param {MouseEvent} event @returns {Point} */
  #screen(event) {
    return { x: event.clientX - this.#box.left, y: event.clientY - this.#box.top };
  }

  /** @param {PointerEvent} event @returns {PointerInfo} */
  #info(event) {
    const { viewport } = this.editor;
    const reach = (event.pointerType === "touch" ? TOUCH_REACH : REACH) / viewport.scale;
    const { shiftKey: shift, altKey: alt } = event;
    return { ...viewport.toPicture(this.#screen(event)), shift, ctrl: event.ctrlKey || event.metaKey, alt, reach };
  }
}
