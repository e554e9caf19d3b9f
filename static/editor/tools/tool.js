/**
 * The contract of a tool. Exactly one tool is on and gets every pointer event, in picture pixels:
 *
 * - `pointerDown`, `pointerMove`, `pointerUp`: `pointerMove` also comes while nothing is pressed.
 * - `doubleClick`: comes in the place of the second `pointerDown`.
 * - `key(name)`: the tool may take a key before the commands do, and then answers true.
 * - `lose()`: the pointer was lost in mid press, or became half of a pinch. Takes back what the press began.
 * - `cancel()`: Escape, another tool. Takes back the open gesture; answers whether there was one.
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

  /** To a tool without a use for it, a second quick press is a press. @param {PointerInfo} event */
  doubleClick(event) {
    this.pointerDown(event);
  }

  /** @param {string} _name @returns {boolean} */
  key(_name) {
    return false;
  }

  lose() {
    this.cancel();
  }

  /** @returns {boolean} */
  cancel() {
    return false;
  }
}
