import { copied } from "../provenance.js";
import { boundsOf } from "../shapes/index.js";
import { BESIDE } from "../unit.js";
import { stepped } from "./step.js";

const STEP = 12;

/** Copies the selected shapes a little to the lower right, or away from the edge there, and selects the copies. @type {Command} */
export const duplicate = {
  id: "duplicate",
  group: "objects",
  label: "Duplicate",
  keys: ["Ctrl+D"],
  enabled: (editor) => !editor.readOnly && editor.selection.ids().some((id) => editor.store.has(id)),
  run(editor) {
    const step = Math.max(1, STEP / editor.viewport.scale);
    /** @type {Map<string, Shape>} */
    const shapes = new Map();
    for (const id of editor.selection.ids()) {
      const shape = editor.store.get(id);
      if (!shape) continue;
      const { x, y, width, height } = boundsOf(shape);
      const across = x + width + step > editor.picture.width ? -step : step;
      const down = y + height + step > editor.picture.height ? -step : step;
      const copy = stepped(copied(shape), across, down, editor.picture);
      if (editor.owns(copy)) shapes.set(copy.id, copy);
    }
    if (!shapes.size) return editor.flow.say(BESIDE);
    editor.history.change({ shapes });
    editor.selection.set(shapes.keys());
  },
};
