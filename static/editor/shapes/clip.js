import { rounded } from "../geometry.js";

/** A ring cut at the picture's four sides, one after the other. @param {Ring} ring @param {Size} picture @returns {Ring} */
export function clipped(ring, { width, height }) {
  let points = cut(ring, ([x]) => x);
  points = cut(points, ([x]) => width - x);
  points = cut(points, ([, y]) => y);
  return cut(points, ([, y]) => height - y);
}

/** @param {Ring} ring @param {(point: [number, number]) => number} depth how far a point lies inside @returns {Ring} */
function cut(ring, depth) {
  return ring.flatMap((point, k) => {
    const last = /** @type {[number, number]} */ (ring.at(k - 1));
    const [before, now] = [depth(last), depth(point)];
    const crossing = before * now < 0 ? [between(last, point, before / (before - now))] : [];
    return now < 0 ? crossing : [...crossing, point];
  });
}

/** @param {[number, number]} a @param {[number, number]} b @param {number} share @returns {[number, number]} */
function between([x, y], [x2, y2], share) {
  return [rounded(x + (x2 - x) * share), rounded(y + (y2 - y) * share)];
}
