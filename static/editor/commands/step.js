import { clamp } from "../geometry.js";
import { boundsOf, moved } from "../shapes/index.js";

/**
 * Moves a shape, up to the picture's edge: cut there, it would become smaller with every press.
 * @param {Shape} shape @param {number} dx @param {number} dy @param {Size} picture
 */
export function stepped(shape, dx, dy, picture) {
  const { x, y, width, height } = boundsOf(shape);
  return moved(shape, upTo(dx, -x, picture.width - x - width), upTo(dy, -y, picture.height - y - height));
}

/** What reaches over the edge already may come back. @param {number} step @param {number} low @param {number} high */
function upTo(step, low, high) {
  return clamp(step, Math.min(0, low), Math.max(0, high));
}
