import { holds, padded } from "./geometry.js";
import { boundsOf, isDrawable } from "./shapes/index.js";

const CONTEXT = 0.4; // on each side, of the longer one
const LEAST = 24;

/** Screen pixels beside an object's crop. */
export const OBJECT_MARGIN = 12;

/** Said when a tile's task would have to own what belongs to the task beside it. */
export const BESIDE = "The middle of an object has to lie inside your tile. What lies beside it is another task.";

/**
 * The part of the picture that a task is about: all of it, a tile, or one object with what stands around it.
 * @param {Task} task @returns {Rect}
 */
export function regionOf(task) {
  const { unit, item } = task;
  const whole = { x: 0, y: 0, width: item.width, height: item.height };
  if (unit.kind !== "object") return unit.region ?? whole;
  const subject = subjectOf(task, task.annotations);
  // Where the object was when its task was made; it may have been moved since.
  const place = subject && isDrawable(subject) ? boundsOf(subject) : unit.region;
  return place ? cut(withContext(place), whole) : whole;
}

/** The one object that a task is about: an object's task has no other. @param {Task} task @param {Iterable<Shape>} shapes */
export function subjectOf({ unit }, shapes) {
  if (unit.kind !== "object") return undefined;
  const all = [...shapes];
  return all.find(({ id }) => id === unit.subject) ?? (unit.subject ? undefined : all[0]);
}

/** Enough of the surroundings to tell what a thing is, also where it is only a few pixels large. @param {Rect} bounds */
function withContext(bounds) {
  return padded(bounds, Math.max(LEAST, CONTEXT * Math.max(bounds.width, bounds.height)));
}

/** @param {Rect} rect @param {Rect} whole @returns {Rect} */
function cut(rect, whole) {
  if (holds(whole, rect)) return rect;
  const x = Math.max(rect.x, whole.x);
  const y = Math.max(rect.y, whole.y);
  const right = Math.min(rect.x + rect.width, whole.x + whole.width);
  const bottom = Math.min(rect.y + rect.height, whole.y + whole.height);
  return right > x && bottom > y ? { x, y, width: right - x, height: bottom - y } : whole;
}
