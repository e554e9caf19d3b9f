import { distance, rounded } from "../geometry.js";
import { clipped } from "./clip.js";
import { simplified } from "./simplify.js";

/** @type {ShapeKind<Polygon>} */
export const polygon = {
  bounds(shape) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [outer] of shape.parts) {
      for (const [x, y] of outer) {
        left = Math.min(left, x);
        top = Math.min(top, y);
        right = Math.max(right, x);
        bottom = Math.max(bottom, y);
      }
    }
    return { x: left, y: top, width: right - left, height: bottom - top };
  },

  area(shape) {
    let area = 0;
    for (const [outer, ...holes] of shape.parts) {
      area += ringArea(outer);
      for (const hole of holes) area -= ringArea(hole);
    }
    return area;
  },

  contains(shape, point) {
    let inside = false;
    for (const part of shape.parts) for (const ring of part) if (crosses(ring, point)) inside = !inside;
    return inside;
  },

  trace(path, shape, tolerance) {
    for (const part of simplified(shape, tolerance)) {
      for (const ring of part) {
        path.moveTo(ring[0][0], ring[0][1]);
        for (let k = 1; k < ring.length; k++) path.lineTo(ring[k][0], ring[k][1]);
        path.closePath();
      }
    }
  },

  handles(shape) {
    /** @type {Handle[]} */
    const handles = [];
    eachCorner(shape, (ring, place, k) => {
      const [x, y] = ring[k];
      const [x2, y2] = ring[(k + 1) % ring.length];
      handles.push({ name: `corner:${place}:${k}`, x, y, cursor: "move" });
      handles.push({ name: `edge:${place}:${k}`, x: (x + x2) / 2, y: (y + y2) / 2, cursor: "copy", insert: true });
    });
    return handles;
  },

  moved(shape, dx, dy) {
    return withPoints(shape, ([x, y]) => [x + dx, y + dy]);
  },

  resized(shape, handle, to) {
    const [kind, part, ring, index] = split(handle);
    return withRing(shape, part, ring, (points) => {
      const spot = kind === "edge" ? index + 1 : index;
      points.splice(spot, kind === "edge" ? 0 : 1, [rounded(to.x), rounded(to.y)]);
      return points;
    });
  },

  grown(shape, dx, dy) {
    const { x: left, y: top, width, height } = this.bounds(shape);
    const across = Math.max(1, width + dx) / Math.max(1, width);
    const down = Math.max(1, height + dy) / Math.max(1, height);
    return withPoints(shape, ([x, y]) => [left + (x - left) * across, top + (y - top) * down]);
  },

  tidy(shape, picture) {
    const parts = shape.parts
      .map((part) => part.map((ring) => withoutRepeats(clipped(ring, picture))).filter((ring, k) => k === 0 || ring.length >= 3))
      .filter(([outer]) => outer.length >= 3 && spreadOf(outer) >= 1);
    return parts.length ? { ...shape, parts } : null;
  },
};

/** The polygon without one corner, or null when fewer than three would be left. */
/** @param {Polygon} shape @param {string} handle @returns {Polygon | null} */
export function withoutCorner(shape, handle) {
  const [kind, part, ring, index] = split(handle);
  if (kind !== "corner" || shape.parts[part][ring].length <= 3) return null;
  return withRing(shape, part, ring, (points) => points.filter((_, k) => k !== index));
}

/** @param {Polygon} shape @param {(ring: Ring, place: string, k: number) => void} visit */
function eachCorner(shape, visit) {
  shape.parts.forEach((part, p) => part.forEach((ring, r) => ring.forEach((_, k) => visit(ring, `${p}:${r}`, k))));
}

/** @param {string} handle @returns {[string, number, number, number]} */
function split(handle) {
  const [kind, part, ring, index] = handle.split(":");
  return [kind, Number(part), Number(ring), Number(index)];
}

/** @param {Polygon} shape @param {(point: [number, number]) => [number, number]} place @returns {Polygon} */
function withPoints(shape, place) {
  const parts = shape.parts.map((part) =>
    part.map((ring) =>
      ring.map((point) => {
        const [x, y] = place(point);
        return /** @type {[number, number]} */ ([rounded(x), rounded(y)]);
      }),
    ),
  );
  return { ...shape, parts };
}

/** @param {Polygon} shape @param {number} part @param {number} ring @param {(points: Ring) => Ring} change */
function withRing(shape, part, ring, change) {
  const parts = shape.parts.map((rings, p) =>
    p === part ? rings.map((points, r) => (r === ring ? change([...points]) : points)) : rings,
  );
  return { ...shape, parts };
}

/** @param {Ring} ring */
function ringArea(ring) {
  let twice = 0;
  for (let k = 0; k < ring.length; k++) {
    const [x, y] = ring[k];
    const [x2, y2] = ring[(k + 1) % ring.length];
    twice += x * y2 - x2 * y;
  }
  return Math.abs(twice) / 2;
}

/** At least the area: the halves of an outline that crosses itself cancel out in that. @param {Ring} ring */
function spreadOf(ring) {
  let spread = 0;
  for (let k = 1; k + 1 < ring.length; k++) spread += ringArea([ring[0], ring[k], ring[k + 1]]);
  return spread;
}

/** Even-odd test of a ray to the right. @param {Ring} ring @param {Point} point */
function crosses(ring, point) {
  let odd = false;
  for (let k = 0, last = ring.length - 1; k < ring.length; last = k++) {
    const [x, y] = ring[k];
    const [x2, y2] = ring[last];
    if (y > point.y !== y2 > point.y && point.x < x + ((point.y - y) * (x2 - x)) / (y2 - y)) odd = !odd;
  }
  return odd;
}

/** @param {Ring} ring @returns {Ring} */
function withoutRepeats(ring) {
  return ring.filter(([x, y], k) => {
    const [x2, y2] = ring[(k + 1) % ring.length];
    return distance({ x, y }, { x: x2, y: y2 }) > 0.005;
  });
}
