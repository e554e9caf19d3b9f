import { middle } from "../geometry.js";
import { box } from "./box.js";
import { polygon } from "./polygon.js";

/** @type {Map<string, ShapeKind<any>>} */
const KINDS = new Map(Object.entries({ box, polygon }));

/** Bounds by shape: a shape never changes in place, so its bounds are computed once. @type {WeakMap<Shape, Rect>} */
const known = new WeakMap();

/** Whether the editor can draw and change this type. Others stay in the document untouched. @param {Shape} shape */
export function isDrawable(shape) {
  return KINDS.has(shape.type);
}

/** What is particular to the shape's type. @param {Shape} shape @returns {ShapeKind<any>} */
export function kindOf(shape) {
  const kind = KINDS.get(shape.type);
  if (!kind) throw new RangeError(`No shape type ${shape.type}`);
  return kind;
}

/** @param {Shape} shape @returns {Rect} */
export function boundsOf(shape) {
  let bounds = known.get(shape);
  if (!bounds) known.set(shape, (bounds = kindOf(shape).bounds(shape)));
  return /** @type {Rect} */ (bounds);
}

/** A box has its own middle, a polygon that of its bounds: the rule by which a unit owns a shape. */
/** @param {Shape} shape */
export function middleOf(shape) {
  return middle(boundsOf(shape));
}

/** @param {Shape} shape @param {number} dx @param {number} dy @returns {Shape} */
export function moved(shape, dx, dy) {
  return edited(kindOf(shape).moved(shape, dx, dy));
}

/** @param {Shape} shape @param {string} handle @param {Point} to @returns {Shape} */
export function resized(shape, handle, to) {
  return edited(kindOf(shape).resized(shape, handle, to));
}

/** @param {Shape} shape @param {number} dx @param {number} dy @returns {Shape} */
export function grown(shape, dx, dy) {
  return edited(kindOf(shape).grown(shape, dx, dy));
}

/** A suggestion that a person accepted and then changed says so. @param {Shape} shape @returns {Shape} */
export function edited(shape) {
  if (shape.source.kind !== "model" || shape.source.action === "edited") return shape;
  return { ...shape, source: { ...shape.source, action: "edited" } };
}
