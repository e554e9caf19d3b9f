import { kindOf } from "../shapes/index.js";
import { BESIDE } from "../unit.js";

/**
 * Ends a gesture that drew or changed shapes: cuts them to the picture, drops what became too small, and takes the
 * whole gesture back when a shape left the unit, since the server would not count it as this task's.
 * @param {Editor} editor
 * @param {Iterable<string>} ids
 * @returns {boolean} whether the gesture holds
 */
export function finishGesture(editor, ids) {
  for (const id of ids) {
    const shape = editor.store.get(id);
    const tidy = shape && kindOf(shape).tidy(shape, editor.picture);
    if (!tidy || !editor.owns(tidy)) {
      editor.history.cancel();
      editor.flow.say(tidy ? BESIDE : "An object needs an area and its middle on the picture.");
      return false;
    }
    if (tidy !== shape && !isSame(tidy, shape)) editor.put(tidy);
  }
  editor.history.commit();
  return true;
}

/** @param {Shape} a @param {Shape} b */
function isSame(a, b) {
  if (a.type === "box" && b.type === "box") {
    return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
  }
  return JSON.stringify(a) === JSON.stringify(b);
}
