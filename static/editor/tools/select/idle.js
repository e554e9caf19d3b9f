import { distance } from "../../geometry.js";
import { withoutCorner } from "../../shapes/polygon.js";
import { edited } from "../../shapes/index.js";
import { finishGesture } from "../finish.js";

/** Nothing is being changed: hover, click to select, or the start of a drag. */
export class Idle {
  cursor = "default";
  /** @type {{at: PointerInfo, hit: Shape | null, handle: Handle | null} | null} */
  #press = null;

  /** @param {SelectTool} tool */
  constructor(tool) {
    this.tool = tool;
    this.editor = tool.editor;
  }

  get isPressed() {
    return this.#press !== null;
  }

  /** @param {PointerInfo} event */
  pointerDown(event) {
    this.#press = { at: event, hit: this.editor.hit(event), handle: this.tool.handleAt(event) };
  }

  /** @param {PointerInfo} event */
  pointerMove(event) {
    if (this.#press) return this.#drag(event);
    const handle = this.tool.handleAt(event);
    const hit = this.editor.hit(event);
    this.cursor = handle?.cursor ?? (hit && this.#canMove(hit) ? "move" : hit ? "pointer" : "default");
    this.editor.selection.point(hit?.id ?? null);
  }

  /** @param {PointerInfo} event */
  pointerUp(event) {
    const press = this.#press;
    this.#press = null;
    if (!press || press.handle) return;
    const { selection } = this.editor;
    // A suggestion may have made room for a newer one since the press.
    if (!press.hit || !this.editor.find(press.hit.id)) return event.shift ? undefined : selection.clear();
    if (event.shift) selection.toggle(press.hit.id);
    else selection.set([press.hit.id]);
  }

  cancel() {
    this.#press = null;
  }

  /** A double click takes a corner away. @param {PointerInfo} event */
  removeCorner(event) {
    const id = this.editor.selection.only;
    const shape = id ? this.editor.store.get(id) : undefined;
    const handle = this.tool.handleAt(event);
    if (!handle || shape?.type !== "polygon") return;
    const fewer = withoutCorner(shape, handle.name);
    if (!fewer) return;
    this.editor.history.begin();
    this.editor.put(edited(fewer));
    finishGesture(this.editor, [shape.id]);
  }

  /** @param {PointerInfo} event */
  #drag(event) {
    const press = this.#press;
    if (!press || distance(press.at, event) < event.reach / 2) return;
    this.#press = null;
    const { tool } = this;
    if (this.editor.readOnly) tool.panning.start(press.at);
    else if (press.handle) tool.resizing.start(press.handle);
    else if (press.hit && this.editor.find(press.hit.id) && this.#canMove(press.hit)) tool.moving.start(press.at, press.hit);
    else tool.brushing.start(press.at);
    tool.state.pointerMove(event);
  }

  /** A suggestion moves only once it is selected: a drag across a field of them selects instead. @param {Shape} hit */
  #canMove(hit) {
    if (this.editor.readOnly) return false;
    return this.editor.store.has(hit.id) || this.editor.selection.has(hit.id);
  }
}
