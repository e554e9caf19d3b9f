const STEPS = [2, 6, 16];

/** Coarser outlines by shape, made when first drawn small. @type {WeakMap<Polygon, Map<number, Ring[][]>>} */
const made = new WeakMap();

/**
 * The outlines to draw when `tolerance` picture pixels cannot be told apart on the screen.
 * @param {Polygon} shape
 * @param {number} tolerance
 */
export function simplified(shape, tolerance) {
  const step = STEPS.findLast((one) => one <= tolerance);
  if (!step) return shape.parts;
  const steps = made.get(shape) ?? new Map();
  made.set(shape, steps);
  if (!steps.has(step)) steps.set(step, shape.parts.map((part) => part.map((ring) => thinned(ring, step))));
  return /** @type {Ring[][]} */ (steps.get(step));
}

/** Drops points that are nearer than `step` to the one kept before. @param {Ring} ring @param {number} step */
function thinned(ring, step) {
  /** @type {Ring} */
  const kept = [];
  for (const point of ring) {
    const last = kept[kept.length - 1];
    if (!last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= step) kept.push(point);
  }
  return kept.length >= 3 ? kept : ring.filter((_, k) => k % Math.floor(ring.length / 3) === 0);
}
