import { moved } from "../../shapes/index.js";
import { finishGesture } from "../finish.js";
import { adopt } from "./adopt.js";

/** The selected shapes follow the pointer. */
export class Moving {
  cursor = "move";
  /** @type {Point} */
  #from = { x: 0, y: 0 };
  /** @type {Shape[]} */
  #originals = [];

  /** @param {SelectTool} tool */
  constructor(tool) {
    this.tool = tool;
    this.editor = tool.editor;
  }

  /** @param {PointerInfo} from @param {Shape} hit */
  start(from, hit) {
    const { editor, tool } = this;
    editor.history.begin();
    if (!editor.selection.has(hit.id)) editor.selection.set([hit.id]);
    if (!editor.store.has(hit.id)) adopt(editor, hit.id);
    this.#from = from;
    this.#originals = editor.selection.ids().flatMap((id) => editor.store.get(id) ?? []);
    tool.state = this;
  }

  pointerDown() {}

  /** @param {PointerInfo} event */
  pointerMove(event) {
    const [dx, dy] = [event.x - this.#from.x, event.y - this.#from.y];
    /** @type {Map<string, Shape>} */
    const shapes = new Map();
    for (const original of this.#originals) shapes.set(original.id, moved(original, dx, dy));
    this.editor.history.change({ shapes });
  }

  /** @param {PointerInfo} event */
  pointerUp(event) {
    this.pointerMove(event);
    this.tool.state = this.tool.idle;
    finishGesture(this.editor, this.#originals.map(({ id }) => id));
  }

  cancel() {
    this.editor.history.cancel();
  }
}
