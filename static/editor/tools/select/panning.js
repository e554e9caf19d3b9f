import { PanTool } from "../pan.js";

/** Where nothing can be changed, a drag moves the picture: what a finger means when it reads. */
export class Panning {
  cursor = "grabbing";

  /** @param {SelectTool} tool */
  constructor(tool) {
    this.tool = tool;
    this.pan = new PanTool(tool.editor);
  }

  /** @param {PointerInfo} from */
  start(from) {
    this.pan.pointerDown(from);
    this.tool.state = this;
  }

  pointerDown() {}

  /** @param {PointerInfo} event */
  pointerMove(event) {
    this.pan.pointerMove(event);
  }

  /** @param {PointerInfo} _event */
  pointerUp(_event) {
    this.cancel();
    this.tool.state = this.tool.idle;
  }

  cancel() {
    this.pan.cancel();
  }
}
