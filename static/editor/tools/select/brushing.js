import { holds, rectBetween } from "../../geometry.js";

/** A rectangle drawn over free ground selects what lies wholly inside it. */
export class Brushing {
  cursor = "crosshair";
  /** @type {PointerInfo | null} */
  #from = null;

  /** @param {SelectTool} tool */
  constructor(tool) {
    this.tool = tool;
    this.editor = tool.editor;
  }

  /** @param {PointerInfo} from */
  start(from) {
    this.#from = from;
    this.tool.state = this;
  }

  pointerDown() {}

  /** @param {PointerInfo} event */
  pointerMove(event) {
    if (this.#from) this.editor.showPreview({ kind: "band", rect: rectBetween(this.#from, event) });
  }

  /** @param {PointerInfo} event */
  pointerUp(event) {
    const { editor, tool } = this;
    if (this.#from) {
      const band = rectBetween(this.#from, event);
      const kept = event.shift ? editor.selection.ids() : [];
      const suggested = editor.suggestionsVisible ? inside(editor.suggestions.scene(), band) : [];
      editor.selection.set([...kept, ...inside(editor.scene(), band), ...suggested]);
    }
    this.cancel();
    tool.state = tool.idle;
  }

  cancel() {
    this.#from = null;
    this.editor.showPreview(null);
  }
}

/** @param {Scene} scene @param {Rect} band */
function inside(scene, band) {
  return scene
    .within(band)
    .filter((index) => holds(band, scene.bounds(index)))
    .map((index) => scene.at(index).id);
}
