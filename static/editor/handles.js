import { boundsOf, isDrawable, kindOf } from "./shapes/index.js";

const ROOM = 30;
const EDGE_ROOM = 26;

/**
 * The handles that fit on a shape at this scale: a box of under 30 screen pixels keeps its corners only, and an edge
 * that is too short offers no new corner.
 * @param {Shape} shape
 * @param {number} scale
 */
export function handlesOf(shape, scale) {
  if (!isDrawable(shape)) return [];
  const handles = kindOf(shape).handles(shape);
  const { width, height } = boundsOf(shape);
  if (shape.type === "box") {
    const small = Math.min(width, height) * scale < ROOM;
    return small ? handles.filter(({ name }) => name.length === 2) : handles;
  }
  return handles.filter((handle, k) => !handle.insert || roomBeside(handle, handles[k - 1]) * scale > EDGE_ROOM / 2);
}

/** @param {Point} edge @param {Point | undefined} corner */
function roomBeside(edge, corner) {
  return corner ? Math.hypot(edge.x - corner.x, edge.y - corner.y) : 0;
}
