import { clamp, middle, rounded, turned } from "../geometry.js";

const SIDES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const CURSORS = ["nwse-resize", "ns-resize", "nesw-resize", "ew-resize"];
const LEAST = 1;

/** @type {ShapeKind<Box>} */
export const box = {
  bounds(shape) {
    if (!shape.rotation) return { x: shape.x, y: shape.y, width: shape.width, height: shape.height };
    const corners = cornersOf(shape);
    const x = Math.min(...corners.map((corner) => corner.x));
    const y = Math.min(...corners.map((corner) => corner.y));
    return {
      x,
      y,
      width: Math.max(...corners.map((corner) => corner.x)) - x,
      height: Math.max(...corners.map((corner) => corner.y)) - y,
    };
  },

  area(shape) {
    return shape.width * shape.height;
  },

  contains(shape, point) {
    const { x, y } = shape.rotation ? turned(point, middle(shape), -shape.rotation) : point;
    return x >= shape.x && y >= shape.y && x < shape.x + shape.width && y < shape.y + shape.height;
  },

  trace(path, shape) {
    const [first, ...others] = cornersOf(shape);
    path.moveTo(first.x, first.y);
    for (const corner of others) path.lineTo(corner.x, corner.y);
    path.closePath();
  },

  handles(shape) {
    const { x, y, width, height, rotation = 0 } = shape;
    const turn = Math.round(rotation / 45);
    return SIDES.map((name, index) => {
      const place = { x: x + (width * column(name)) / 2, y: y + (height * row(name)) / 2 };
      return { ...turned(place, middle(shape), rotation), name, cursor: CURSORS[(index + turn) % 4] };
    });
  },

  moved(shape, dx, dy) {
    return { ...shape, x: rounded(shape.x + dx), y: rounded(shape.y + dy) };
  },

  resized(shape, handle, to) {
    const centre = middle(shape);
    const local = turned(to, centre, -(shape.rotation ?? 0));
    const left = column(handle) === 0 ? local.x : shape.x;
    const right = column(handle) === 2 ? local.x : shape.x + shape.width;
    const top = row(handle) === 0 ? local.y : shape.y;
    const bottom = row(handle) === 2 ? local.y : shape.y + shape.height;
    const width = Math.abs(right - left);
    const height = Math.abs(bottom - top);
    const place = turned({ x: (left + right) / 2, y: (top + bottom) / 2 }, centre, shape.rotation ?? 0);
    return withRect(shape, place.x - width / 2, place.y - height / 2, width, height);
  },

  grown(shape, dx, dy) {
    const width = Math.max(LEAST, shape.width + dx);
    const height = Math.max(LEAST, shape.height + dy);
    return withRect(shape, shape.x, shape.y, width, height);
  },

  tidy(shape, picture) {
    // A turned box may reach over the edge: cutting it would change its angle. Its middle has to lie on the picture.
    if (shape.rotation) {
      const { x, y } = middle(shape);
      const lies = x >= 0 && y >= 0 && x <= picture.width && y <= picture.height;
      return lies && shape.width >= LEAST && shape.height >= LEAST ? shape : null;
    }
    const left = clamp(shape.x, 0, picture.width);
    const top = clamp(shape.y, 0, picture.height);
    const width = clamp(shape.x + shape.width, 0, picture.width) - left;
    const height = clamp(shape.y + shape.height, 0, picture.height) - top;
    return width >= LEAST && height >= LEAST ? withRect(shape, left, top, width, height) : null;
  },
};

/** @param {Box} shape @returns {Point[]} clockwise from the upper left */
function cornersOf(shape) {
  const { x, y, width, height } = shape;
  const corners = [
    { x, y },
    { x: x + width, y },
    { x: x + width, y: y + height },
    { x, y: y + height },
  ];
  return shape.rotation ? corners.map((corner) => turned(corner, middle(shape), shape.rotation ?? 0)) : corners;
}

/** @param {Box} shape @param {number} x @param {number} y @param {number} width @param {number} height */
function withRect(shape, x, y, width, height) {
  return { ...shape, x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height) };
}

/** 0 for the left side, 1 for the middle, 2 for the right. @param {string} name */
function column(name) {
  return name.includes("w") ? 0 : name.includes("e") ? 2 : 1;
}

/** 0 for the upper side, 1 for the middle, 2 for the lower. @param {string} name */
function row(name) {
  return name.startsWith("n") ? 0 : name.startsWith("s") ? 2 : 1;
}
