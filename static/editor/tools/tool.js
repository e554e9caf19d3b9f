/**
 * The contract of a tool. Exactly one tool is on and gets every pointer event, in picture pixels:
 *
 * - `pointerDown`, `pointerMove`, `pointerUp`, `doubleClick`: `pointerMove` also comes while nothing is pressed.
 * - `key(name)`: the tool may take a key before the commands do, and then answers true.
 * - `cancel()`: Escape, a lost pointer, another tool. Takes back the open gesture; answers whether there was one.
 *
 * A tool that changes the document opens a gesture (`history.begin`), changes it as often as it likes, and ends it
 * by `commit` or `cancel`, so that one drag is one undo step.
 * @implements {Tool}
 */
export class BaseTool {
  id = "";

  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
  }

  /** CSS cursor over the picture. */
  get cursor() {
    return "default";
  }

  /** @param {PointerInfo} _event */
  pointerDown(_event) {}

  /** @param {PointerInfo} _event */
  pointerMove(_event) {}

  /** @param {PointerInfo} _event */
  pointerUp(_event) {}

  /** @param {PointerInfo} _event */
  doubleClick(_event) {}

  /** @param {string} _name @returns {boolean} */
  key(_name) {
    return false;
  }

  /** @returns {boolean} */
  cancel() {
    return false;
  }
}
