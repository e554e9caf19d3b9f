import { copied } from "../provenance.js";
import { moved } from "../shapes/index.js";

const STEP = 12;

/** Copies the selected shapes a little to the lower right and selects the copies. @type {Command} */
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
      const copy = moved(copied(shape), step, step);
      if (editor.owns(copy)) shapes.set(copy.id, copy);
    }
    if (!shapes.size) return;
    editor.history.change({ shapes });
    editor.selection.set(shapes.keys());
  },
};
