import { grown, kindOf } from "../shapes/index.js";
import { BESIDE } from "../unit.js";
import { stepped } from "./step.js";

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PAN = 60;

/**
 * One step on the screen, but never less than a picture pixel.
 * @param {Editor} editor
 * @param {(shape: Shape, dx: number, dy: number, picture: Size) => Shape} change
 * @param {number[]} direction
 */
function nudge(editor, change, [across, down]) {
  const step = Math.max(1, Math.round(1 / editor.viewport.scale));
  /** @type {Map<string, Shape>} */
  const shapes = new Map();
  for (const id of editor.selection.ids()) {
    const shape = editor.store.get(id);
    const value = shape && change(shape, across * step, down * step, editor.picture);
    const tidy = value && kindOf(value).tidy(value, editor.picture);
    if (tidy && !editor.owns(tidy)) return editor.flow.say(BESIDE);
    if (tidy) shapes.set(id, tidy);
  }
  if (shapes.size) editor.history.change({ shapes });
}

/** @param {Editor} editor */
const hasShapes = (editor) => !editor.readOnly && editor.selection.ids().some((id) => editor.store.has(id));

/** Arrows move what is selected, or the picture when nothing is. @type {Command[]} */
export const nudges = Object.entries(DIRECTIONS).flatMap(([key, direction]) => [
  {
    id: `move-${key}`,
    group: "objects",
    label: "Move; with nothing selected, pan",
    family: "Move; with nothing selected, pan",
    keys: [key],
    enabled: () => true,
    run(editor) {
      if (hasShapes(editor)) nudge(editor, stepped, direction);
      else editor.viewport.pan(-direction[0] * PAN, -direction[1] * PAN);
    },
  },
  {
    id: `resize-${key}`,
    group: "objects",
    label: "Resize",
    family: "Resize",
    keys: [`Shift+${key}`],
    enabled: hasShapes,
    run: (editor) => nudge(editor, grown, direction),
  },
]);
