import { accepted, renamed } from "../provenance.js";

/**
 * Makes a label the active one and gives it to whatever is selected. A selected suggestion becomes an object with it:
 * naming a thing is a way to say that it is there.
 * @param {Editor} editor
 * @param {LabelSpec} label
 */
export function relabel(editor, label) {
  editor.pickLabel(label.name);
  if (editor.readOnly) return;
  /** @type {Map<string, Shape>} */
  const shapes = new Map();
  const selected = editor.selection.ids().map((id) => {
    const value = named(editor, id, label);
    if (value) shapes.set(value.id, value);
    return value?.id ?? id;
  });
  const other = editor.selection.ids().map((id) => editor.find(id)).find((shape) => shape && !editor.takes(label.name, shape.type));
  if (shapes.size) {
    editor.history.change({ shapes });
    editor.selection.set(selected);
  }
  if (other) editor.flow.say(`${label.title} is not drawn as a ${other.type}.`);
}

/** @param {Editor} editor @param {string} id @param {LabelSpec} label @returns {Shape | null} null when it stays as it is */
function named(editor, id, label) {
  const shape = editor.store.get(id);
  const suggestion = shape ? undefined : editor.suggestions.get(id);
  if (!editor.takes(label.name, (shape ?? suggestion)?.type ?? "")) return null;
  if (suggestion) return accepted(suggestion, label);
  return shape && shape.label !== label.name ? renamed(shape, label) : null;
}

/** The label that a number key stands for: the recipe's own key, else its place. @param {Editor} editor @param {number} digit */
export function labelOfDigit(editor, digit) {
  const labels = [...editor.labels.values()];
  const own = labels.find(({ key }) => key === String(digit));
  return own ?? (labels[digit - 1]?.key ? undefined : labels[digit - 1]);
}

/** @type {Command[]} */
export const relabels = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => ({
  id: `label-${digit}`,
  group: "objects",
  label: "Label",
  family: "Label",
  keys: [String(digit)],
  enabled: (editor) => labelOfDigit(editor, digit) !== undefined,
  run(editor) {
    const label = labelOfDigit(editor, digit);
    if (label) relabel(editor, label);
  },
}));
