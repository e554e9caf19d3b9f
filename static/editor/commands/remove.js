/**
 * Deletes the selected shapes and rejects the selected suggestions, as one step. A deleted shape that came from a
 * suggestion rejects it too, or the grey outline would come back under the pointer.
 * @type {Command}
 */
export const remove = {
  id: "remove",
  group: "suggestions",
  label: "Reject suggestions, delete objects",
  keys: ["Delete", "Backspace"],
  enabled: (editor) => !editor.readOnly && editor.selection.size > 0,
  run(editor) {
    /** @type {Required<Patch>} */
    const patch = { shapes: new Map(), rejected: new Map() };
    for (const id of editor.selection.ids()) {
      const shape = editor.store.get(id);
      if (!editor.find(id)) continue;
      if (shape) patch.shapes.set(id, null);
      const prediction = shape ? shape.source?.prediction : id;
      if (prediction) patch.rejected.set(prediction, true);
    }
    editor.history.change(patch);
    editor.selection.clear();
  },
};
