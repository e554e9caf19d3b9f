import { accepted } from "../provenance.js";

/** @param {Editor} editor */
function selectedSuggestions(editor) {
  return editor.selection.ids().flatMap((id) => (editor.suggestions.isShown(id) ? (editor.suggestions.get(id) ?? []) : []));
}

/** @param {Editor} editor @param {Suggestion[]} suggestions */
function commit(editor, suggestions) {
  /** @type {Map<string, Shape>} */
  const shapes = new Map();
  for (const suggestion of suggestions) {
    const shape = accepted(suggestion, editor.labels.get(suggestion.label));
    shapes.set(shape.id, shape);
  }
  editor.history.change({ shapes });
  const many = shapes.size === 1 ? "1 suggestion committed" : `${shapes.size.toLocaleString("en")} suggestions committed`;
  if (shapes.size > 1) editor.flow.say(many, () => editor.readOnly || editor.history.undo());
}

/** @type {Command} */
export const commitSelected = {
  id: "commit-selected",
  group: "suggestions",
  label: "Commit the selected",
  keys: ["Space", "Enter"],
  enabled: (editor) => !editor.readOnly && editor.suggestionsVisible && selectedSuggestions(editor).length > 0,
  run(editor) {
    commit(editor, selectedSuggestions(editor));
    editor.selection.clear();
  },
};

/** @type {Command} */
export const commitAll = {
  id: "commit-all",
  group: "suggestions",
  label: "Commit all shown",
  keys: ["Shift+Enter"],
  enabled: (editor) => !editor.readOnly && editor.suggestionsVisible && editor.suggestions.shown().length > 0,
  run(editor) {
    commit(editor, [...editor.suggestions.shown()]);
    editor.selection.clear();
  },
};
