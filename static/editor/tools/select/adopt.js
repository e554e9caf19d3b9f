import { accepted } from "../../provenance.js";

/**
 * Dragging a suggestion is a way to accept it: inside the open gesture it becomes a shape, which the drag then edits.
 * @param {Editor} editor
 * @param {string} id
 * @returns {Shape | undefined} the shape to edit
 */
export function adopt(editor, id) {
  const own = editor.store.get(id);
  const suggestion = own ? undefined : editor.suggestions.get(id);
  if (!suggestion) return own;
  const shape = accepted(suggestion, editor.labels.get(suggestion.label));
  editor.put(shape);
  editor.selection.set([shape.id]);
  return shape;
}
